/** What every output of `report` is made from. */
import type { HistoryFacts, Span } from "../../recording/history/history.ts";
import type { MetaLine, RecordingLine } from "../../recording/lines.ts";
import type { SummaryLine } from "../../recording/summary-line.ts";
import type { DamagedFile } from "./read-file.ts";

export interface ReportInput {
  /** As given: files and folders. */
  readonly paths: readonly string[];
  /** On the axis: the whole recording, or what --between or --last name. */
  readonly span: Span;
  /** Known beforehand; `blanks` has only those that are known without reading all. */
  readonly facts: HistoryFacts;
  /** Of all runs in the span together; `startedAt` is the beginning of the span. */
  readonly meta: MetaLine;
  /**
   * Reads the recording, once each time that it is called. `take` gets what concerns the span, on the axis, narrowed
   * by --process and --min-wait: also what began before it, or ended after it. The summary has all waits, and lists
   * those of --min-wait. @throws UserError
   */
  readonly read: (take: (line: RecordingLine) => void, options?: ReadSpanOptions) => Promise<ReadSpan>;
}

export interface ReadSpanOptions {
  /** Counts of up to so much time of one process become one line: much faster. Left out: as they were recorded. */
  readonly countsMs?: number;
  /** Of these, without their histograms: faster still. */
  readonly withoutBuckets?: true;
}

export interface ReadSpan {
  /** With all blanks in the span. */
  readonly facts: HistoryFacts;
  /** Of the span; its times are since the beginning of the span. */
  readonly summary: SummaryLine;
  /** Files that could not be read in whole. */
  readonly damaged: readonly DamagedFile[];
  /** A process that --process asks for is in it. */
  readonly sawProcess: boolean;
}

/** A file to be written. */
export interface ReportOutput {
  readonly path: string;
  /** It may replace a file. */
  readonly force: boolean;
}
