/** What several looks at a database show that one does not: progress, and which process really waits. Pure. */
import { commitsBetween, hasMoved, type KeptExclusive } from "../sqlite/commit-mark.ts";
import type { LockName } from "../sqlite/locks.ts";
import { keepsOthersOut, withWaits } from "./blockers.ts";
import type { FileFacts } from "./file-facts.ts";
import type { Related } from "./relate.ts";
import type { Blocker, Holder, Progress, Wait } from "./report.ts";

/** A process that has not run for so long, in ms, has not committed either. */
const ACTIVE_MS = 1000;

/** A holder that may have finished its transaction, and begun another, from one look to the next. */
export function isActive({ state, idleMs }: Pick<Holder, "state" | "idleMs">): boolean {
  return state !== "stopped" && state !== "traced" && (state === "running" || idleMs === null || idleMs < ACTIVE_MS);
}

/** A process that runs keeps others out, or one seems to wait for readers, which may be a passing moment. */
export function needsSecondLook({ holders, waits }: Pick<Related, "holders" | "waits">): boolean {
  return waits.some(({ sure }) => sure === "likely") || holders.some((each) => keepsOut(each) && isActive(each));
}

/** Readers, writers, or in rollback mode commits: a read that is about to end blocks a commit for a moment alone. */
function keepsOut(holder: Pick<Holder, "blocks">): boolean {
  return keepsOthersOut(holder) || holder.blocks.includes("commits");
}

export interface Look {
  readonly database: Pick<Related, "holders" | "waits">;
  readonly commits: FileFacts["commits"];
  /** When it was taken, in ms since the epoch. */
  readonly atMs: number;
  /** Not all locks could be seen. */
  readonly partial: boolean;
  /** It had not the time to read all locks, and the first look had: it refutes no wait. */
  readonly mayMiss?: boolean;
}

/**
 * The counter has moved, and no commit is proved to be over: the last one may still be open, or be of one that keeps
 * EXCLUSIVE (PRAGMA locking_mode=EXCLUSIVE). Or it is not known yet whether a read goes on.
 */
export function needsAnotherLook(looks: readonly Look[]): boolean {
  const counted = countedIn(looks);
  if (counted !== null && counted.commits > 0) return false;
  const released = releasedIn(looks);
  if (isReadOpen(looks, released)) return true;
  if (released.length > 0) return false;
  // A program that opens and closes a WAL database all the time leaves no counter.
  return counted?.counterMoved ?? looks[0]?.database.holders.some(keepsOthersOut) === true;
}

/** A process that runs had a read open in each look, in rollback mode: one read, or one after the other. */
function isReadOpen([first]: readonly Look[], released: readonly number[]): boolean {
  const readers = first?.database.holders.filter((each) => keepsOut(each) && !keepsOthersOut(each) && isActive(each));
  return readers?.some(({ pid }) => !released.includes(pid)) === true;
}

/** A hold that is proved, or likely, to be this old, in ms, is none of a short transaction. */
const SHORT_HOLD_MS = 1000;

/**
 * Some process that runs has kept others out in each look so far, nothing says that it has done so for long, and it
 * waits for none that has: a program of short transactions, or one that is stuck. Only time can tell.
 */
export function mayLetGoSoon(looks: readonly Look[]): boolean {
  const [first] = looks;
  const last = looks.at(-1);
  if (first === undefined || last === undefined || (countedIn(looks)?.commits ?? 0) > 0) return false;
  const released = new Set(releasedIn(looks));
  const since = blockersIn(first);
  const waiting = new Set(last.database.waits.flatMap(({ pid, blockedBy }) => (blockedBy.length > 0 ? pid : [])));
  return last.database.holders.some(
    (each) =>
      since.has(each.pid) && !released.has(each.pid) && !waiting.has(each.pid) && keepsOut(each) && mayBeShort(each),
  );
}

function mayBeShort(holder: Holder): boolean {
  return isActive(holder) && Math.max(holder.heldAtLeastMs ?? 0, holder.heldLikelyMs ?? 0) < SHORT_HOLD_MS;
}

/** The first look at a database, with what those after it show as well. */
export function withMoreLooks(first: Related, looks: readonly [Look, ...Look[]]): Related {
  const counted = countedIn(looks);
  const progress = progressOf(looks, counted);
  const waits = first.waits.flatMap((wait) => confirmedBy(looks.slice(1), wait, counted));
  const aged = withLaterAges(first, looks, progress?.inEachLook ?? []);
  return { ...first, ...aged, waits, blockers: withWaits(aged.blockers, waits), progress };
}

/** Of those that every look shows, the greatest age that one of them proves. */
function withLaterAges(
  { holders, blockers }: Related,
  looks: readonly Look[],
  inEachLook: readonly number[],
): Pick<Related, "holders" | "blockers"> {
  const provedOf = (pid: number) =>
    Math.max(
      -1,
      ...looks.flatMap(({ database }) => database.holders.find((each) => each.pid === pid)?.heldAtLeastMs ?? []),
    );
  const proved = new Map(inEachLook.map((pid) => [pid, provedOf(pid)]));
  const aged = <T extends Pick<Blocker, "pid" | "heldAtLeastMs">>(each: T): T => {
    const ms = each.pid === null ? undefined : proved.get(each.pid);
    return ms === undefined || ms <= (each.heldAtLeastMs ?? -1) ? each : { ...each, heldAtLeastMs: ms };
  };
  return { holders: holders.map(aged), blockers: blockers.map(aged) };
}

/** Null where neither commits can be counted, nor a lock was seen to be released. */
function progressOf(looks: readonly Look[], counted: Progress | null): Progress | null {
  const released = releasedIn(looks);
  const seen = [...new Set(looks.flatMap((look) => [...blockersIn(look)]))];
  const inEachLook = inEach(looks);
  const pids = {
    ...(seen.length === 0 ? {} : { seen }),
    ...(inEachLook.length === 0 ? {} : { looks: looks.length, inEachLook }),
  };
  if (released.length === 0) return counted === null ? null : { ...counted, ...pids };
  const withinMs = Math.max(0, (looks.at(-1)?.atMs ?? 0) - (looks[0]?.atMs ?? 0));
  return { ...(counted ?? { commits: 0, counterMoved: false, withinMs }), released, ...pids };
}

/** Which processes kept others out in every look, by the same activity; what a look may have missed shows none. */
function inEach(looks: readonly Look[]): number[] {
  const [first, ...others] = looks;
  if (first === undefined || others.length === 0) return [];
  const able = others.every(({ partial, mayMiss }) => !partial && mayMiss !== true);
  const same = ({ pid, activity }: Holder) =>
    others.every(({ database }) =>
      database.holders.some((each) => each.pid === pid && each.activity === activity && keepsOut(each)),
    );
  return able ? first.database.holders.filter((each) => keepsOut(each) && same(each)).map(({ pid }) => pid) : [];
}

/** Which processes blocked readers, writers or commits in the first look, and in a later one did not. */
function releasedIn([first, ...others]: readonly Look[]): number[] {
  const later = others.filter(({ partial }) => !partial).map(blockersIn);
  return first === undefined ? [] : [...blockersIn(first)].filter((pid) => later.some((pids) => !pids.has(pid)));
}

function blockersIn({ database }: Look): Set<number> {
  return new Set(database.holders.filter(keepsOut).map(({ pid }) => pid));
}

/** At least so many commits: of the whole time, or of its parts together. */
function countedIn(looks: readonly Look[]): Progress | null {
  const kept = keptExclusive(looks);
  const marks = looks.flatMap(({ commits }) => commits ?? []);
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined || marks.length < looks.length) return null;
  const whole = commitsBetween(first.mark, last.mark, kept);
  const parts = marks.slice(1).map((each, i) => commitsBetween((marks[i] ?? each).mark, each.mark, kept));
  if (whole === null || parts.includes(null)) return null;
  const together = parts.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  return {
    commits: Math.max(whole, together),
    counterMoved: hasMoved(first.mark, last.mark),
    withinMs: Math.round(last.readAtMs - first.readAtMs),
  };
}

/** Some process has EXCLUSIVE in all of them: it may never have let go of it. */
function keptExclusive(looks: readonly Look[]): KeptExclusive {
  const having = (name: LockName) =>
    looks.map(({ database }) => {
      const holders = database.holders.filter(({ locks }) =>
        locks.some((lock) => lock.name === name && lock.role === "database" && !lock.waiting),
      );
      return new Set(holders.map(({ pid }) => pid));
    });
  const [exclusive, reserved] = [having("EXCLUSIVE"), having("RESERVED")];
  const kept = [...(exclusive[0] ?? [])].filter((pid) => exclusive.every((pids) => pids.has(pid)));
  if (kept.length === 0) return "no";
  return kept.every((pid) => reserved.every((pids) => pids.has(pid))) ? "by-mode" : "by-vfs";
}

/** A commit or checkpoint that makes progress does not wait; what the kernel says needs no second look. */
function confirmedBy(others: readonly Look[], wait: Wait, progress: Progress | null): Wait[] {
  if (wait.for === "lock") return [wait];
  if (progress !== null && progress.commits > 0) return [];
  let { blockedBy, byUnknown } = wait;
  const able = others.filter(({ mayMiss }) => mayMiss !== true);
  for (const { database } of able) {
    const other = database.waits.find((each) => each.pid === wait.pid && each.for === wait.for);
    blockedBy = blockedBy.filter((pid) => other?.blockedBy.includes(pid) === true);
    byUnknown = byUnknown && other?.byUnknown === true;
  }
  if (blockedBy.length === 0 && !byUnknown) return [];
  const rests = others.some(({ database }) =>
    database.holders.some(({ pid, idleMs }) => pid === wait.pid && idleMs !== null && idleMs >= ACTIVE_MS),
  );
  const proved = progress !== null && able.length === others.length && !rests;
  return [{ ...wait, blockedBy, byUnknown, sure: proved ? "proved" : "likely" }];
}
