/** The lines of one run that concern a time, on the axis, with whole statements. */
import type { Blank, Run, Span } from "../../recording/history/history.ts";
import { MergedCounts } from "../../recording/history/merged-counts.ts";
import { type Move, onAxis } from "../../recording/history/on-axis.ts";
import { brokenOff, StillOpen } from "../../recording/history/still-open.ts";
import { StatementTexts } from "../../recording/history/texts.ts";
import { timesOf } from "../../recording/history/times.ts";
import { concerns, wantsText } from "../../recording/history/wanted.ts";
import type { RecordingLine } from "../../recording/lines.ts";
import type { FoundFile } from "./read-history.ts";
import { currentPath } from "./sources.ts";
import { readPieces } from "./survey.ts";

export type Taken = (line: RecordingLine) => void;

export interface ReadOptions {
  /** Counts of up to so much time become one line; null: as they were recorded. */
  readonly countsMs: number | null;
  /** Counts are left out. */
  readonly withoutCounts?: true;
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

export interface RunToRead {
  /** On the axis. */
  readonly run: Run;
  readonly move: Move;
  readonly files: readonly FoundFile[];
  readonly span: Span;
  /** No run comes after it. */
  readonly isLast: boolean;
  readonly isComplete: boolean;
}

interface Found {
  readonly blanks: Blank[];
  readonly damaged: DamagedFile[];
}

export async function readRun(given: RunToRead, taken: Taken, options: ReadOptions, found: Found): Promise<void> {
  const { run, move, files, span, isLast } = given;
  /** Of the run's own clock. */
  const own: Span = { fromMs: span.fromMs - move.ms, toMs: span.toMs - move.ms };
  const open = new StillOpen();
  const counts =
    options.countsMs === null ? null : new MergedCounts(options.countsMs, (line) => taken(onAxis(line, move)));
  taken(run.meta);
  const give = (line: RecordingLine) => {
    if (!concerns(line, own)) return;
    if (line.type === "counts" && counts !== null) counts.add(line);
    else taken(onAxis(line, move));
  };
  /** When nothing more is read of it. */
  let untilMs = run.toMs - move.ms;
  let reachesEnd = true;
  for (const [index, file] of files.entries()) {
    if (file.toMs < own.fromMs) continue;
    const isBeyond = file.fromMs > own.toMs && index > 0;
    await readFile(file, own, isBeyond, options, found, {
      blankMs: move.ms,
      give: (line) => {
        if (line.type === "open") open.set(line);
        else if (line.type === "lock" || line.type === "wait" || line.type === "transaction") open.ended(line);
        if (!isBeyond) give(ended(line, run.toMs - move.ms, isLast));
      },
    });
    if (!isBeyond) continue;
    untilMs = file.fromMs;
    reachesEnd = false;
    break;
  }
  counts?.end();
  for (const line of open.lines) {
    const last = brokenOff(line, untilMs, reachesEnd && isLast);
    if (concerns(last, own)) taken(onAxis(last, move));
  }
}

/** What was still so at the end of a run: later ones know nothing of it. */
function ended(line: RecordingLine, endMs: number, isLast: boolean): RecordingLine {
  if (isLast || (line.type !== "lock" && line.type !== "transaction") || line.toMs !== null) return line;
  return brokenOff(line, endMs, false);
}

interface Into {
  readonly blankMs: number;
  readonly give: (line: RecordingLine) => void;
}

/** `isBeyond`: only what is open at its beginning is wanted. */
async function readFile(
  file: FoundFile,
  own: Span,
  isBeyond: boolean,
  options: ReadOptions,
  found: Found,
  { give, blankMs }: Into,
): Promise<void> {
  const texts = new StatementTexts();
  let lastMs = file.fromMs;
  /** A line before could not be read. */
  let isDamaged = false;
  let isOver = false;
  const source = file.source.isSegment ? { ...file.source, path: currentPath(file.source.path ?? "") } : file.source;
  if (source.path === null && source.bytes === undefined) {
    found.blanks.push({ fromMs: file.fromMs + blankMs, toMs: file.toMs + blankMs, why: "damaged" });
    return;
  }
  const take = (line: RecordingLine) => {
    if (line.type === "meta") return;
    if (line.type === "statement") {
      texts.add(line);
      return;
    }
    const atMs = knownAt(line);
    if (isDamaged && atMs !== null) {
      found.blanks.push({ fromMs: lastMs + blankMs, toMs: Math.max(lastMs, atMs) + blankMs, why: "damaged" });
      isDamaged = false;
    }
    if (atMs !== null && atMs > lastMs) lastMs = atMs;
    if (line.type === "gap") {
      const { fromMs, toMs, why = "lost" } = line;
      found.blanks.push({ fromMs: fromMs + blankMs, toMs: toMs + blankMs, why });
    }
    if (isOver) return;
    give(texts.restored(line));
    if (isBeyond && line.type === "open") isOver = true;
  };
  const { damaged, unknown, firstDamaged, isCut } = await readPieces(source, take, {
    wants: (json) => wantsText(json, own, options.withoutCounts === true),
    onProblem: () => {
      isDamaged = true;
    },
    goesOn: () => !isOver,
  });
  if (isDamaged)
    found.blanks.push({ fromMs: lastMs + blankMs, toMs: Math.max(lastMs, file.toMs) + blankMs, why: "damaged" });
  if (damaged > 0 || isCut)
    found.damaged.push({ name: source.name, lines: damaged, firstLine: firstDamaged, unknown, isCut });
}

/** When the line was written, about. */
function knownAt(line: RecordingLine): number | null {
  const times = timesOf(line);
  return times === null ? null : Number.isFinite(times.toMs) ? times.toMs : null;
}
