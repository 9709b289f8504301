/**
 * Since when each lock of one database has been held without a break, as far as readings of /proc/locks, looks and the
 * counter of commits show. Pure.
 */
import type { DatabaseReport, Lock } from "../../../model/report.ts";
import { type CommitMark, commitsBetween, type KeptExclusive } from "../../../sqlite/commit-mark.ts";
import type { WatchEvent } from "../event.ts";
import { type LockView, lockKey, lockOfEvent } from "../held-lock.ts";

export interface Hold {
  readonly pid: number | null;
  readonly lock: LockView;
  /** In ms, on the clock of the readings (`read`) or of the looks. Infinity: not seen since a gap. */
  sinceMs: number;
  readonly clock: "read" | "look";
  /** It may be held for longer. */
  atLeast: boolean;
  /** How far commits had got at the first look that found it held, and when. */
  mark: { readonly mark: CommitMark; readonly atMs: number } | null;
  /** A later look has found the same lock, with no commit in between as far as that can be counted. */
  compared: boolean;
  /** For how many looks it has asked: see needsLook(). */
  asked: number;
}

/** What one look found, and when, on both clocks. */
export interface Look {
  readonly report: DatabaseReport;
  readonly mark: CommitMark | null;
  readonly beganMs: number;
  readonly atMs: number;
  /** /proc/locks has been read until then. */
  readonly readUntilMs: number;
}

export class Holds {
  /** Events tell of every release: nothing has to be compared. */
  readonly #exact: boolean;
  readonly #holds = new Map<string, Hold>();
  /** When each lock was last released, in ms: a look that began before that may have found it. */
  readonly #released = new Map<string, number>();

  constructor(exact = false) {
    this.#exact = exact;
  }

  get(key: string): Hold | undefined {
    return this.#holds.get(key);
  }

  all(): Iterable<Hold> {
    return this.#holds.values();
  }

  /** @returns the key of the lock; null for other events */
  addEvent(event: WatchEvent): string | null {
    if (event.gapMs !== undefined) this.#addGap(event.at.getTime());
    const lock = lockOfEvent(event);
    if (lock === null || event.pid === null) return null;
    const key = holdKey(event.pid, lock);
    switch (event.event) {
      case "held":
      case "acquired": {
        const clock = lock.api === "posix" ? "read" : "look";
        const atLeast = event.event === "held" || clock === "look";
        const hold = newHold(event.pid, lock, event.at.getTime(), clock, atLeast);
        hold.compared = this.#isExact(hold);
        this.#holds.set(key, hold);
        return key;
      }
      case "released":
        this.#holds.delete(key);
        this.#released.set(key, event.at.getTime());
        return key;
      default:
        return null;
    }
  }

  /** What is held at its end may have been released in it. */
  #addGap(endMs: number): void {
    for (const hold of this.all()) {
      hold.sinceMs = hold.clock === "read" ? endMs : Number.POSITIVE_INFINITY;
      hold.atLeast = true;
      hold.mark = null;
      hold.compared = this.#isExact(hold);
      hold.asked = 0;
    }
  }

  #isExact({ clock }: Hold): boolean {
    return this.#exact && clock === "read";
  }

  /** @returns the keys of those that were released, also of those that are held again */
  addLook(look: Look): string[] {
    for (const [key, atMs] of this.#released) if (atMs < look.beganMs) this.#released.delete(key);
    for (const hold of this.all()) hold.sinceMs = Math.min(hold.sinceMs, nowOf(hold, look));
    this.#addUnseen(look);
    const gone = this.#withoutOwner(look);
    const all = [...this.all()];
    const restarted = [...this.#holds].filter(([, hold]) => !this.#isExact(hold) && wasReleased(hold, look, all));
    for (const [, hold] of restarted) {
      hold.sinceMs = nowOf(hold, look);
      hold.atLeast = true;
      hold.mark = null;
      hold.compared = false;
      hold.asked = 0;
    }
    for (const hold of this.all()) {
      hold.compared = this.#isExact(hold) || hold.mark !== null || look.mark === null;
      if (hold.mark === null && look.mark !== null) hold.mark = { mark: look.mark, atMs: nowOf(hold, look) };
    }
    return [...gone, ...restarted.map(([key]) => key)];
  }

  /** Locks that no event has told of: those without an owner, and what a reading has missed. */
  #addUnseen({ report, atMs }: Look): void {
    for (const [pid, lock] of heldIn(report)) {
      const key = holdKey(pid, lock);
      if (!this.#holds.has(key) && !this.#released.has(key))
        this.#holds.set(key, newHold(pid, lock, atMs, "look", true));
    }
  }

  /** Of these there are no events of the release. */
  #withoutOwner({ report }: Look): string[] {
    const held = new Set(heldIn(report).map(([pid, lock]) => holdKey(pid, lock)));
    const gone = [...this.#holds].flatMap(([key, { pid, clock }]) =>
      (pid === null || clock === "look") && !held.has(key) ? [key] : [],
    );
    for (const key of gone) this.#holds.delete(key);
    return gone;
  }
}

/** `pid` null: of a lock without an owner. */
export function holdKey(pid: number | null, lock: LockView): string {
  return `${pid ?? "?"} ${lockKey(lock)}`;
}

export function nowOf(
  { clock }: Pick<Hold, "clock">,
  { atMs, readUntilMs }: Pick<Look, "atMs" | "readUntilMs">,
): number {
  return clock === "read" ? readUntilMs : atMs;
}

function newHold(pid: number | null, lock: LockView, sinceMs: number, clock: Hold["clock"], atLeast: boolean): Hold {
  return { pid, lock, sinceMs, clock, atLeast, mark: null, compared: false, asked: 0 };
}

function heldIn({ holders, unownedLocks }: DatabaseReport): [number | null, Lock][] {
  return [
    ...holders.flatMap(({ pid, locks }) => locks.map((lock): [number, Lock] => [pid, lock])),
    ...unownedLocks.map((lock): [null, Lock] => [null, lock]),
  ].filter(([, { waiting }]) => !waiting);
}

/**
 * Readings are milliseconds apart, and do not show a shorter pause. But a completed commit proves one: it has released
 * the write lock, and in rollback mode no other process was reading while it was made.
 */
function wasReleased(hold: Hold, { report, mark }: Look, all: readonly Hold[]): boolean {
  const { progress, changesHands } = report;
  if (changesHands.some(({ name, role, type }) => isLike(hold.lock, { name, role, type }))) return true;
  if (progress !== null && progress.commits > 0) return true;
  if (hold.pid !== null && progress?.released?.includes(hold.pid) === true) return true;
  if (hold.mark === null || mark === null) return false;
  const { atMs } = hold.mark;
  return (commitsBetween(hold.mark.mark, mark, keptExclusive(all, atMs)) ?? 0) > 0;
}

/** `sinceMs`: from then on. */
function keptExclusive(all: readonly Hold[], sinceMs: number): KeptExclusive {
  const kept = all.filter((hold) => isLike(hold.lock, EXCLUSIVE) && hold.sinceMs <= sinceMs);
  if (kept.length === 0) return "no";
  const hasReserved = ({ pid }: Hold) => all.some((hold) => hold.pid === pid && hold.lock.name === "RESERVED");
  return kept.every(hasReserved) ? "by-mode" : "by-vfs";
}

const EXCLUSIVE = { name: "EXCLUSIVE", role: "database", type: "write" } as const;

function isLike(lock: LockView, { name, role, type }: Pick<LockView, "name" | "role" | "type">): boolean {
  return lock.name === name && lock.role === role && lock.type === type;
}
