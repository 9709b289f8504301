/** What of a recording is reported: a time of it, and whom. */
import type { Span } from "../../recording/history/history.ts";
import { onAxis } from "../../recording/history/on-axis.ts";
import type { MetaLine } from "../../recording/lines.ts";
import { Tally } from "../../recording/summary/tally.ts";
import type { ReportInput } from "./input.ts";
import type { History } from "./read-history.ts";
import type { ReportSettings } from "./settings.ts";

/** @throws UserError for a time outside of the recording */
export function inputOf(history: History, _settings: ReportSettings): ReportInput {
  const { facts, paths } = history;
  const span: Span = { fromMs: facts.fromMs, toMs: facts.toMs };
  const meta = metaOf(
    facts.runs.map((run) => run.meta),
    new Date(facts.clock.toUtcMs(span.fromMs)).toISOString(),
  );
  return {
    ...{ paths, span, facts, meta },
    read: async (take) => {
      const tally = new Tally();
      tally.add(meta);
      const { blanks } = await history.read(
        span,
        (line) => {
          if (line.type !== "meta") tally.add(onAxis(line, { ms: -span.fromMs, connections: 0 }));
          take(line);
        },
        { countsMs: 60_000 },
      );
      return { facts: { ...facts, blanks }, summary: tally.summary(span.toMs - span.fromMs) };
    },
  };
}

/** Of all runs together. */
function metaOf(all: readonly MetaLine[], startedAt: string): MetaLine {
  const last = all.at(-1) as MetaLine;
  const databases = new Map(all.flatMap((meta) => meta.databases.map((each) => [each.path, each] as const)));
  return { ...last, exact: all.every(({ exact }) => exact), startedAt, databases: [...databases.values()] };
}
