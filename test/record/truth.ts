/**
 * A recording against what the recorded programs logged of themselves: every wait, none invented; blockers, statements,
 * transactions. Each mismatch is a line that says what is wrong. Pure.
 */

import { groupBy } from "../../src/features/integrity/group-by.ts";
import type { LockLine, RecordingLine, RefusalLine, TransactionLine, WaitLine } from "../../src/recording/lines.ts";
import { blockerMismatches } from "./blockers.ts";
import { type Call, type Interval, isBusy, isBusyCheckpoint, isLocked, isOk } from "./calls.ts";
import { certainHolds, type Hold, type TrueTransaction, transactionsOf } from "./holds.ts";
import { transactionMismatches } from "./transactions.ts";
import { UnseenTimes } from "./unseen.ts";

export interface Given {
  readonly calls: readonly Call[];
  readonly lines: readonly RecordingLine[];
  /** Killed, or ended without closing. */
  readonly endedPids?: ReadonlySet<number>;
  /** What began before this is only a matter of luck: the recorder had not begun, or the statements were not known. */
  readonly sinceMs: number;
  readonly endMs: number;
  /** Events were lost: what is said must be true, but not all is said. */
  readonly hasGaps?: boolean;
  /** Processes whose statements cannot be known: locks only. */
  readonly withoutStatements?: ReadonlySet<number>;
}

export interface Recorded {
  readonly waits: readonly WaitLine[];
  readonly refusals: readonly RefusalLine[];
  readonly transactions: readonly TransactionLine[];
  readonly locks: readonly LockLine[];
}

export interface Truth {
  readonly waits: number;
  readonly gaveUp: number;
  readonly refusals: number;
  /** Results SQLITE_BUSY and checkpoints that were kept busy, by the programs' logs. */
  readonly busy: number;
  readonly locked: number;
  readonly transactions: number;
  readonly blockers: number;
  /** The programs' transactions of which the recording says that it does not know all. */
  readonly unseen: number;
  /** What a call took beside its wait, ms, sorted: of those that do nothing but wait. */
  readonly besidesMs: readonly number[];
  readonly mismatches: readonly string[];
}

/** A call that asked for locks while another process had so long to go with its own must have waited. */
const CERTAIN_WAIT_MS = 50;

export function compare(given: Given): Truth {
  const { calls, sinceMs, endMs, endedPids = new Set<number>(), hasGaps = false } = given;
  const recorded = linesOf(given.lines);
  const since = <Line extends { fromMs: number }>(lines: readonly Line[]) =>
    lines.filter(({ fromMs }) => fromMs >= sinceMs);
  const waits = since(recorded.waits);
  const refusals = recorded.refusals.filter(({ atMs, callMs }) => atMs - callMs >= sinceMs);
  const counted = calls.filter(({ fromMs }) => fromMs >= sinceMs);
  const expected = transactionsOf(calls, endedPids);
  const holds = certainHolds(expected, endMs);
  const busy = counted.filter((call) => isBusy(call) || isBusyCheckpoint(call));
  const locked = counted.filter(isLocked);
  const withoutStatements = given.withoutStatements ?? new Set<number>();
  const untilEnd = (ms: number | null | undefined) => ms ?? Number.POSITIVE_INFINITY;
  const spanOf = (path: string | null, fromMs: number, toMs: number | null | undefined) => ({
    ...{ path, fromMs, toMs: untilEnd(toMs) },
  });
  const spanOfTrue = ({ path, first, last }: TrueTransaction) => spanOf(path, first.fromMs, last?.toMs);
  const spanOfCall = ({ path, fromMs, toMs }: Call) => spanOf(path, fromMs, toMs);
  const unseen = new UnseenTimes(given.lines, [
    ...calls.filter(({ path }) => path !== null).map(spanOfCall),
    ...expected.map(spanOfTrue),
  ]);
  const isSeen = (span: Parameters<UnseenTimes["has"]>[0]) => unseen.isEmpty || !unseen.has(span);
  const seen = {
    waits: waits.filter((wait) => isSeen(spanOf(wait.path, wait.fromMs, endOf(wait)))),
    refusals: refusals.filter(({ path, atMs, callMs }) => isSeen(spanOf(path, atMs - callMs, atMs))),
    counted: counted.filter((call) => isSeen(spanOfCall(call))),
    holds: holds.filter(({ path, fromMs, toMs }) => isSeen(spanOf(path, fromMs, toMs))),
    expected: expected.filter((each) => isSeen(spanOfTrue(each))),
    recorded: recorded.transactions.filter(({ path, fromMs, toMs }) => isSeen(spanOf(path, fromMs, toMs))),
  };
  const isWithin = (call: Call) => seen.counted.includes(call);
  const blockersGiven = { calls, transactions: expected, holds, sinceMs, withoutStatements };
  const transactionsGiven = { calls, sinceMs, withoutStatements };
  const what = (isAll: boolean): string[] => {
    const its = isAll ? { waits, refusals, expected, recorded: recorded.transactions } : seen;
    const isLax = isAll && (hasGaps || !unseen.isEmpty);
    const of = (list: readonly Call[]) => (isAll ? list : list.filter(isWithin));
    return [
      ...resultMismatches(of(busy), of(locked), its.waits, its.refusals, withoutStatements, isLax),
      ...waitMismatches(its.waits, calls, withoutStatements, isLax),
      ...blockerMismatches({ ...blockersGiven, waits: its.waits, hasGaps: isLax }),
      ...transactionMismatches({
        ...{ ...transactionsGiven, recorded: its.recorded, expected: its.expected, hasGaps: isLax },
      }),
    ];
  };
  const mismatches = [
    ...what(true),
    ...(unseen.isEmpty || hasGaps ? [] : what(false)),
    ...(hasGaps ? [] : missedWaits(seen.counted, expected, seen.holds, waits, refusals, recorded.locks)),
    ...conflicts(recorded.locks),
    ...(hasGaps ? [] : missedHolds(seen.holds, recorded.locks, sinceMs, withoutStatements)),
    ...(hasGaps ? [] : durationMismatches(seen.waits, calls)),
    ...(hasGaps || !unseen.isEmpty ? [] : countMismatches(given.lines, calls, endedPids)),
  ];
  return {
    waits: waits.length,
    gaveUp: waits.filter(({ outcome }) => outcome === "gave-up").length,
    refusals: refusals.length,
    busy: busy.length,
    locked: locked.length,
    transactions: recorded.transactions.length,
    blockers: waits.reduce((sum, { blockers }) => sum + blockers.length, 0),
    unseen: expected.length - seen.expected.length,
    besidesMs: besides(waits, calls),
    mismatches,
  };
}

export function linesOf(lines: readonly RecordingLine[]): Recorded {
  return {
    waits: lines.filter((line) => line.type === "wait"),
    refusals: lines.filter((line) => line.type === "refusal"),
    transactions: lines.filter((line) => line.type === "transaction"),
    locks: lines.filter((line) => line.type === "lock"),
  };
}

const endOf = (line: WaitLine | RefusalLine) => (line.type === "wait" ? line.fromMs + line.waitedMs : line.atMs);

const text = (value: unknown) => JSON.stringify(value);

/** The programs' own count is that of the waits that gave up and of the refusals, each with its call. */
function resultMismatches(
  busy: readonly Call[],
  locked: readonly Call[],
  waits: readonly WaitLine[],
  refusals: readonly RefusalLine[],
  withoutStatements: ReadonlySet<number>,
  hasGaps: boolean,
): string[] {
  const told: (WaitLine | RefusalLine)[] = [...waits.filter(({ outcome }) => outcome === "gave-up"), ...refusals];
  const found: string[] = [];
  for (const call of [...busy, ...locked]) {
    if (withoutStatements.has(call.pid)) continue;
    const index = told.findIndex(
      (line) =>
        line.tid === call.tid &&
        (line.sql === call.sql || (hasGaps && line.sql === null)) &&
        endOf(line) >= call.fromMs &&
        endOf(line) <= call.toMs &&
        (!isLocked(call) || line.result?.startsWith("SQLITE_LOCKED") === true),
    );
    if (index >= 0) told.splice(index, 1);
    else if (!hasGaps) found.push(`not told: ${text(call)}`);
  }
  // After a gap what was lost of a wait makes it a refusal: it is one call all the same.
  return [...found, ...told.map((line) => `told, but no program got it: ${text(line)}`)];
}

/** None is invented: each lies within one call of its thread, with its statement. */
function waitMismatches(
  waits: readonly WaitLine[],
  calls: readonly Call[],
  withoutStatements: ReadonlySet<number>,
  hasGaps: boolean,
): string[] {
  const byTid = groupBy(calls, ({ tid }) => tid);
  return waits.flatMap((wait) => {
    const { fromMs, sql, tid, pid, outcome } = wait;
    const endMs = endOf(wait);
    const own = (byTid.get(tid) ?? []).filter((call) => call.pid === pid);
    const call = own.find((each) => each.fromMs <= fromMs && fromMs <= each.toMs);
    if (call === undefined) return [`no call of the program: ${text(wait)}`];
    if (withoutStatements.has(pid)) {
      const ends = own.some((each) => each.fromMs <= endMs && endMs <= each.toMs);
      return ends ? [] : [`no call of the program at its end: ${text(wait)}`];
    }
    if (outcome === "killed" || outcome === "still") {
      return call.toMs >= endMs ? [] : [`the call had ended: ${text(wait)} ${text(call)}`];
    }
    if (endMs > call.toMs) return [`longer than its call: ${text(wait)} ${text(call)}`];
    if (call.sql !== null && sql !== call.sql && !(hasGaps && sql === null))
      return [`another statement: ${text(wait)} ${text(call)}`];
    if (outcome === "granted" && !isOk(call) && !isBusy(call)) return [`granted? ${text(wait)} ${text(call)}`];
    return [];
  });
}

/** Every wait is found: by the busy handler's own count, and where a lock of another process leaves no doubt. */
function missedWaits(
  calls: readonly Call[],
  transactions: readonly TrueTransaction[],
  holds: readonly Hold[],
  waits: readonly WaitLine[],
  refusals: readonly RefusalLine[],
  locks: readonly LockLine[],
): string[] {
  const locksByTid = groupBy(locks, ({ tid }) => tid);
  const written = groupBy(transactions, ({ writer }) => writer);
  return calls.flatMap((call) => {
    const isIn = (line: WaitLine | RefusalLine) =>
      line.tid === call.tid && endOf(line) >= call.fromMs && endOf(line) <= call.toMs;
    const own = waits.filter(isIn);
    if (call.handled !== null && call.handled > 0 && own.length === 0 && !refusals.some(isIn))
      return [`waited, and is not told: ${text(call)}`];
    if (call.handled === 0 && own.some((wait) => wait.outcome === "granted" && wait.attempts > 0 && !isRetried(wait)))
      return [`told to wait, without a busy handler: ${text(call)} ${text(own)}`];
    if (own.length > 0 || refusals.some(isIn)) return [];
    if (call.refused?.length === 0) return [];
    const paths = (written.get(call) ?? []).map(({ path }) => path);
    // On a busy machine it may be long until a call asks for its first lock.
    const asked = (locksByTid.get(call.tid) ?? []).map(({ fromMs }) => fromMs).filter((ms) => ms >= call.fromMs);
    const askedMs = Math.min(...asked);
    const hold = holds.find(
      ({ pid, path, fromMs, toMs }) =>
        pid !== call.pid && paths.includes(path) && call.fromMs > fromMs && askedMs < toMs - CERTAIN_WAIT_MS,
    );
    return hold === undefined ? [] : [`must have waited: ${text(call)} for ${text(hold.transaction.writer)}`];
  });
}

/** For a read mark that another one moves, and a -shm that another one opens, SQLite tries again by itself. */
function isRetried({ lock, lockType }: WaitLine): boolean {
  return (/^READ\d$/.test(lock) && lockType === "read") || lock === "DMS";
}

/** No two processes have conflicting locks at a time. */
function conflicts(locks: readonly LockLine[]): string[] {
  // SHARED and EXCLUSIVE are of the same bytes
  const groups = groupBy(locks, ({ path, lock }) => `${path} ${lock === "EXCLUSIVE" ? "SHARED" : lock}`);
  return [...groups.values()].flatMap((group) => {
    const sorted = [...group].sort((a, b) => a.fromMs - b.fromMs);
    const open: LockLine[] = [];
    return sorted.flatMap((line) => {
      const still = open.filter(({ toMs }) => toMs === null || toMs > line.fromMs + 0.001);
      open.splice(0, open.length, ...still, line);
      return still
        .filter((other) => other.pid !== line.pid && (other.lockType === "write" || line.lockType === "write"))
        .map((other) => `two holders: ${text(other)} ${text(line)}`);
    });
  });
}

const WRITE_LOCKS: ReadonlySet<string> = new Set(["WRITE", "RESERVED", "EXCLUSIVE"]);

/** Whoever had the write lock for certain has a line that covers that, with the statement that took it. */
function missedHolds(
  holds: readonly Hold[],
  locks: readonly LockLine[],
  sinceMs: number,
  withoutStatements: ReadonlySet<number>,
): string[] {
  return holds.flatMap(({ pid, path, fromMs, toMs, transaction }) => {
    if (transaction.first.fromMs < sinceMs) return [];
    const line = locks.find(
      (each) =>
        each.pid === pid &&
        each.path === path &&
        WRITE_LOCKS.has(each.lock) &&
        each.lockType === "write" &&
        each.fromMs <= fromMs &&
        (each.toMs === null || each.toMs >= toMs),
    );
    if (line === undefined) return [`no line of this lock: ${text([pid, fromMs, toMs, transaction.writer])}`];
    if (!withoutStatements.has(pid) && line.sql !== transaction.writer?.sql)
      return [`taken by another statement: ${text(line)} ${text(transaction.writer)}`];
    return [];
  });
}

/** BEGIN IMMEDIATE only takes locks: what it took beside its waits is the clocks' and the machine's. */
function besides(waits: readonly WaitLine[], calls: readonly Call[]): number[] {
  const byTid = groupBy(waits, ({ tid }) => tid);
  const found = calls.flatMap(({ sql, tid, fromMs, toMs }) => {
    if (sql === null || !/^begin (immediate|exclusive)/i.test(sql)) return [];
    const own = (byTid.get(tid) ?? []).filter((wait) => fromMs <= wait.fromMs && endOf(wait) <= toMs);
    return own.length === 0 ? [] : toMs - fromMs - unionMs(own);
  });
  return found.sort((a, b) => a - b);
}

/** A clock is read before an event and after it, and the event has the time of the kernel. */
const CLOCK_MS = 0.02;

/**
 * A wait begins when fcntl() refused the lock, and ends when it granted one, each as the program saw it: however busy
 * the machine is.
 */
function durationMismatches(waits: readonly WaitLine[], calls: readonly Call[]): string[] {
  const byTid = groupBy(calls, ({ tid }) => tid);
  return waits.flatMap((wait) => {
    const call = byTid.get(wait.tid)?.find((each) => each.fromMs <= wait.fromMs && wait.fromMs <= each.toMs);
    if (call === undefined || call.refused === null || call.granted === null || wait.attempts === 0) return [];
    const isAt = (ms: number) => (times: Interval) => times[0] - CLOCK_MS <= ms && ms <= times[1] + CLOCK_MS;
    // A lock that was got, and dropped for a stale snapshot: the wait is from then on.
    const begins = [...call.refused, ...call.granted].some(isAt(wait.fromMs));
    const ends = wait.outcome !== "granted" || call.granted.some(isAt(endOf(wait)));
    return begins && ends ? [] : [`at another time than the program's: ${text(wait)} ${text(call)}`];
  });
}

/** Each attempt that fcntl() refused is one of a wait, or one that no call needed. */
function countMismatches(lines: readonly RecordingLine[], calls: readonly Call[], endedPids: ReadonlySet<number>) {
  return [...groupBy(calls, ({ pid }) => pid)].flatMap(([pid, own]) => {
    const inRecording = own.filter(({ fromMs, op }) => fromMs >= 0 && op !== "open");
    if (endedPids.has(pid) || inRecording.some(({ refused }) => refused === null)) return [];
    const logged = inRecording.reduce((sum, { refused }) => sum + (refused?.length ?? 0), 0);
    const told = lines.reduce((sum, line) => {
      if (line.type === "wait" && line.pid === pid) return sum + line.attempts;
      return line.type === "counts" && line.pid === pid ? sum + (line.optionalRefusals ?? 0) : sum;
    }, 0);
    return told === logged ? [] : [`${told} refused attempts are told of ${pid}, and it logged ${logged}`];
  });
}

/** For SHARED and for RESERVED, at times one within the other. */
function unionMs(waits: readonly WaitLine[]): number {
  let untilMs = Number.NEGATIVE_INFINITY;
  return [...waits]
    .sort((a, b) => a.fromMs - b.fromMs)
    .reduce((sum, wait) => {
      const ms = Math.max(0, endOf(wait) - Math.max(wait.fromMs, untilMs));
      untilMs = Math.max(untilMs, endOf(wait));
      return sum + ms;
    }, 0);
}
