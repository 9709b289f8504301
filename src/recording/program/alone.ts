/**
 * Lines of what the program alone tells: where only samples of the locks can be had, or the calls of its SQLite cannot
 * be seen from outside. Pure.
 */
import type {
  CountsLine,
  ProgramTransaction,
  RefusalLine,
  RefusalReason,
  TransactionLine,
  TransactionOutcome,
  WaitLine,
} from "../lines.ts";
import { changesData, kindOf } from "../sql/kind.ts";
import type { OpenTransaction, ProgramCall } from "./connection.ts";
import type { ProgramProcess } from "./process.ts";

/** SQLite's busy handler sleeps at least 1 ms: a shorter call has not waited. The rest is scheduling. */
const AT_ONCE_MS = 5;

/** As --min-wait: below, a call may as well have worked. */
const LONG_MS = 10;

/** Null: it took no lock. `how`: it is still open. */
export function aloneTransaction(
  { pid, startTicks }: ProgramProcess,
  transaction: OpenTransaction,
  path: string,
  how: "process-ended" | "open" | null,
): TransactionLine | null {
  const { first, read, wrote, end, statements, site, begun } = transaction;
  if (first === null) return null;
  const { tid } = first;
  // BEGIN IMMEDIATE has the lock when it returns: what it waited before is no part of the transaction
  const isAtOnce = first === begun && first === wrote && !first.flags.includes("w");
  const fromMs = isAtOnce ? first.toMs : first.fromMs;
  const toMs = end?.toMs ?? null;
  const isUpgrade = read !== null && wrote !== null && read.fromMs < wrote.fromMs;
  const insideMs = end === null ? null : Math.max(0, end.insideMs - (isAtOnce ? first.insideMs : 0));
  return {
    type: "transaction",
    ...{ pid, startTicks, tid: tid === 0 ? pid : tid, path, connection: null },
    kind: wrote === null ? "read" : isUpgrade ? "upgrade" : "write",
    ...{ fromMs, toMs, atLeast: toMs === null, outcome: how ?? outcomeOf(transaction), insideMs },
    outsideMs:
      toMs === null || insideMs === null ? null : Math.max(0, toMs - (isAtOnce ? fromMs : begun.fromMs) - insideMs),
    ...{ waitedMs: null, writeFromMs: wrote?.toMs ?? null, statements },
    moreStatements: Math.max(0, (end?.statements ?? 0) - statements.length),
    callSite: site,
    program: { ...transaction.facts(), alone: true },
  };
}

function outcomeOf({ end }: OpenTransaction): TransactionOutcome {
  switch (end?.outcome) {
    case "commit":
      return "commit";
    case "rollback":
    case "closed":
    case "collected":
      return "rollback";
    default:
      return "unknown";
  }
}

/** A statement outside of a transaction that took long enough to be listed: it is one. */
export function aloneStatement({ pid, startTicks }: ProgramProcess, call: ProgramCall, path: string): TransactionLine {
  const { connection, tid, fromMs, toMs, sql, site, insideMs } = call;
  const isWrite = wantsToWrite(call);
  const facts: ProgramTransaction = {
    connectionId: connection.id,
    alone: true,
    ...(isWrite && site !== null ? { wroteAt: site } : {}),
  };
  return {
    type: "transaction",
    ...{ pid, startTicks, tid: tid === 0 ? pid : tid, path, connection: null, kind: isWrite ? "write" : "read" },
    ...{ fromMs, toMs, atLeast: false, outcome: "commit", insideMs, waitedMs: null },
    outsideMs: Math.max(0, toMs - fromMs - insideMs),
    writeFromMs: isWrite ? fromMs : null,
    statements: sql.sql === null ? [] : [{ ...sql, atMs: fromMs, ms: insideMs, result: "SQLITE_DONE" }],
    ...{ moreStatements: 0, callSite: site, program: facts },
  };
}

/** A call that got SQLITE_BUSY or SQLITE_LOCKED. Why is what fits: no lock was seen. */
export function aloneRefusal(process: ProgramProcess, call: ProgramCall, path: string): RefusalLine {
  const { pid, startTicks } = process;
  const { connection, tid, fromMs, toMs, sql, site, result } = call;
  const callMs = call.times > 1 ? call.insideMs / call.times : toMs - fromMs;
  return {
    type: "refusal",
    ...{ pid, startTicks, tid: tid === 0 ? pid : tid, path, connection: null, atMs: fromMs + callMs, callMs },
    ...{ result: result ?? "SQLITE_BUSY", why: whyOf(process, call, path, callMs), sure: "likely", ...sql },
    ...{ callSite: site, connectionId: connection.id },
  };
}

/**
 * A call that wanted the write lock and took long: it has waited, if others had the lock meanwhile. Null: it is no such
 * call.
 */
export function perhapsWait({ pid, startTicks }: ProgramProcess, call: ProgramCall, path: string): WaitLine | null {
  const { connection, tid, fromMs, toMs, sql, site, flags } = call;
  const waitedMs = toMs - fromMs;
  if (call.times > 1 || waitedMs < LONG_MS || !wantsToWrite(call)) return null;
  return {
    type: "wait",
    ...{ pid, startTicks, tid: tid === 0 ? pid : tid, path, connection: null, lock: "WRITE", lockType: "write" },
    ...{ fromMs, waitedMs, attempts: 0, outcome: "granted", result: null, oversleptMs: 0, sure: "likely" },
    ...{ ...sql, callSite: site, connectionId: connection.id, blockers: [] },
    ...(flags.includes("w") && connection.transaction?.read != null ? { whileReading: true } : {}),
  };
}

function wantsToWrite({ flags, sql }: ProgramCall): boolean {
  if (flags.includes("w")) return true;
  const kind = sql.sql === null ? "unknown" : kindOf(sql.sql);
  if (flags.includes("b")) return kind === "begin-immediate" || kind === "begin-exclusive";
  return flags.includes("a") && changesData(kind);
}

function whyOf(process: ProgramProcess, call: ProgramCall, path: string, callMs: number): RefusalReason {
  const { connection, result, fromMs, toMs } = call;
  if (result?.startsWith("SQLITE_LOCKED") === true) return "inside-process";
  if (result === "SQLITE_BUSY_SNAPSHOT") return "snapshot";
  for (const each of process.calls.writing(path, fromMs, toMs))
    if (each.begun.connection !== connection) return "same-process";
  if (callMs >= AT_ONCE_MS) return "unknown"; // it has waited
  if (connection.timeoutMs === 0) return "no-wait";
  const { transaction } = connection;
  return transaction !== null && transaction.read !== null && transaction.wrote === null ? "deadlock" : "unknown";
}

/** Statements outside of a transaction: each is one. Of a failure: all but the first. */
export function aloneCounts({ pid, startTicks }: ProgramProcess, call: ProgramCall, path: string): CountsLine {
  const { fromMs, toMs, sql, times, insideMs, result, tid } = call;
  const counts = {
    ...({
      type: "counts",
      fromMs,
      toMs,
      pid,
      startTicks,
      path,
      holds: {},
      waits: null,
      optionalRefusals: null,
    } as const),
  };
  if (result !== null) return { ...counts, transactions: null, refusals: times - 1 };
  const isWrite = sql.sql !== null && changesData(kindOf(sql.sql));
  if (!isWrite) return { ...counts, transactions: times };
  return {
    ...{ ...counts, transactions: times, writeTransactions: times, commits: times },
    oneStatement: [{ ...sql, tid: tid === 0 ? pid : tid, times, heldMs: insideMs, ...site(call) }],
  };
}

function site({ site: at }: ProgramCall): { readonly callSite?: NonNullable<ProgramCall["site"]> } {
  return at === null ? {} : { callSite: at };
}
