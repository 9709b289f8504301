/** A time of a recording, and whom it concerns, as the outputs get it. */
import type { HistoryFacts, Span } from "../../recording/history/history.ts";
import { onAxis } from "../../recording/history/on-axis.ts";
import type { MetaLine } from "../../recording/lines.ts";
import { Tally } from "../../recording/summary/tally.ts";
import type { ReadSpan, ReportInput } from "./input.ts";
import type { History } from "./read-history.ts";
import { type Wanted, WantedLines } from "./wanted-lines.ts";

/** So many waits, transactions and processes are listed, as record does. */
const LISTED = 20;

/** @throws UserError for a time outside of the recording */
export function inputOf(history: History, span: Span, wanted: Wanted): ReportInput {
  const { facts, paths } = history;
  const meta = metaOf(facts, span);
  const lengthMs = span.toMs - span.fromMs;
  return {
    ...{ paths, span, facts, meta },
    read: async (take, { countsMs = null, ...more } = {}): Promise<ReadSpan> => {
      const tally = new Tally({ listed: LISTED, untilMs: lengthMs, minWaitMs: wanted.minWaitMs });
      const lines = new WantedLines(wanted);
      tally.add(meta);
      tally.ends(lengthMs);
      const { blanks, damaged } = await history.read(
        span,
        (line) => {
          if (!lines.has(line)) return;
          if (line.type !== "meta") tally.add(onAxis(line, { ms: -span.fromMs, connections: 0 }));
          if (lines.lists(line)) take(line);
        },
        { countsMs, ...more },
      );
      const isDamaged = blanks.some((each) => each.why === "damaged" && reaches(each, span));
      if (isDamaged || facts.runs.some((run) => run.end === "cut" && reaches(countsMissing(run), span)))
        tally.incomplete();
      return { facts: { ...facts, blanks }, damaged, summary: tally.summary(lengthMs), sawProcess: lines.sawAny };
    },
  };
}

/** Counts are written up to so much later than what they count, ms. */
const COUNTS_LATE_MS = 3_000;

/** A recorder that was killed, or goes on, has not written its last counts. */
function countsMissing({ fromMs, toMs }: Span): Span {
  return { fromMs: Math.max(fromMs, toMs - COUNTS_LATE_MS), toMs };
}

function reaches(one: Span, other: Span): boolean {
  return one.fromMs <= other.toMs && one.toMs >= other.fromMs;
}

/** Of all runs in the span together. */
function metaOf({ runs, clock }: HistoryFacts, span: Span): MetaLine {
  const within = runs.filter(({ fromMs, toMs }) => fromMs <= span.toMs && toMs >= span.fromMs);
  const all = (within.length === 0 ? runs : within).map(({ meta }) => meta);
  const last = all.at(-1);
  if (last === undefined) throw new Error("a history without a run");
  const databases = new Map(all.flatMap((meta) => meta.databases.map((each) => [each.path, each] as const)));
  const isExact = all.every(({ exact }) => exact);
  const sampled = all.find(({ source }) => source === "sampled");
  return {
    ...(sampled ?? last),
    exact: isExact,
    statements: all.every(({ statements }) => statements),
    startedAt: new Date(clock.toUtcMs(span.fromMs)).toISOString(),
    databases: [...databases.values()],
  };
}
