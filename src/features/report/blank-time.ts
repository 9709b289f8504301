/** How much of a time the recording tells nothing of. Pure. */
import type { Blank, Span } from "../../recording/history/history.ts";

/** ms; blanks that overlap count once. */
export function blankMs(blanks: readonly Blank[], span: Span): number {
  let [ms, untilMs] = [0, span.fromMs];
  for (const { fromMs, toMs } of blanks.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const [from, to] = [Math.max(fromMs, untilMs), Math.min(toMs, span.toMs)];
    if (to <= from) continue;
    ms += to - from;
    untilMs = to;
  }
  return ms;
}
