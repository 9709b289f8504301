/** The time of a run, in ms since its start; the same in all processes. */
import type { Go } from "../protocol.ts";

export interface Clock {
  readonly now: () => number;
  readonly endMs: number;
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** Returns at the start. A worker that comes later has `now` at more than 0 at once. */
export function clockOf({ startNs, endNs }: Go): Clock {
  const offset = Number(process.hrtime.bigint() - BigInt(startNs)) / 1e6 - performance.now();
  const now = () => performance.now() + offset;
  const clock = { now, endMs: Number(BigInt(endNs) - BigInt(startNs)) / 1e6 };
  const before = -now();
  if (before > 0) Atomics.wait(PAUSE, 0, 0, before);
  return clock;
}

/** Waits, but not beyond the end; other threads and processes go on. */
export function pause(ms: number, { now, endMs }: Clock): void {
  const most = Math.min(ms, endMs - now());
  if (most > 0) Atomics.wait(PAUSE, 0, 0, most);
}
