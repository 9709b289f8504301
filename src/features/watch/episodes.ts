/**
 * From readings of /proc/locks over time to what happened: which process took which lock, when, and for how long it
 * held it. Pure.
 */

import type { ByteRange } from "../../sqlite/lock-bytes.ts";
import type { LockApi, LockName, LockType } from "../../sqlite/locks.ts";
import type { Role } from "../../sqlite/roles.ts";

/** One of SQLite's locks, held by one process on one file. */
export interface HeldLock extends ByteRange {
  /** Of the database. */
  readonly path: string;
  readonly pid: number;
  readonly lock: LockName;
  readonly role: Role;
  readonly type: LockType;
  readonly api: LockApi;
  /** `device:inode`: a file that replaced another one is a different file. */
  readonly file: string;
}

export interface LockEvent {
  /** `held`: it was there in the first reading, or in the first one after a gap, so it is older than that. */
  readonly event: "held" | "acquired" | "released";
  /** In ms, on the clock of the readings. */
  readonly atMs: number;
  readonly lock: HeldLock;
  /** Null unless the lock was released. */
  readonly heldMs: number | null;
  /** It was already held when the watching began, or during a gap: `heldMs` is a lower bound. */
  readonly atLeast: boolean;
  /** Its file has lost its name: it was replaced, deleted or moved. Left out of others. */
  readonly formerFile?: boolean;
}

interface Episode {
  readonly lock: HeldLock;
  sinceMs: number;
  atLeast: boolean;
  /** A gap has begun since it was last seen: until when it is known to have been held; else null. */
  knownUntilMs: number | null;
  /** The first of the consecutive readings that miss it; null while it is there. */
  missedMs: number | null;
  misses: number;
}

/** A reading may miss a lock that is held all the time: it counts as released after so many misses in a row. */
export const MIN_MISSES = 2;

/** The locks that are held, from reading to reading. */
export class Episodes {
  readonly #held = new Map<string, Episode>();
  /** Nothing was read just before: what the next reading finds is older than that. */
  #afterGap = true;

  /** A lock is missing, but not yet in enough readings: the next one should follow soon. */
  get inDoubt(): boolean {
    for (const { misses } of this.#held.values()) if (misses > 0) return true;
    return false;
  }

  /**
   * The locks of one reading, doubled lines or not, which began at `atMs` and ended at `untilMs`: a lock that is new
   * may have been taken in between. `minMisses`: in how many readings in a row a lock has to be missing, 1 or more; it
   * then was released at the first of them.
   */
  next(atMs: number, locks: readonly HeldLock[], minMisses: number = MIN_MISSES, untilMs: number = atMs): LockEvent[] {
    const events: LockEvent[] = [];
    const seen = new Set<string>();
    for (const lock of locks) {
      const key = keyOf(lock);
      if (seen.has(key)) continue;
      seen.add(key);
      const episode = this.#held.get(key);
      if (episode !== undefined) {
        episode.missedMs = null;
        episode.misses = 0;
        if (episode.knownUntilMs !== null) {
          episode.sinceMs = untilMs;
          episode.atLeast = true;
          episode.knownUntilMs = null;
        }
        continue;
      }
      const atLeast = this.#afterGap;
      this.#held.set(key, { lock, sinceMs: untilMs, atLeast, knownUntilMs: null, missedMs: null, misses: 0 });
      events.push({ event: atLeast ? "held" : "acquired", atMs: untilMs, lock, heldMs: null, atLeast });
    }
    for (const [key, episode] of this.#held) {
      if (seen.has(key)) continue;
      episode.missedMs ??= atMs;
      if (++episode.misses < minMisses) continue;
      this.#held.delete(key);
      const { lock, sinceMs, atLeast, knownUntilMs, missedMs } = episode;
      const heldMs = Math.max(0, (knownUntilMs ?? missedMs) - sinceMs);
      events.push({ event: "released", atMs: missedMs, lock, heldMs, atLeast: atLeast || knownUntilMs !== null });
    }
    this.#afterGap = false;
    return events.sort((a, b) => a.atMs - b.atMs);
  }

  /** Whether any lock of this process is held on this file. */
  isHeldBy(pid: number, file: string): boolean {
    for (const { lock } of this.#held.values()) if (lock.file === file && lock.pid === pid) return true;
    return false;
  }

  /**
   * Nothing was read from `fromMs` until the next reading. What was held is known only until then: a lock that the next
   * reading finds may have been released and taken again, and its age is counted from there.
   */
  gap(fromMs: number): void {
    for (const episode of this.#held.values()) episode.knownUntilMs ??= episode.missedMs ?? fromMs;
    this.#afterGap = true;
  }

  /** Whether any lock is held on this file. */
  isHeldOn(file: string): boolean {
    for (const { lock } of this.#held.values()) if (lock.file === file) return true;
    return false;
  }
}

/**
 * Without the range: the kernel merges a lock with its neighbours, and it stays the same lock. With the range for locks
 * that are not SQLite's.
 */
export function keyOf({ path, pid, lock, role, type, api, file, start, end }: HeldLock): string {
  return `${pid} ${lock} ${role} ${type} ${api} ${file} ${lock === "FOREIGN" ? `${start}-${end}` : ""} ${path}`;
}
