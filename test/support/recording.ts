/** Lines of a recording, for tests of what reads them: an unremarkable one of each kind. */
import type {
  BlockerFact,
  CallSite,
  CountsLine,
  LockLine,
  MetaLine,
  ProcessLine,
  RefusalLine,
  StatementFact,
  TransactionLine,
  WaitLine,
} from "../../src/recording/lines.ts";

import type { ConnectionLine, MisuseLine } from "../../src/recording/program/lines.ts";

const PATH = "/srv/app/db.sqlite3";
const WHO = { pid: 4250, startTicks: "1000", tid: 4250 } as const;

export function metaLine(given: Partial<MetaLine> = {}): MetaLine {
  return {
    ...{ type: "meta", schemaVersion: 1, sqlock: "0.1.0", source: "kernel", exact: true, because: "root" },
    ...{ startedAt: "2026-11-22T12:00:00.000+01:00", zone: "Europe/Berlin", kernel: "6.18.0", minWaitMs: 10 },
    startedMonotonicNs: "81234567890123",
    ...{ statements: true, literals: false, redacted: false, databases: [{ path: PATH, givenAs: "db.sqlite3" }] },
    ...given,
  };
}

export function processLine(given: Partial<ProcessLine> = {}): ProcessLine {
  return {
    ...{ type: "process", pid: WHO.pid, startTicks: "1000", name: "python3" },
    ...{
      commandLine: ["/usr/bin/python3", "manage.py", "import"],
      user: "web",
      uid: 1000,
      unit: null,
      unitManager: null,
      unitUid: null,
      container: null,
    },
    ...given,
  };
}

/** The write lock, held for 5 ms. */
export function lockLine(given: Partial<LockLine> = {}): LockLine {
  return {
    ...{ type: "lock", ...WHO, path: PATH, connection: 1, lock: "WRITE", lockType: "write", fromMs: 100, toMs: 105 },
    ...{ atLeast: false, sql: "begin immediate", callSite: null, ...given },
  };
}

/** 4242 has the write lock. */
export function blocker(given: Partial<BlockerFact> = {}): BlockerFact {
  return {
    ...{ pid: 4242, startTicks: "900", tid: 4242, lock: "WRITE", lockType: "write", fromMs: 800, heldMs: 1_000 },
    ...{ atLeast: false, sql: "begin immediate", callSite: null, blockedMs: 900, ...given },
  };
}

/** For the write lock, 900 ms long, granted. */
export function waitLine(given: Partial<WaitLine> = {}): WaitLine {
  return {
    ...{ type: "wait", ...WHO, path: PATH, connection: 1, lock: "WRITE", lockType: "write", fromMs: 900 },
    ...{ waitedMs: 900, attempts: 12, outcome: "granted", oversleptMs: 0 },
    result: given.outcome === "gave-up" ? "SQLITE_BUSY" : "SQLITE_DONE",
    ...{ sql: "insert into t values (?)", callSite: null, blockers: [blocker()], ...given },
  };
}

export function statement(given: Partial<StatementFact> = {}): StatementFact {
  return { sql: "insert into t values (?)", atMs: 100, ms: 1, result: "SQLITE_DONE", ...given };
}

/** One autocommitted insert, 5 ms long. */
export function transactionLine(given: Partial<TransactionLine> = {}): TransactionLine {
  return {
    ...{ type: "transaction", ...WHO, path: PATH, connection: 1, kind: "write", fromMs: 100, toMs: 105 },
    ...{ atLeast: false, outcome: "commit", insideMs: 5, outsideMs: 0, waitedMs: 0, writeFromMs: 100 },
    ...{ statements: [statement()], moreStatements: 0, callSite: null, ...given },
  };
}

export function refusalLine(given: Partial<RefusalLine> = {}): RefusalLine {
  return {
    ...{ type: "refusal", ...WHO, path: PATH, connection: 1, atMs: 500, result: "SQLITE_BUSY", why: "unknown" },
    ...{ sure: "proved", callMs: 0.1, sql: "insert into t values (?)", callSite: null, ...given },
  };
}

export function countsLine(given: Partial<CountsLine> = {}): CountsLine {
  return {
    ...{ type: "counts", fromMs: 0, toMs: 1_000, pid: WHO.pid, startTicks: "1000", path: PATH, holds: {} },
    ...{ transactions: 0, waits: { times: 0, totalMs: 0 }, optionalRefusals: 0, ...given },
  };
}

/** A line of the program's own code. */
export function callSite(line: number, given: Partial<CallSite> = {}): CallSite {
  return { file: "/srv/app/shop/views.py", line, function: "create_order", thread: null, task: null, ...given };
}

/** Opened and closed. */
export function connectionLine(given: Partial<ConnectionLine> = {}): ConnectionLine {
  return {
    ...{ type: "connection", ...WHO, id: 1, path: PATH, memory: null, driver: "sqlite3", timeoutMs: 5_000 },
    ...{ openedMs: 10, closedMs: 20, closed: "closed", openedAt: callSite(4), closedAt: callSite(9), ...given },
  };
}

export function misuseLine(given: Partial<MisuseLine> = {}): MisuseLine {
  return {
    ...{ type: "misuse", ...WHO, kind: "used-after-close", connectionId: 1, path: PATH, atMs: 30 },
    ...{ callSite: callSite(12), openedAt: callSite(4), closedAt: callSite(9), ...given },
  };
}
