/** A trace of lines, as `report --perfetto` writes it. */
import type { HistoryFacts } from "../../src/recording/history/history.ts";
import { wallClockOf } from "../../src/recording/history/wall-clock.ts";
import type { RecordingLine } from "../../src/recording/lines.ts";
import type { SummaryLine } from "../../src/recording/summary-line.ts";
import type { TraceEvent } from "../../src/render/perfetto/event.ts";
import { traceText } from "../../src/render/perfetto/text.ts";
import { metaLine } from "./recording.ts";

/** One run, from 0 to 10 s. */
export function factsOf(given: Partial<HistoryFacts> = {}): HistoryFacts {
  const clock = wallClockOf([{ atMs: 0, utcMs: Date.UTC(2026, 6, 1, 1, 0) }], 0, 10_000, "Europe/Berlin");
  return {
    ...{
      runs: [{ meta: metaLine(), fromMs: 0, toMs: 10_000, end: "complete" }],
      clock,
      blanks: [],
      suspensions: [],
      clockSteps: [],
    },
    ...{ fromMs: 0, toMs: 10_000, ...given },
  };
}

export function traceOf(
  lines: readonly RecordingLine[],
  { facts = factsOf(), originMs = 0, meta = metaLine() } = {},
): { readonly text: string; readonly events: readonly TraceEvent[] } {
  const pieces: string[] = [];
  const span = { fromMs: originMs, toMs: facts.toMs };
  const trace = traceText({ meta, facts, span }, (text) => pieces.push(text));
  for (const line of lines) trace.add(line);
  trace.end({ facts, summary: {} as SummaryLine, damaged: [], sawProcess: true });
  const text = pieces.join("");
  return { text, events: (JSON.parse(text) as { readonly traceEvents: readonly TraceEvent[] }).traceEvents };
}
