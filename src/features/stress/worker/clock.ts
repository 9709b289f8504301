/** The time of a round, in ms since its start; the same in all processes. */
import type { TimeWindow } from "../protocol.ts";

export interface RoundClock {
  readonly now: () => number;
  readonly endMs: number;
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** Returns at the start; at once in a worker that was started later. */
export function waitForStart({ startNs, endNs }: TimeWindow): RoundClock {
  const offset = Number(process.hrtime.bigint() - BigInt(startNs)) / 1e6 - performance.now();
  const now = () => performance.now() + offset;
  const remainingMs = -now();
  if (remainingMs > 0) Atomics.wait(PAUSE, 0, 0, remainingMs);
  return { now, endMs: Number(BigInt(endNs) - BigInt(startNs)) / 1e6 };
}

/** Blocks this thread, at most until the end of the round. */
export function pause(ms: number, { now, endMs }: RoundClock): void {
  const limitedMs = Math.min(ms, endMs - now());
  if (limitedMs > 0) Atomics.wait(PAUSE, 0, 0, limitedMs);
}
