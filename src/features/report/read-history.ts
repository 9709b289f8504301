/**
 * A recording that is read again: files and folders in, lines on one axis out. It is looked through once for what it
 * has, and read when its lines are asked for.
 */
import { UserError } from "../../errors.ts";
import { RecordingReader } from "../../recording/document/reader.ts";
import { assemble, type FoundRun } from "../../recording/history/assemble.ts";
import type { Blank, HistoryFacts, Span } from "../../recording/history/history.ts";
import { type Move, onAxis } from "../../recording/history/on-axis.ts";
import { StatementTexts } from "../../recording/history/texts.ts";
import { timesOf } from "../../recording/history/times.ts";
import type { MetaLine, RecordingLine } from "../../recording/lines.ts";
import type { ClockLine } from "../../recording/state-lines.ts";
import { escapeText } from "../../text/escape.ts";
import { piecesOf } from "./file-pieces.ts";
import { recordingFiles } from "./files.ts";

export interface History {
  readonly paths: readonly string[];
  /** `blanks` has only those between the runs. */
  readonly facts: HistoryFacts;
  /** What concerns the span, in the order of files and lines. @returns all blanks in it. @throws UserError */
  readonly read: (span: Span, take: (line: RecordingLine) => void) => Promise<readonly Blank[]>;
}

/** @throws UserError */
export async function openHistory(paths: readonly string[]): Promise<History> {
  const files: FoundFile[] = [];
  for (const path of paths.flatMap(recordingFiles)) files.push(await lookThrough(path));
  const runs = runsOf(files);
  const { facts, moves, order } = assemble(runs.map(({ found }) => found));
  const read = async (span: Span, take: (line: RecordingLine) => void) => {
    const blanks = [...facts.blanks];
    for (const [place, index] of order.entries()) {
      const move = moves[place] as Move;
      for (const { path } of (runs[index] as FilesOfRun).files) {
        const texts = new StatementTexts();
        await linesOf(path, (line) => {
          if (line.type === "statement") return texts.add(line);
          const times = timesOf(line);
          if (times !== null && (times.fromMs + move.ms > span.toMs || times.toMs + move.ms < span.fromMs)) return;
          const moved = onAxis(texts.restored(line), move);
          if (moved.type === "gap") {
            const { fromMs, toMs, why = "lost" } = moved;
            blanks.push({ fromMs, toMs, why });
          }
          take(moved);
        });
      }
    }
    return blanks.sort((a, b) => a.fromMs - b.fromMs);
  };
  return { paths, facts, read };
}

interface FoundFile {
  readonly path: string;
  readonly meta: MetaLine;
  readonly fromMs: number;
  readonly toMs: number;
  readonly clocks: readonly ClockLine[];
  readonly isComplete: boolean;
}

async function lookThrough(path: string): Promise<FoundFile> {
  let meta: MetaLine | null = null;
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, 0];
  const clocks: ClockLine[] = [];
  const isComplete = await linesOf(path, (line) => {
    if (line.type === "meta") meta ??= line;
    if (line.type === "clock") clocks.push(line);
    const times = timesOf(line);
    if (times === null) return;
    fromMs = Math.min(fromMs, times.fromMs);
    if (Number.isFinite(times.toMs)) toMs = Math.max(toMs, times.toMs);
  });
  if (meta === null) throw notARecording(path);
  return { path, meta, fromMs: Math.max(0, Math.min(fromMs, toMs)), toMs, clocks, isComplete };
}

async function linesOf(path: string, take: (line: RecordingLine) => void): Promise<boolean> {
  const reader = new RecordingReader(take);
  await piecesOf(path, (piece) => reader.push(piece));
  const { refused, isComplete } = reader.end();
  if (refused !== null) throw notARecording(path);
  return isComplete;
}

interface FilesOfRun {
  readonly found: FoundRun;
  readonly files: readonly FoundFile[];
}

function runsOf(files: readonly FoundFile[]): FilesOfRun[] {
  const groups = new Map<string, FoundFile[]>();
  for (const file of files) {
    const { startedAt, startedMonotonicNs, bootId } = file.meta;
    const key = [startedAt, startedMonotonicNs, bootId].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].map((group) => {
    const sorted = group.toSorted((a, b) => (a.meta.segment ?? 1) - (b.meta.segment ?? 1));
    const [first] = sorted as [FoundFile, ...FoundFile[]];
    const found: FoundRun = {
      meta: first.meta,
      fromMs: (first.meta.segment ?? 1) > 1 ? first.fromMs : 0,
      toMs: Math.max(...sorted.map(({ toMs }) => toMs)),
      clocks: sorted.flatMap(({ clocks }) => clocks),
      end: sorted.some(({ isComplete }) => isComplete) ? "complete" : "cut",
      blanks: [],
    };
    return { found, files: sorted };
  });
}

function notARecording(path: string): UserError {
  return new UserError("not-a-recording", `${escapeText(path)} is no recording of sqlock`, "give a file of record -o");
}
