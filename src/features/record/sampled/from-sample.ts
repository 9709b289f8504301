/**
 * What readings of /proc/locks show, as events of a recording: locks that were taken and released, without attempts
 * that were refused, and without statements. Pure.
 */
import type { HeldSeen, LockEvent, SourceEvent } from "../../../recording/source-event.ts";
import { lockRow } from "../../../sqlite/locks.ts";
import { kernelDevice, keyOfInode } from "../../kernel-source/device.ts";
import { type HeldLock, keyOf } from "../../watch/episodes.ts";
import type { SampleEvent } from "../../watch/sampler.ts";

export class FromSample {
  readonly #paths: readonly string[];
  /** By database and role: the file that its locks are on. */
  readonly #files = new Map<string, string>();
  /** By keyOf(). */
  readonly #open = new Map<string, HeldLock>();
  #isFirst = true;

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /**
   * The events of one batch, which has whole readings. `startMs`: when the recording began, on the clock of the
   * readings; `untilMs`: when the last of these readings began.
   */
  next(events: readonly SampleEvent[], startMs: number, untilMs: number): SourceEvent[] {
    const result: SourceEvent[] = [];
    if (this.#isFirst) this.#addHeld(events, untilMs - startMs, startMs, result);
    this.#isFirst = false;
    for (const [i, event] of events.entries()) {
      const atMs = event.atMs - startMs;
      if (event.event === "gap") {
        result.push({ kind: "lost", fromMs: atMs - event.gapMs, atMs, events: null });
        this.#addHeld(events.slice(i + 1), atMs, startMs, result);
      } else if ("lock" in event) {
        const { lock, event: what, formerFile } = event;
        if (what === "held" || (what === "released" && !this.#open.delete(keyOf(lock)))) continue; // told of already
        if (what === "acquired") this.#open.set(keyOf(lock), lock);
        else if (this.#hasOthers(lock)) continue;
        if (formerFile !== true) this.#nameFiles([lock, ...locksOf(events.slice(i))], lock, atMs, result);
        result.push(lockEvent(lock, atMs, what === "acquired"));
      } else if (event.event === "deleted" || event.event === "replaced") this.#loseFiles(event.path, atMs, result);
    }
    return result;
  }

  /**
   * What the first reading, or the first one after a gap, has found. `after`: the events from then on. A lock that was
   * held before the gap and is not released at its end is there again.
   */
  #addHeld(after: readonly SampleEvent[], atMs: number, startMs: number, result: SourceEvent[]): void {
    const next = after.findIndex(({ event }) => event === "gap");
    let heldMs = atMs;
    for (const event of next === -1 ? after : after.slice(0, next)) {
      if (!("lock" in event)) continue;
      if (event.event === "released" && event.atMs - startMs <= atMs) this.#open.delete(keyOf(event.lock));
      if (event.event !== "held") continue;
      this.#open.set(keyOf(event.lock), event.lock);
      heldMs = Math.max(heldMs, event.atMs - startMs);
    }
    const locks = [...this.#open.values()];
    for (const lock of locks) this.#nameFiles(locks, lock, atMs, result);
    result.push({ kind: "held", fromMs: atMs, atMs: heldMs, locks: locks.map(heldSeen), complete: true });
  }

  /**
   * A lock became another one on the same bytes, as EXCLUSIVE becomes SHARED: that was seen before it was sure that the
   * first one is gone, and has ended it. An unlock would end the second one as well.
   */
  #hasOthers(lock: HeldLock): boolean {
    const { start, end } = bytesOf(lock);
    for (const other of this.#open.values()) {
      if (other.pid !== lock.pid || other.file !== lock.file || other.type === lock.type) continue;
      const bytes = bytesOf(other);
      if (bytes.end >= start && end >= bytes.start) return true;
    }
    return false;
  }

  /** A database before its -shm, in whichever order /proc/locks has their locks: another database has another -shm. */
  #nameFiles(all: readonly HeldLock[], lock: HeldLock, atMs: number, result: SourceEvent[]): void {
    if (lock.role === "shm" && !this.#files.has(`database ${lock.path}`)) {
      const database = all.find(({ role, path }) => role === "database" && path === lock.path);
      if (database !== undefined) this.#nameFile(database, atMs, result);
    }
    this.#nameFile(lock, atMs, result);
  }

  #nameFile({ path, role, file }: HeldLock, atMs: number, result: SourceEvent[]): void {
    const database = this.#paths.indexOf(path);
    const key = `${role} ${path}`;
    if (database < 0 || (role !== "database" && role !== "shm") || this.#files.get(key) === file) return;
    this.#files.set(key, file);
    result.push({ kind: "file", atMs, database, role, ...placeOf(file) });
  }

  /** The path leads to another file now, or to none: what is held on the one before is in nobody's way. */
  #loseFiles(path: string, atMs: number, result: SourceEvent[]): void {
    const database = this.#paths.indexOf(path);
    const file = this.#files.get(`database ${path}`);
    this.#files.delete(`shm ${path}`);
    if (file === undefined || database < 0) return;
    this.#files.delete(`database ${path}`);
    const { device } = placeOf(file);
    result.push({ kind: "file", atMs, database, role: "database", device, inode: null });
  }
}

/** Until a file changes. */
function locksOf(events: readonly SampleEvent[]): HeldLock[] {
  const end = events.findIndex((event) => !("lock" in event));
  return (end === -1 ? events : events.slice(0, end)).flatMap((event) => ("lock" in event ? [event.lock] : []));
}

function placeOf(file: string): { readonly device: number; readonly inode: number } {
  const colon = file.lastIndexOf(":");
  return { device: kernelDevice(file.slice(0, colon)), inode: keyOfInode(BigInt(file.slice(colon + 1))) };
}

function heldSeen(lock: HeldLock): HeldSeen {
  const { pid, file, type, api } = lock;
  return { pid, ...placeOf(file), ...bytesOf(lock), type, api };
}

/** The kernel merges it with its neighbours: those are locks of their own, and may be held for longer. */
function bytesOf({ lock, start, end }: HeldLock): { readonly start: number; readonly end: number } {
  const [first, last] = lockRow(lock)?.bytes ?? [start, end];
  return { start: Math.max(Number(start), Number(first)), end: Math.min(lastByte(end), lastByte(last)) };
}

function lockEvent(lock: HeldLock, atMs: number, taken: boolean): LockEvent {
  const { pid, type, file, api } = lock;
  return {
    kind: "lock",
    atMs,
    tid: pid,
    pid,
    ...placeOf(file),
    owner: pid,
    operation: taken ? type : "unlock",
    ...bytesOf(lock),
    api,
    closes: false,
    outcome: "granted",
  };
}

function lastByte(end: bigint | null): number {
  return end === null ? Number.POSITIVE_INFINITY : Number(end);
}
