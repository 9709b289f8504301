/** Who a recording says was in the way, against the logs of those programs. Pure. */

import { groupBy } from "../../src/features/integrity/group-by.ts";
import type { BlockerFact, WaitLine } from "../../src/recording/lines.ts";
import { type Call, isOk } from "./calls.ts";
import type { Hold, TrueTransaction } from "./holds.ts";

export interface BlockersGiven {
  readonly waits: readonly WaitLine[];
  readonly calls: readonly Call[];
  readonly transactions: readonly TrueTransaction[];
  readonly holds: readonly Hold[];
  readonly sinceMs: number;
  readonly hasGaps: boolean;
  readonly withoutStatements: ReadonlySet<number>;
}

interface Interval {
  readonly fromMs: number;
  toMs: number;
}

/** A lock may be told of some microseconds before the one before it is gone. */
const SLACK_MS = 0.05;
/** Kept from the first use of a connection to its close. */
const LASTING: ReadonlySet<string> = new Set(["DMS", "SHARED"]);

const text = (value: unknown) => JSON.stringify(value);

export function blockerMismatches(given: BlockersGiven): string[] {
  const { waits, calls, hasGaps } = given;
  const byPid = groupBy(calls, ({ pid }) => pid);
  const busyTimes = new Map([...byPid].map(([pid, own]) => [pid, timesOf(pid, own, given.transactions)]));
  return waits.flatMap((wait) => {
    if (wait.blockers.length === 0) return hasGaps ? [] : [`nobody in the way: ${text(wait)}`];
    return [
      ...wait.blockers.flatMap((blocker) => {
        const own = byPid.get(blocker.pid);
        if (own === undefined) return [`a stranger in the way: ${text(blocker)}`];
        return oneMismatch(wait, blocker, own, busyTimes.get(blocker.pid) ?? [], given);
      }),
      ...(hasGaps ? [] : [...certainMismatch(wait, given.holds), ...readerMismatches(wait, given.transactions)]),
    ];
  });
}

function oneMismatch(
  wait: WaitLine,
  blocker: BlockerFact,
  own: readonly Call[],
  times: readonly Interval[],
  { sinceMs, hasGaps, withoutStatements }: BlockersGiven,
): string[] {
  const found: string[] = [];
  const { fromMs, heldMs, pid, tid, lock, sql, atLeast } = blocker;
  const toMs = fromMs + heldMs;
  // It may wait for another process, and then for another connection of its own.
  const isOwn = pid === wait.pid;
  if (wait.withinProcess === true ? !isOwn : isOwn && tid === wait.tid) found.push(`in its own way: ${text(wait)}`);
  if (toMs < wait.fromMs - SLACK_MS || fromMs > wait.fromMs + wait.waitedMs + SLACK_MS)
    found.push(`not at that time: ${text(wait)}`);
  if (!LASTING.has(lock) && !times.some((time) => time.fromMs <= fromMs && toMs <= time.toMs))
    found.push(`held through by nobody's log: ${text(blocker)} of ${text(wait)}`);
  // What it had before the recording, or through a gap, was taken by a statement that was not seen.
  if (fromMs < sinceMs || atLeast) return found;
  const taker = own.find((each) => each.tid === tid && each.fromMs <= fromMs && fromMs <= each.toMs);
  if (taker === undefined) found.push(`taken in no call of it: ${text(blocker)}`);
  else if (!withoutStatements.has(pid) && taker.sql !== null && taker.sql !== sql && !(hasGaps && sql === null))
    found.push(`taken by another statement: ${text(blocker)} ${text(taker)}`);
  return found;
}

/** When a process may have locks: in calls, and in transactions; what overlaps is one. */
function timesOf(pid: number, calls: readonly Call[], transactions: readonly TrueTransaction[]): Interval[] {
  const all: Interval[] = [
    ...calls.map(({ fromMs, toMs }) => ({ fromMs, toMs })),
    ...transactions
      .filter((each) => each.pid === pid)
      .map(({ first, last }) => ({ fromMs: first.fromMs, toMs: last?.toMs ?? Number.POSITIVE_INFINITY })),
  ].sort((a, b) => a.fromMs - b.fromMs);
  const merged: Interval[] = [];
  for (const each of all) {
    const before = merged.at(-1);
    if (before !== undefined && each.fromMs <= before.toMs) before.toMs = Math.max(before.toMs, each.toMs);
    else merged.push({ ...each });
  }
  return merged;
}

/** Who had the write lock for certain when it was refused is named. */
function certainMismatch(wait: WaitLine, holds: readonly Hold[]): string[] {
  if (wait.lock !== "WRITE" && wait.lock !== "RESERVED") return [];
  const hold = holds.find(
    ({ path, pid, fromMs, toMs }) =>
      path === wait.path && pid !== wait.pid && fromMs <= wait.fromMs && wait.fromMs <= toMs,
  );
  if (hold === undefined || wait.blockers.some(({ pid }) => pid === hold.pid)) return [];
  return [`${hold.pid} had it by its log: ${text(wait)} ${text(hold.transaction.writer)}`];
}

/** Rollback mode: whoever read all the time in which another one could not commit is named. */
function readerMismatches(wait: WaitLine, transactions: readonly TrueTransaction[]): string[] {
  if (wait.lock !== "EXCLUSIVE") return [];
  const untilMs = wait.fromMs + wait.waitedMs;
  return transactions
    .filter(({ pid, path, calls, last, outcome }) => {
      const reader = calls.find((call) => isOk(call) && !/^begin/i.test(call.sql ?? "begin"));
      if (path !== wait.path || pid === wait.pid || reader === undefined) return false;
      if (last === null && outcome !== "open") return false;
      return reader.toMs <= wait.fromMs && (last?.fromMs ?? Number.POSITIVE_INFINITY) >= untilMs;
    })
    .filter(({ pid }) => !wait.blockers.some((blocker) => blocker.pid === pid))
    .map(({ first }) => `it read all the time, and is not named: ${text(wait)} ${text(first)}`);
}
