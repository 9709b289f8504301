/**
 * How often and for how long each process has had its locks since the watching began: one row of figures per process,
 * of the locks that say most about it. Pure.
 */
import { isWriteLock, readMarkPinned } from "../../sqlite/locks.ts";
import type { WatchEvent } from "./event.ts";
import { isReaderLock, type LockView, lockOfEvent } from "./held-lock.ts";

/**
 * What is counted, the first that a process has had: `writes`: the write lock. `checkpoints`: CKPT without it. `locks`:
 * one that is not SQLite's. `reads`: READ*k*, or SHARED in rollback mode.
 */
export type FiguresOf = "writes" | "checkpoints" | "locks" | "reads";

export interface ProcessFigures {
  readonly of: FiguresOf;
  readonly times: number;
  /** In ms; what is held now counts until now. */
  readonly totalMs: number;
  readonly longestMs: number;
  /** The longest was held before the watching began, or during a gap: it is longer than what was seen of it. */
  readonly atLeast: boolean;
  /** Of the time watched, 0 to 1. */
  readonly share: number;
}

/** `shared`: SHARED, which in WAL mode every connection has. */
type Kind = FiguresOf | "shared";

/** Locks of one kind are one hold as long as any of them is held: RESERVED, then EXCLUSIVE. */
interface Hold {
  times: number;
  totalMs: number;
  longestMs: number;
  atLeast: boolean;
  /** How many locks of the kind are held now. */
  open: number;
  sinceMs: number;
  sinceAtLeast: boolean;
}

/** Its size grows with the number of processes, not of events. */
export class FiguresByProcess {
  readonly #holds = new Map<number, Map<Kind, Hold>>();
  readonly #ended = new Set<number>();

  /** Of one database. Events that are not of a lock count nothing, nor does the time of a gap. */
  add(event: WatchEvent): void {
    if (event.gapMs !== undefined) this.#addGap(event.at.getTime(), event.gapMs);
    const lock = lockOfEvent(event);
    const kind = lock === null ? null : kindOf(lock);
    if (kind === null || event.pid === null) return;
    if (this.#ended.delete(event.pid)) this.#holds.delete(event.pid);
    const holds = this.#holds.get(event.pid) ?? new Map<Kind, Hold>();
    this.#holds.set(event.pid, holds);
    const hold = holds.get(kind) ?? newHold();
    holds.set(kind, hold);
    const atMs = event.at.getTime();
    if (event.event === "released") {
      if (hold.open === 0 || --hold.open > 0) return;
      count(hold, atMs);
    } else if (++hold.open === 1) {
      hold.times++;
      hold.sinceMs = atMs;
      hold.sinceAtLeast = event.event === "held";
    }
  }

  /** What is held is known until the gap, and from its end on: how long it is as a whole is not. */
  #addGap(endMs: number, gapMs: number): void {
    for (const holds of this.#holds.values())
      for (const hold of holds.values()) {
        if (hold.open === 0) continue;
        hold.sinceAtLeast = true;
        count(hold, endMs - gapMs);
        hold.sinceMs = endMs;
      }
  }

  /** It has ended: from the next lock on, its pid is another process's. */
  end(pid: number): void {
    this.#ended.add(pid);
  }

  /** `wal`: SHARED is a connection's, and no read. Null for a process that has had no lock that counts. */
  of(pid: number, wal: boolean, nowMs: number, watchedMs: number): ProcessFigures | null {
    const holds = this.#holds.get(pid);
    const kinds: readonly Kind[] = ["writes", "checkpoints", "locks", "reads", ...(wal ? [] : (["shared"] as const))];
    const kind = kinds.find((each) => holds?.has(each));
    const hold = kind === undefined ? undefined : holds?.get(kind);
    if (kind === undefined || hold === undefined) return null;
    const stillMs = hold.open > 0 ? Math.max(0, nowMs - hold.sinceMs) : 0;
    const isLongest = hold.open > 0 && stillMs >= hold.longestMs;
    const totalMs = hold.totalMs + stillMs;
    return {
      of: kind === "shared" ? "reads" : kind,
      times: hold.times,
      totalMs,
      longestMs: Math.max(hold.longestMs, stillMs),
      atLeast: isLongest ? hold.sinceAtLeast : hold.atLeast,
      share: watchedMs <= 0 ? 0 : Math.min(1, totalMs / watchedMs),
    };
  }
}

function count(hold: Hold, untilMs: number): void {
  const heldMs = Math.max(0, untilMs - hold.sinceMs);
  hold.totalMs += heldMs;
  if (heldMs < hold.longestMs) return;
  hold.longestMs = heldMs;
  hold.atLeast = hold.sinceAtLeast;
}

function newHold(): Hold {
  return { times: 0, totalMs: 0, longestMs: 0, atLeast: false, open: 0, sinceMs: 0, sinceAtLeast: false };
}

/** Null for locks that say nothing: those of every connection, and read marks that are written for a moment. */
function kindOf(lock: LockView): Kind | null {
  if (isWriteLock(lock)) return "writes";
  if (lock.name === "CKPT" && lock.type === "write") return "checkpoints";
  if (lock.name === "FOREIGN") return "locks";
  if (readMarkPinned(lock) !== null) return "reads";
  return lock.name === "SHARED" && isReaderLock(lock.name) ? "shared" : null;
}
