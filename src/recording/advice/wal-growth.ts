/** How far the WAL of a database grew, and what kept it from being copied back. Pure; its memory is bounded. */
import type { WalLine } from "../state-lines.ts";
import type { WalEvidence } from "./evidence.ts";
import { THRESHOLDS } from "./thresholds.ts";

const MOST_READERS = 1_000;
const LISTED = 10;

export class WalGrowth {
  #last: WalLine | null = null;
  #mostBytes = 0;
  #mostUncopied = 0;
  #uncopiedMs = 0;
  #mostPinned = 0;
  #pinnedMs = 0;
  readonly #pinnedBy = new Map<number, number>();

  /** In the order of time. */
  add(line: WalLine): void {
    this.#until(line.atMs);
    this.#last = line;
    this.#mostBytes = Math.max(this.#mostBytes, line.bytes ?? 0);
    this.#mostUncopied = Math.max(this.#mostUncopied, uncopied(line));
    this.#mostPinned = Math.max(this.#mostPinned, line.pinned ?? 0);
  }

  /** Null: nothing is known of it. @param endMs of the recording */
  evidence(endMs: number): WalEvidence | null {
    if (this.#last === null) return null;
    this.#until(endMs);
    const readers = [...this.#pinnedBy].sort(([, a], [, b]) => b - a).map(([pid]) => pid);
    return {
      ...{ mostBytes: this.#mostBytes, mostUncopied: this.#mostUncopied, uncopiedMs: this.#uncopiedMs },
      ...{ mostPinned: this.#mostPinned, pinnedMs: this.#pinnedMs, pinnedBy: readers.slice(0, LISTED) },
    };
  }

  #until(atMs: number): void {
    const last = this.#last;
    if (last === null || atMs <= last.atMs) return;
    const ms = atMs - last.atMs;
    this.#last = { ...last, atMs };
    if (uncopied(last) > THRESHOLDS["checkpoint-interval"].frames) this.#uncopiedMs += ms;
    if ((last.pinned ?? 0) <= THRESHOLDS["end-reads"].frames) return;
    this.#pinnedMs += ms;
    for (const { pid } of last.pinnedBy) {
      if (this.#pinnedBy.has(pid) || this.#pinnedBy.size < MOST_READERS)
        this.#pinnedBy.set(pid, (this.#pinnedBy.get(pid) ?? 0) + ms);
    }
  }
}

/** Frames that a checkpoint could copy now. */
function uncopied({ frames, copied, pinned }: WalLine): number {
  return frames === null || copied === null ? 0 : Math.max(0, frames - copied - (pinned ?? 0));
}
