/** How much of a time was recorded. Pure. */
import type { Blank, Span } from "./history.ts";

/** `blanks`: in the order of their beginnings; they may overlap. ms. */
export function recordedMs({ fromMs, toMs }: Span, blanks: readonly Blank[]): number {
  let knownMs = 0;
  let atMs = fromMs;
  for (const blank of blanks) {
    if (blank.fromMs >= toMs) break;
    knownMs += Math.max(0, Math.min(blank.fromMs, toMs) - atMs);
    atMs = Math.max(atMs, Math.min(blank.toMs, toMs));
  }
  return knownMs + Math.max(0, toMs - atMs);
}
