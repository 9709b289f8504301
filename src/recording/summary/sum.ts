/** How many, how long in all, and the longest. Pure. */
import type { Duration } from "../summary-line.ts";

export class Sum {
  times = 0;
  totalMs = 0;
  longestMs = 0;
  atLeast = false;

  add(times: number, totalMs: number, longestMs: number, atLeast: boolean): void {
    this.times += times;
    this.totalMs += totalMs;
    if (longestMs <= this.longestMs) return;
    this.longestMs = longestMs;
    this.atLeast = atLeast;
  }

  get summary(): Duration {
    return { times: this.times, totalMs: this.totalMs, longestMs: this.longestMs, atLeast: this.atLeast };
  }
}
