/** Which process waits for which, as the locks show it: the cause is not always the one that keeps others out. Pure. */
import { overlap } from "../sqlite/lock-bytes.ts";
import { readMarkPinned } from "../sqlite/locks.ts";
import { effectiveLocks, type HolderParts } from "./holder.ts";
import type { Holder, Lock, Wait } from "./report.ts";

/** A holder, as far as waits are concluded from it. */
export interface Party {
  readonly pid: number;
  /** On files that are still the database's. */
  readonly locks: readonly Lock[];
  /** The frame at which its snapshot is pinned; null without one. */
  readonly readMark: number | null;
  /** For how long it has not tried to take a lock, in ms; null where it may try, or wait in the kernel. */
  readonly restsMs: number | null;
}

export function partyOf(parts: HolderParts, readMark: number | null): Party {
  return { pid: parts.process.pid, locks: effectiveLocks(parts), readMark, restsMs: restsMs(parts) };
}

/** Without a thread that runs nothing is tried: a thread that has ended tries nothing either. */
function restsMs({ process, locks }: HolderParts): number | null {
  if (process.uninterruptible !== null || locks.some(({ waiting }) => waiting)) return null;
  return process.livingIdleMs;
}

/**
 * A process that has not run for this long, in ms, is in no busy handler of SQLite's: that sleeps for at most 100 ms
 * between two tries, and for 1 s where SQLite is built without usleep(). A program's own may sleep for longer.
 */
export const LONGEST_RETRY_MS = 2000;

/** Of one look. `mxFrame`: the last committed frame of a live -wal. `unowned`: locks whose owner cannot be told. */
export function waitsOf(
  parties: readonly Party[],
  unowned: readonly Lock[],
  wal: boolean,
  mxFrame: number | null,
): Wait[] {
  return parties.flatMap((party) => {
    const others = parties.filter((each) => each !== party);
    const checkpoint = wal ? checkpointWait(party, others, unowned, mxFrame) : commitWait(party, others, unowned);
    return [...(checkpoint === null ? [] : [checkpoint]), ...lockWaits(party, others, unowned)];
  });
}

/** Pids of readers for which a commit or a checkpoint waits that keeps others out: they are the cause of that. */
export function causesOf(waits: readonly Wait[]): Set<number> {
  return new Set(waits.flatMap(({ for: what, blockedBy }) => (what === "lock" ? [] : blockedBy)));
}

/**
 * It holds PENDING and no longer tries to commit: likely its commit was refused, and not tried again. A stopped process
 * tries again once it runs.
 */
export function hasGivenUpCommit(holder: Holder, waits: readonly Wait[]): boolean {
  const { pid, activity, state, frozen, uninterruptible, idleMs, stale } = holder;
  if (activity !== "committing" || waits.some((wait) => wait.pid === pid)) return false;
  if (frozen !== null || uninterruptible !== null || state === "stopped" || state === "traced") return false;
  return idleMs === null ? stale.includes("likely-idle-in-transaction") : idleMs >= LONGEST_RETRY_MS;
}

/** A commit in rollback mode: PENDING keeps new readers out until those that read have finished. */
function commitWait({ pid, locks, restsMs }: Party, others: readonly Party[], unowned: readonly Lock[]): Wait | null {
  const holds = (name: Lock["name"]) => locks.some((lock) => !lock.waiting && lock.name === name && isWrite(lock));
  if (!holds("PENDING") || holds("EXCLUSIVE")) return null;
  if (restsMs !== null && restsMs >= LONGEST_RETRY_MS) return null; // it no longer tries
  const reads = (lock: Lock) => !lock.waiting && lock.name === "SHARED" && !isWrite(lock);
  const blockedBy = others.filter((each) => each.locks.some(reads)).map((each) => each.pid);
  const byUnknown = unowned.some(reads);
  return blockedBy.length === 0 && !byUnknown
    ? null
    : { pid, for: "commit", lock: "EXCLUSIVE", blockedBy, byUnknown, sure: "likely" };
}

/**
 * A checkpoint that keeps writers out (FULL, RESTART, TRUNCATE) and copies nothing back at this moment, which takes a
 * write lock on READ0, waits for readers: for those on an older snapshot; where there are none, the WAL cannot start
 * again because of any reader on READ1 to READ4. Source: `wal.c` (walCheckpoint, walRestartLog).
 */
function checkpointWait(
  { pid, locks }: Party,
  others: readonly Party[],
  unowned: readonly Lock[],
  mxFrame: number | null,
): Wait | null {
  const written = new Set(locks.filter((lock) => !lock.waiting && isWrite(lock)).map(({ name }) => name));
  if (!written.has("CKPT") || !written.has("WRITE") || written.has("RECOVER") || written.has("READ0")) return null;
  const isPinning = ({ readMark }: Party) => mxFrame !== null && readMark !== null && readMark < mxFrame;
  const readers = others.filter((each) => each.locks.some(isReadMark));
  const older = readers.filter(isPinning);
  const first = (older.length > 0 ? older : readers).flatMap((each) =>
    each.locks
      .filter((lock) => isReadMark(lock) && (older.length > 0 || lock.name !== "READ0"))
      .map((lock) => ({
        pid: each.pid,
        lock,
      })),
  );
  const hidden = unowned.find(isReadMark);
  const lock = first[0]?.lock ?? hidden;
  if (lock === undefined) return null;
  const blockedBy = [...new Set(first.map((each) => each.pid))];
  return { pid, for: "checkpoint", lock: lock.name, blockedBy, byUnknown: hidden !== undefined, sure: "likely" };
}

/** fcntl(F_SETLKW): the kernel grants a lock when nobody has one on its bytes that excludes it. */
function lockWaits({ pid, locks }: Party, others: readonly Party[], unowned: readonly Lock[]): Wait[] {
  const waiting = locks.filter((lock) => lock.waiting);
  // A range that is several of SQLite's locks is one request.
  const requests = waiting.filter((lock, i) => waiting.findIndex((each) => isSameRequest(each, lock)) === i);
  return requests.map((request): Wait => {
    const excludes = (lock: Lock) =>
      !lock.waiting && lock.role === request.role && overlap(lock, request) && (isWrite(lock) || isWrite(request));
    const blockedBy = others.filter((each) => each.locks.some(excludes)).map((each) => each.pid);
    return { pid, for: "lock", lock: request.name, blockedBy, byUnknown: unowned.some(excludes), sure: "proved" };
  });
}

function isSameRequest(a: Lock, b: Lock): boolean {
  return a.role === b.role && a.type === b.type && a.start === b.start && a.end === b.end;
}

function isReadMark(lock: Lock): boolean {
  return !lock.waiting && !isWrite(lock) && readMarkPinned(lock) !== null;
}

function isWrite({ type }: Pick<Lock, "type">): boolean {
  return type === "write";
}
