/** Which time of a recording is asked for. Pure. */
import { type FoundMoment, type FoundSpan, findMoment, findSpan } from "../../recording/history/find-moment.ts";
import type { HistoryFacts, Span } from "../../recording/history/history.ts";
import type { Moment } from "../../recording/history/moment.ts";
import type { ReportSettings } from "./settings.ts";

export type ChosenTime =
  | { readonly kind: "span"; readonly span: Span }
  | { readonly kind: "moment"; readonly found: FoundMoment; readonly moment: Moment }
  /** Of --between and --last: there is no such time. */
  | { readonly kind: "none"; readonly found: Exclude<FoundSpan, { kind: "span" }> };

/** `nowUtcMs`: of who asks. */
export function chosenTime({ at, between, lastMs }: ReportSettings, facts: HistoryFacts, nowUtcMs: number): ChosenTime {
  if (at !== null) return { kind: "moment", moment: at, found: findMoment(at, facts, nowUtcMs) };
  const { fromMs, toMs, clock } = facts;
  if (between === null && lastMs === null) return { kind: "span", span: { fromMs, toMs } };
  if (between !== null) {
    const found = findSpan(...between, facts, nowUtcMs);
    return found.kind === "span" ? found : { kind: "none", found };
  }
  const endUtcMs = clock.toUtcMs(toMs);
  const span = clock.spanOf(endUtcMs - (lastMs ?? 0), endUtcMs);
  return span === null ? { kind: "none", found: { kind: "outside" } } : { kind: "span", span };
}
