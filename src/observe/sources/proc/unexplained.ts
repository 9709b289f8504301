/**
 * Locks that no process which was seen explains, over several looks: when to look again, and what is reported of them.
 * Pure.
 */

import type { LockThatChangesHands } from "../../../model/snapshot.ts";
import { type KernelLock, keyOfLock } from "../../../proc/locks.ts";
import type { SystemLock } from "./system-locks.ts";

/** What one look at /proc/locks and at the descriptors left open. */
export interface LockLook {
  /** By the clock of {@link uptimeMs}. */
  readonly atMs: number;
  /** Held locks that no descriptor shows, of no process that was seen or could not be inspected. */
  readonly unexplained: readonly SystemLock[];
  /** Held POSIX locks of processes that the pass over all descriptors had not found. */
  readonly ofNewcomers: readonly SystemLock[];
}

export interface Effort {
  /** All threads may be searched: this look is to find the processes that have the files open. */
  readonly maySearch: boolean;
  /** How many looks there were when all threads had been searched; null: they have not been. */
  readonly searchedAfter: number | null;
  /** How long the looks have taken, in ms, without that search. */
  readonly spentMs: number;
}

/**
 * A program that takes and drops an OFD lock all the time shows it in one of two readings, and /proc/locks has no pid
 * to ask again: so many looks in a row must miss its descriptor before it counts as hidden.
 */
const LOOKS_AT_LOCKS_WITHOUT_PID = 8;
/** Thousands of holders, or a busy machine, make each of these looks long. */
const MAX_SPENT_WITHOUT_PID_MS = 1000;

/** These are enough where no two looks agree. */
const MAX_LOOKS = 12;
const MAX_SPENT_MS = 150;

/** Two looks in a row must agree; a lock that both leave open is searched for in all threads before it is reported. */
export function nextStep(looks: readonly LockLook[], effort: Effort): "done" | "look-again" | "search-threads" {
  const last = looks.at(-1);
  const before = looks.at(-2);
  if (last === undefined) return "look-again";
  if (before === undefined) return openKeys(last, looks).size === 0 ? "done" : "look-again";
  const persisting = hiddenLocks(looks);
  if (persisting.length > 0 && effort.maySearch && effort.searchedAfter === null) return "search-threads";
  if (effort.searchedAfter === looks.length) return "look-again"; // what was found is not in the last look yet
  const mayLookAgain = looks.length < MAX_LOOKS && effort.spentMs < MAX_SPENT_MS;
  if (!isSameSet(openKeys(last, looks), openKeys(before, looks))) return mayLookAgain ? "look-again" : "done";
  const withoutPid = persisting.some(({ lock }) => !hasOwner(lock));
  const enough = looks.length >= LOOKS_AT_LOCKS_WITHOUT_PID || effort.spentMs >= MAX_SPENT_WITHOUT_PID_MS;
  return effort.maySearch && withoutPid && !enough ? "look-again" : "done";
}

/** Those that the last look and the one before leave open; without a pid, those that every look does. */
export function hiddenLocks(looks: readonly LockLook[]): SystemLock[] {
  const last = keyed(looks.at(-1)?.unexplained ?? []);
  const others = looks.slice(0, -1).map(({ unexplained }) => keyed(unexplained));
  return [...last]
    .filter(([key, { lock }]) => (hasOwner(lock) ? others.slice(-1) : others).every((look) => look.has(key)))
    .map(([, lock]) => lock);
}

/**
 * Reported as held by no known process: hidden ones, and in the last look those of processes that were gone when it
 * read them.
 */
export function locksWithoutOwner(looks: readonly LockLook[]): SystemLock[] {
  const passing = (looks.at(-1)?.unexplained ?? []).filter(({ lock }) => hasOwner(lock));
  return [...passing, ...hiddenLocks(looks).filter(({ lock }) => !hasOwner(lock))];
}

export type ChangingLock = LockThatChangesHands & { readonly target: SystemLock["target"] };

/** POSIX locks that one process had in one look and, when that one had dropped it, another in a later one. */
export function locksThatChangeHands(looks: readonly LockLook[]): ChangingLock[] {
  const slots = new Map<string, { readonly first: SystemLock; readonly sightings: { atMs: number; pid: number }[] }>();
  for (const { atMs, unexplained, ofNewcomers } of looks) {
    for (const each of [...unexplained, ...ofNewcomers]) {
      const { pid } = each.lock;
      if (pid === null || !hasOwner(each.lock) || each.ambiguous) continue;
      const key = slotOf(each);
      const slot = slots.get(key) ?? { first: each, sightings: [] };
      slot.sightings.push({ atMs, pid });
      slots.set(key, slot);
    }
  }
  const lastAt = looks.at(-1)?.atMs;
  return [...slots.values()].flatMap(({ first, sightings }) => {
    const pids = [...new Set(sightings.map(({ pid }) => pid))];
    const firstAt = sightings[0]?.atMs ?? 0;
    const came = pids.some((pid) => sightings.find((each) => each.pid === pid)?.atMs !== firstAt);
    const left = pids.some((pid) => sightings.findLast((each) => each.pid === pid)?.atMs !== lastAt);
    if (!came || !left) return [];
    const { target, role, lock } = first;
    const withinMs = Math.ceil((sightings.at(-1)?.atMs ?? firstAt) - firstAt);
    return [{ target, role, lock: { ...lock, pid: null }, pids, withinMs }];
  });
}

/** A lock whose line names its owner: that of an OFD lock names none, that of a flock the one that took it once. */
function hasOwner(lock: KernelLock): boolean {
  return lock.api === "posix" && lock.pid !== null;
}

/** What a look leaves open. A lock without a pid that some look explained, or did not have, is a passing one. */
function openKeys(look: LockLook, looks: readonly LockLook[]): Set<string> {
  const all = looks.map(({ unexplained }) => keyed(unexplained));
  const passing = (key: string) => !all.every((keys) => keys.has(key));
  const open = [...keyed(look.unexplained)].filter(([key, { lock }]) => hasOwner(lock) || !passing(key));
  return new Set([...open.map(([key]) => key), ...look.ofNewcomers.map(keyOf)]);
}

/** Several locks without a pid may have the same line: of those that are left open, one is enough to tell. */
function keyed(locks: readonly SystemLock[]): Map<string, SystemLock> {
  return new Map(locks.map((each) => [keyOf(each), each]));
}

function keyOf(each: SystemLock): string {
  return `${slotOf(each)} ${hasOwner(each.lock) ? each.lock.pid : "-"}`;
}

/** The same for locks that exclude each other, or could: by any process. */
function slotOf({ target, role, lock }: SystemLock): string {
  return `${target.path}\0${role} ${keyOfLock({ ...lock, pid: null })}`;
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}
