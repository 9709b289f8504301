/**
 * What readings of /proc/locks show, as events of a recording: locks that were taken and released, without attempts
 * that were refused, and without statements. Pure.
 */
import type { HeldSeen, LockEvent, SourceEvent } from "../../../recording/source-event.ts";
import { kernelDevice, keyOfInode } from "../../kernel-source/device.ts";
import type { HeldLock } from "../../watch/episodes.ts";
import type { SampleEvent } from "../../watch/sampler.ts";

export class FromSample {
  readonly #paths: readonly string[];
  readonly #files = new Set<string>();

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** The events of one batch. `startMs`: when the recording began, on the clock of the readings. */
  next(events: readonly SampleEvent[], startMs: number): SourceEvent[] {
    const result: SourceEvent[] = [];
    let held: { readonly atMs: number; readonly locks: HeldSeen[] } | null = null;
    for (const event of events) {
      const atMs = event.atMs - startMs;
      if (event.event === "gap") {
        result.push({ kind: "lost", fromMs: atMs - event.gapMs, atMs, events: 0 });
        held = { atMs, locks: [] };
        result.push({ kind: "held", fromMs: atMs, atMs, locks: held.locks, complete: true });
      } else if ("lock" in event) {
        this.#nameFile(event.lock, atMs, result);
        if (event.event === "held") {
          if (held === null || held.atMs !== atMs) {
            held = { atMs, locks: [] };
            result.push({ kind: "held", fromMs: atMs, atMs, locks: held.locks, complete: true });
          }
          held.locks.push(heldSeen(event.lock));
        } else result.push(lockEvent(event.lock, atMs, event.event === "acquired"));
      }
    }
    return result;
  }

  #nameFile({ path, role, file }: HeldLock, atMs: number, result: SourceEvent[]): void {
    const database = this.#paths.indexOf(path);
    const key = `${file} ${role} ${path}`;
    if (database < 0 || (role !== "database" && role !== "shm") || this.#files.has(key)) return;
    this.#files.add(key);
    result.push({ kind: "file", atMs, database, role, ...placeOf(file) });
  }
}

function placeOf(file: string): { readonly device: number; readonly inode: number } {
  const colon = file.lastIndexOf(":");
  return { device: kernelDevice(file.slice(0, colon)), inode: keyOfInode(BigInt(file.slice(colon + 1))) };
}

function heldSeen({ pid, file, start, end, type, api }: HeldLock): HeldSeen {
  return { pid, ...placeOf(file), start: Number(start), end: lastByte(end), type, api };
}

function lockEvent(lock: HeldLock, atMs: number, taken: boolean): LockEvent {
  const { pid, type, file, start, end, api } = lock;
  return {
    kind: "lock",
    atMs,
    tid: pid,
    pid,
    ...placeOf(file),
    owner: pid,
    operation: taken ? type : "unlock",
    start: Number(start),
    end: lastByte(end),
    api,
    closes: false,
    outcome: "granted",
  };
}

function lastByte(end: bigint | null): number {
  return end === null ? Number.POSITIVE_INFINITY : Number(end);
}
