/** What one file of a run has of a time: lines with their own times, whole statements, and what could not be read. */
import type { Blank, Span } from "../../recording/history/history.ts";
import { MergedCounts } from "../../recording/history/merged-counts.ts";
import { StatementTexts } from "../../recording/history/texts.ts";
import { timesOf } from "../../recording/history/times.ts";
import { concerns, countsConcern, wantsText } from "../../recording/history/wanted.ts";
import type { GapLine, RecordingLine } from "../../recording/lines.ts";
import { OneRun } from "./one-run.ts";
import { currentPath, type FoundSource } from "./sources.ts";
import { readPieces } from "./survey.ts";

export interface ReadOptions {
  /** Counts of up to so much time become one line; null: as they were recorded. */
  readonly countsMs: number | null;
  /** Without their histograms. */
  readonly withoutBuckets?: true;
  /** Counts of this time alone; left out: of the whole span. On the axis. */
  readonly countsSpan?: Span;
}

/** All times are those of the run. */
export interface FileTask {
  readonly source: FoundSource;
  readonly fromMs: number;
  readonly toMs: number;
  readonly span: Span;
  /** The run goes on in another file: this one does not end in the middle. */
  readonly isFollowed: boolean;
  /** It is after the span: only what is open at its beginning is wanted. */
  readonly isBeyond: boolean;
  /** See {@link ReadOptions}. */
  readonly countsSpan: Span;
  readonly countsMs: number | null;
  readonly withBuckets: boolean;
}

export interface DamagedFile {
  readonly name: string;
  /** Lines that could not be read; null: all. */
  readonly lines: number | null;
  readonly firstLine: number | null;
  /** Of these, of kinds that only a later version knows. */
  readonly unknown: number;
  /** It ends in the middle. */
  readonly isCut: boolean;
}

export interface FileResult {
  readonly blanks: readonly Blank[];
  /** Null: it was whole. */
  readonly damaged: DamagedFile | null;
}

/** `give` gets what concerns the span, and every `open` line. @throws UserError, or an error of the system */
export async function readFile(task: FileTask, give: (line: RecordingLine) => void): Promise<FileResult> {
  const { span, countsSpan, countsMs, isBeyond, fromMs: beginMs, toMs: endMs } = task;
  const { source } = task;
  const path = source.isSegment && source.path !== null ? currentPath(source.path) : source.path;
  if (path === null && source.bytes === undefined)
    return { blanks: [{ fromMs: beginMs, toMs: endMs, why: "damaged" }], damaged: null };
  const blanks: Blank[] = [];
  const one = new OneRun(source);
  const texts = new StatementTexts();
  const counts = countsMs === null ? null : new MergedCounts(countsMs, give, task.withBuckets);
  let lastMs = beginMs;
  /** A line before could not be read. */
  let isDamaged = false;
  let isOver = false;
  const tellDamaged = (untilMs: number) => {
    blanks.push({ fromMs: lastMs, toMs: Math.max(lastMs, untilMs), why: "damaged" });
    isDamaged = false;
  };
  const isWanted = (fromMs: number, toMs: number) => {
    if (isDamaged) tellDamaged(toMs);
    if (toMs > lastMs) lastMs = toMs;
    return countsConcern({ fromMs, toMs }, countsSpan);
  };
  const take = (line: RecordingLine) => {
    if (line.type === "meta") one.add(line);
    if (isOver || line.type === "meta") return;
    if (line.type === "statement") {
      texts.add(line);
      return;
    }
    const atMs = writtenAt(line);
    if (isDamaged && atMs !== null) tellDamaged(atMs);
    if (atMs !== null && atMs > lastMs) lastMs = atMs;
    if (line.type === "gap") blanks.push(blankOf(line));
    if (line.type === "counts") {
      if (!concerns(line, countsSpan)) return;
      const whole = texts.restored(line);
      if (counts === null || whole.type !== "counts") give(whole);
      else counts.add(whole);
    } else if (line.type === "open" || concerns(line, span)) give(texts.restored(line));
    isOver = isBeyond && line.type === "open";
  };
  const read = await readPieces({ ...source, path }, take, {
    wants: (json) => wantsText(json, countsSpan),
    ...(counts !== null && { takes: (text, from, to) => counts.addText(text, from, to, isWanted) }),
    onProblem: () => {
      isDamaged = true;
    },
    goesOn: () => !isOver,
  });
  counts?.end();
  if (isDamaged || (read.isCut && task.isFollowed)) tellDamaged(endMs);
  const { damaged: lines, unknown, firstDamaged: firstLine, isCut } = read;
  const isWhole = lines === 0 && !isCut;
  return { blanks, damaged: isWhole ? null : { name: source.name, lines, firstLine, unknown, isCut } };
}

/** About. */
function writtenAt(line: RecordingLine): number | null {
  const times = timesOf(line);
  return times === null ? null : Number.isFinite(times.toMs) ? times.toMs : null;
}

function blankOf({ fromMs, toMs, why }: GapLine): Blank {
  return { fromMs, toMs, why: why === "removed" ? "damaged" : (why ?? "lost") };
}
