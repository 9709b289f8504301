/** What a recording found, for tests of its words: an import that kept 14 writers waiting. */
import type { BlockerFact, MetaLine, TransactionLine, WaitLine } from "../../src/recording/lines.ts";
import type { Behind, ProcessSummary, RecordingVerdict, SummaryLine } from "../../src/recording/summary-line.ts";

export const META: MetaLine = {
  type: "meta",
  schemaVersion: 1,
  sqlock: "0.1.0",
  source: "kernel",
  exact: true,
  because: "best",
  startedAt: new Date(2026, 10, 28, 12, 3, 0).toISOString(),
  startedMonotonicNs: "81234567890123",
  zone: "UTC",
  kernel: "6.18.0",
  minWaitMs: 10,
  statements: true,
  literals: false,
  redacted: false,
  databases: [{ path: "/srv/app/db.sqlite3", givenAs: "db.sqlite3" }],
};

const PATH = "/srv/app/db.sqlite3";

export const BLOCKER: BlockerFact = {
  pid: 4242,
  startTicks: "100",
  tid: 4242,
  lock: "WRITE",
  lockType: "write",
  fromMs: 812.4,
  heldMs: 5800.5,
  atLeast: false,
  sql: "begin immediate",
  callSite: null,
  blockedMs: 5800,
};

export function waitLine(known: Partial<WaitLine> = {}): WaitLine {
  return {
    type: "wait",
    pid: 4250,
    startTicks: "200",
    tid: 4250,
    path: PATH,
    connection: null,
    lock: "WRITE",
    lockType: "write",
    fromMs: 900.1,
    waitedMs: 5851.2,
    attempts: 60,
    outcome: "gave-up",
    result: "SQLITE_BUSY",
    oversleptMs: 0,
    sql: "insert into orders(customer, total, created_at) values(?, ?, ?)",
    callSite: null,
    blockers: [BLOCKER],
    ...known,
  };
}

export function transactionLine(known: Partial<TransactionLine> = {}): TransactionLine {
  return {
    type: "transaction",
    pid: 4242,
    startTicks: "100",
    tid: 4242,
    path: PATH,
    connection: 3,
    kind: "write",
    fromMs: 812.4,
    toMs: 6612.9,
    atLeast: false,
    outcome: "commit",
    insideMs: 174,
    outsideMs: 5626.5,
    waitedMs: 0,
    writeFromMs: 812.4,
    statements: [
      { sql: "begin immediate", atMs: 812.4, ms: 0.1, result: "SQLITE_DONE" },
      {
        sql: "insert into products(name, price) values(?, ?)",
        atMs: 820,
        ms: 0.05,
        result: "SQLITE_DONE",
        times: 3000,
      },
      { sql: "commit", atMs: 6610, ms: 2.9, result: "SQLITE_DONE" },
    ],
    moreStatements: 0,
    callSite: null,
    ...known,
  };
}

const NONE = { times: 0, totalMs: 0, longestMs: 0, atLeast: false } as const;

export function processSummary(known: Partial<ProcessSummary> = {}): ProcessSummary {
  return {
    pid: 4242,
    startTicks: "100",
    name: "python3",
    commandLine: ["/usr/bin/python3", "manage.py", "import"],
    user: "web",
    unit: null,
    container: null,
    writes: { times: 1, totalMs: 5800.5, longestMs: 5800.5, atLeast: false },
    reads: NONE,
    checkpoints: NONE,
    transactions: 1,
    commits: 1,
    waits: NONE,
    refusedAttempts: 0,
    gaveUp: 0,
    refusals: 0,
    optionalRefusals: 0,
    blockedOthersMs: 58_000,
    runs: NONE,
    locked: 0,
    ...known,
  };
}

export const BEHIND: Behind = {
  pid: 4242,
  startTicks: "100",
  path: PATH,
  lock: "WRITE",
  lockType: "write",
  waits: 14,
  refused: 0,
  processRefused: 0,
  blockedMs: 58_000,
  share: 1,
  processShare: 1,
  holds: null,
  sql: "begin immediate",
  callSite: null,
  longest: {
    fromMs: 812.4,
    heldMs: 5800.5,
    atLeast: false,
    toMs: 6612.9,
    transactionMs: 5800.5,
    outsideMs: 5626.5,
    firstSql: "begin immediate",
    lastSql: "commit",
    outcome: "commit",
    keptAfterEndMs: null,
  },
};

export function verdict(known: Partial<RecordingVerdict> = {}): RecordingVerdict {
  return {
    state: "refusals",
    exact: true,
    atLeast: false,
    waiting: { processes: 14, threads: 14, writers: 14, readers: 0, checkpointers: 0 },
    waits: 14,
    refusedAttempts: 312,
    waitedMs: 58_000,
    longestWaitMs: 5851.2,
    gaveUp: 3,
    refusals: 0,
    ended: { granted: 11, busy: 3, locked: 0, unfinished: 0, killed: 0, still: 0, unknown: 0 },
    atOnce: 0,
    longWaits: 14,
    causes: [{ cause: "timeout", times: 3, sure: "proved", longestMs: 0 }],
    runs: NONE,
    withinProcess: NONE,
    refusedBehind: [],
    behind: [BEHIND],
    behindStatements: [],
    unknownShare: 0,
    oversleptShare: 0,
    ...known,
  };
}

export function summaryLine(known: Partial<SummaryLine> = {}): SummaryLine {
  const waiter = processSummary({
    pid: 4250,
    startTicks: "200",
    name: "gunicorn",
    commandLine: ["gunicorn: worker [app]"],
    waits: { times: 5, totalMs: 20_000, longestMs: 5851.2, atLeast: false },
    writes: { times: 1204, totalMs: 1500, longestMs: 14.2, atLeast: false },
    refusedAttempts: 280,
    gaveUp: 3,
    blockedOthersMs: 0,
    commits: 1204,
  });
  return {
    type: "summary",
    durationMs: 30_000,
    exact: true,
    atLeast: false,
    verdict: verdict(),
    totals: {
      writeHolds: 1205,
      transactions: 1300,
      writeTransactions: 1205,
      commits: 1205,
      waits: 14,
      waitedMs: 58_000,
      refusedAttempts: 312,
      gaveUp: 3,
      refusals: 0,
      optionalRefusals: 14_000,
      processes: 15,
      lostEvents: 0,
      gaps: 0,
    },
    databases: [],
    waits: [
      waitLine(),
      waitLine({
        outcome: "granted",
        result: null,
        waitedMs: 712,
        attempts: 9,
        oversleptMs: 90,
        sql: "delete from sessions where expires < ?",
      }),
    ],
    moreWaits: 12,
    transactions: [
      transactionLine(),
      transactionLine({
        pid: 4250,
        startTicks: "200",
        kind: "upgrade",
        fromMs: 100,
        toMs: 190,
        insideMs: 80,
        outsideMs: 10,
        outcome: "rollback",
        statements: [
          { sql: "select id from orders where customer = ?", atMs: 100, ms: 2, result: "SQLITE_ROW" },
          { sql: "update orders set total = ? where id = ?", atMs: 150, ms: 2, result: "SQLITE_BUSY" },
        ],
      }),
    ],
    moreTransactions: 1298,
    processes: [processSummary(), waiter],
    moreProcesses: 13,
    patterns: [
      {
        id: "think-time",
        severity: "warning",
        sure: "proved",
        path: PATH,
        pids: [4242],
        sql: "begin immediate",
        evidence: {
          transactions: 1,
          longestMs: 5800.5,
          longestOutsideMs: 5626.5,
          totalMs: 5800.5,
          totalOutsideMs: 5626.5,
          blockedMs: 58_000,
        },
        fix: "commit-before-work",
        explain: "transaction",
      },
      {
        id: "one-transaction-per-row",
        severity: "info",
        sure: "proved",
        path: PATH,
        pids: [4250],
        sql: "insert into orders(customer, total, created_at) values(?, ?, ?)",
        evidence: { commits: 3000, heldMs: 900, overMs: 6000 },
        fix: "one-transaction",
        explain: "transaction",
      },
    ],
    unknown: {
      lines: [{ what: "sql", why: "no-symbols", pids: [4251] }],
      gaps: { times: 0, totalMs: 0, lostEvents: 0 },
      waitsWithoutBlocker: 0,
      waitsWithoutStatement: 0,
      transactionsWithoutStatement: 0,
      waitsWithoutOutcome: 0,
      foldedUntilMs: null,
    },
    ...known,
  };
}
