/** When a segment ends, and which ones go. Pure. */

export interface Retention {
  readonly keepMs: number;
  /** Of all segments, bytes. */
  readonly maxBytes: number;
}

/** When a segment is long enough. */
export interface SegmentLimits {
  readonly ms: number;
  readonly bytes: number;
}

/** A finished segment. */
export interface Finished {
  readonly bytes: number;
  /** When it was last written to, ms since the start of the recorder; below 0 for those of earlier ones. */
  readonly endMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What is kept is this many segments, as far as these are of a useful length. */
const PARTS = 24;
/** At least so many: what is deleted at a time is no more than this share of what is kept. */
const LEAST_PARTS = 4;
const PARTS_OF_SIZE = 16;

export function segmentLimits({ keepMs, maxBytes }: Retention): SegmentLimits {
  const ms = Math.min(Math.max(keepMs / PARTS, MINUTE_MS), HOUR_MS, keepMs / LEAST_PARTS);
  return { ms, bytes: Math.floor(maxBytes / PARTS_OF_SIZE) };
}

/**
 * How many of the finished segments go, the oldest of which is the first: those that are older than is kept, and as
 * many as must go for the size. `openBytes`: of the segment that is written, and of what else is being made.
 */
export function surplus(finished: readonly Finished[], openBytes: number, nowMs: number, limits: Retention): number {
  let bytes = openBytes;
  for (const each of finished) bytes += each.bytes;
  let gone = 0;
  for (const { bytes: own, endMs } of finished) {
    if (bytes <= limits.maxBytes && nowMs - endMs <= limits.keepMs) break;
    bytes -= own;
    gone += 1;
  }
  return gone;
}
