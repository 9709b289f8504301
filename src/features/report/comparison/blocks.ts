/**
 * Two recordings, cut into blocks of the same length, so that chance can be judged: what happens in one second is much
 * like what happened in the second before, but what happens in one block hardly depends on the block before. Pure.
 */
import type { Blank, Span } from "../../../recording/history/history.ts";
import { blankMs } from "../blank-time.ts";

/** The shorter recording has so many, where they are as short as they may be; blocks are joined up to `FEWEST`. */
const USUAL = 24;
/** With eight each, one order of the blocks in 6,435 has the greatest difference, enough for ten metrics. */
export const FEWEST = 8;
const MOST = 2_000;
const SHORTEST_MS = 1_000;

export interface BlockPlan {
  readonly lengthMs: number;
  readonly before: number;
  readonly after: number;
}

/** @returns null where one of them is too short for that. Lengths in ms */
export function planBlocks(beforeMs: number, afterMs: number): BlockPlan | null {
  const [shorter, longer] = [Math.min(beforeMs, afterMs), Math.max(beforeMs, afterMs)];
  const lengthMs = Math.max(SHORTEST_MS, shorter / USUAL, longer / MOST);
  // A remainder at the end is left out; what is lacking to a whole one may be rounding.
  const [before, after] = [Math.floor(beforeMs / lengthMs + 1e-9), Math.floor(afterMs / lengthMs + 1e-9)];
  return Math.min(before, after) < FEWEST ? null : { lengthMs, before, after };
}

/** For how long of each block the recording tells anything, ms. */
export function covered(span: Span, blocks: number, lengthMs: number, blanks: readonly Blank[]): number[] {
  return Array.from({ length: blocks }, (_, i) => {
    const fromMs = span.fromMs + i * lengthMs;
    return lengthMs - blankMs(blanks, { fromMs, toMs: fromMs + lengthMs });
  });
}
