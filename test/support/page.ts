/** Pages made from lines of a recording, as `report --html` makes them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HistoryFacts } from "../../src/recording/history/history.ts";
import { wallClockOf } from "../../src/recording/history/wall-clock.ts";
import type { MetaLine, RecordingLine } from "../../src/recording/lines.ts";
import { Tally } from "../../src/recording/summary/tally.ts";
import type { SummaryLine } from "../../src/recording/summary-line.ts";
import { type Collected, PageCollector } from "../../src/render/page/collect/collector.ts";
import { reportPage } from "../../src/render/page/report/report-page.ts";
import { metaLine } from "./recording.ts";

/** One run, whose wall clock goes on evenly. */
export function oneRun(meta: MetaLine, toMs: number, given: Partial<HistoryFacts> = {}): HistoryFacts {
  const start = Date.parse(meta.startedAt);
  return {
    runs: [{ meta, fromMs: 0, toMs, end: "complete" }],
    clock: wallClockOf([{ atMs: 0, utcMs: start }], 0, toMs, meta.zone),
    ...{ blanks: [], suspensions: [], clockSteps: [], fromMs: 0, toMs, ...given },
  };
}

export interface MadePage {
  readonly html: string;
  readonly collected: Collected;
  readonly summary: SummaryLine;
}

export function pageOf(
  lines: Iterable<RecordingLine>,
  toMs: number,
  given: Partial<HistoryFacts> = {},
  files = pageFiles(),
): MadePage {
  const [first, ...rest] = lines;
  const meta = first?.type === "meta" ? first : metaLine();
  const facts = oneRun(meta, toMs, given);
  const span = { fromMs: facts.fromMs, toMs: facts.toMs };
  const tally = new Tally();
  const collector = new PageCollector(facts, span);
  for (const line of first === undefined ? rest : [first, ...rest]) {
    tally.add(line);
    collector.take(line);
  }
  const summary = tally.summary(toMs);
  const collected = collector.finish(facts, summary.processes);
  const html = reportPage({ collected, meta, summary, facts, span, folder: null, version: "0.1.0", files });
  return { html, collected, summary };
}

/** Of the built program. `root`: of the checkout. */
export function pageFiles(root = join(import.meta.dirname, "../..")): {
  readonly script: string;
  readonly style: string;
} {
  const read = (name: string) => readFileSync(join(root, "dist/page", name), "utf8");
  return { script: read("report.js"), style: read("page.css") };
}
