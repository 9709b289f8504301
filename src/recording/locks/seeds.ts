/** What /proc/locks shows at the start and after a gap: locks from before, of unknown age. */
import type { HeldEvent, LockEvent } from "../source-event.ts";
import type { LockedFile } from "./file.ts";
import type { Files } from "./files.ts";
import { Held, UNKNOWN_OWNER } from "./held.ts";
import { segmentsOf } from "./slots.ts";

/** The bytes that processes locked or unlocked since the events are complete: there the events are the truth. */
export class Seeds {
  private readonly touched = new Map<LockedFile, Map<number, { start: number; end: number }[]>>();

  touch(event: LockEvent, file: LockedFile): void {
    let byPid = this.touched.get(file);
    if (byPid === undefined) {
      byPid = new Map();
      this.touched.set(file, byPid);
    }
    let ranges = byPid.get(event.pid);
    if (ranges === undefined) {
      ranges = [];
      byPid.set(event.pid, ranges);
    }
    if (!ranges.some(({ start, end }) => start <= event.start && end >= event.end)) {
      ranges.push({ start: event.start, end: event.end });
    }
  }

  /** Events were lost: what was known before them is no more. */
  clear(): void {
    this.touched.clear();
  }

  forget(pid: number): void {
    for (const byPid of this.touched.values()) byPid.delete(pid);
  }

  /** Puts into the tables what no event speaks of; those locks are held since then, or since their file is known. */
  apply(event: HeldEvent, files: Files, sinceMs: number, added: (held: Held) => void): void {
    for (const { pid, sharedWith, device, inode, start, end, type, api } of event.locks) {
      const file = files.find(device, inode);
      if (file === null || !file.incomplete || api === "flock") continue;
      if (!file.isConfirmed && file.role === "shm" && !isLocked(event, pid, file.database.file)) continue;
      const ranges = [pid, ...(sharedWith ?? [])].flatMap((each) => this.touched.get(file)?.get(each) ?? []);
      for (const segment of segmentsOf(file.role, type, start, end)) {
        if (ranges.some((range) => range.start <= segment.end && range.end >= segment.start)) continue;
        if (file.heldBy(pid, segment.slot) !== null) continue;
        const owner = { owner: UNKNOWN_OWNER, pid, tid: null, api };
        const held = new Held(file, segment, type, owner, Math.max(sinceMs, file.sinceMs), null, null);
        held.atLeast = true;
        held.sharedWith = sharedWith ?? null;
        file.add(held);
        if (sharedWith === undefined) added(held); // else whose transaction it is would be a guess
      }
    }
    if (!event.complete) return;
    for (const file of files.all()) file.incomplete = false;
    this.touched.clear();
  }
}

function isLocked({ locks }: HeldEvent, pid: number, file: LockedFile | null): boolean {
  return locks.some((lock) => lock.pid === pid && lock.inode === file?.inode && lock.device === file.device);
}
