/** Which time of a recording is asked for. Pure. */
import { type FoundMoment, findMoment, findSpan } from "../../recording/history/find-moment.ts";
import type { HistoryFacts, Span } from "../../recording/history/history.ts";
import type { Moment } from "../../recording/history/moment.ts";
import type { ReportSettings } from "./settings.ts";

export type ChosenTime =
  | { readonly kind: "span"; readonly span: Span }
  | { readonly kind: "moment"; readonly found: FoundMoment; readonly moment: Moment }
  /** Of --between: none of it is in the recording. */
  | { readonly kind: "outside" };

/** `nowUtcMs`: of who asks. */
export function chosenTime({ at, between, lastMs }: ReportSettings, facts: HistoryFacts, nowUtcMs: number): ChosenTime {
  if (at !== null) return { kind: "moment", moment: at, found: findMoment(at, facts, nowUtcMs) };
  const { fromMs, toMs, clock } = facts;
  if (between === null && lastMs === null) return { kind: "span", span: { fromMs, toMs } };
  const endUtcMs = clock.toUtcMs(toMs);
  const span =
    between !== null ? findSpan(...between, facts, nowUtcMs) : clock.spanOf(endUtcMs - (lastMs ?? 0), endUtcMs);
  return span === null ? { kind: "outside" } : { kind: "span", span };
}
