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

  clear(): void {
    this.touched.clear();
  }

  /** Puts into the tables what no event speaks of; those locks are held since `sinceMs` at least. */
  apply(event: HeldEvent, files: Files, sinceMs: number, added: (held: Held) => void): void {
    for (const { pid, device, inode, start, end, type, api } of event.locks) {
      const file = files.find(device, inode);
      if (file === null || api === "flock") continue;
      const ranges = this.touched.get(file)?.get(pid) ?? [];
      for (const segment of segmentsOf(file.role, type, start, end)) {
        if (ranges.some((range) => range.start <= segment.end && range.end >= segment.start)) continue;
        const owner = { owner: UNKNOWN_OWNER, pid, tid: null, api };
        const held = new Held(file, segment, type, owner, Math.max(sinceMs, file.sinceMs), null, null);
        held.atLeast = true;
        file.add(held);
        added(held);
      }
    }
    if (event.complete) for (const file of files.all()) file.incomplete = false;
  }
}
