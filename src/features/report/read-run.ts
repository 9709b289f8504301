/** The lines of one run that concern a time, on the axis. */
import type { Blank, Run, Span } from "../../recording/history/history.ts";
import { type Move, onAxis } from "../../recording/history/on-axis.ts";
import { brokenOff, StillOpen } from "../../recording/history/still-open.ts";
import { concerns } from "../../recording/history/wanted.ts";
import type { ProcessLine, RecordingLine } from "../../recording/lines.ts";
import { type Numbered, processKey } from "../record/known-processes.ts";
import type { DamagedFile, FileResult, FileTask } from "./read-file.ts";

export interface RunToRead {
  /** On the axis. */
  readonly run: Run;
  readonly move: Move;
  /** Of its own clock. */
  readonly span: Span;
  readonly tasks: readonly FileTask[];
  /** No run comes after it. */
  readonly isLast: boolean;
}

export interface Found {
  readonly blanks: Blank[];
  readonly damaged: DamagedFile[];
}

export type ReadTask = (task: FileTask, give: (line: RecordingLine) => void) => Promise<FileResult>;

/** `taken` gets the lines. What is told of the reading is added to `found`. */
export async function readRun(
  { run, move, span, tasks, isLast }: RunToRead,
  readTask: ReadTask,
  taken: (line: RecordingLine) => void,
  found: Found,
): Promise<void> {
  const endMs = run.toMs - move.ms;
  const open = new StillOpen();
  /** By database: the file after it begins with what is known of its log. */
  const walMs = new Map<string, number>();
  const isNew = (line: RecordingLine) => {
    if (line.type !== "wal") return true;
    if (line.atMs <= (walMs.get(line.path) ?? Number.NEGATIVE_INFINITY)) return false;
    walMs.set(line.path, line.atMs);
    return true;
  };
  /** Told in the file after the span: one of them may have something that was open by then. */
  const later = new Map<string, ProcessLine>();
  taken(run.meta);
  for (const task of tasks) {
    const { blanks, damaged } = await readTask(task, (line) => {
      if (line.type === "open") open.set(line);
      else if (line.type === "lock" || line.type === "wait" || line.type === "transaction") open.ended(line);
      if (task.isBeyond && line.type === "process") later.set(processKey(line), line);
      if (!task.isBeyond && isNew(line) && (line.type === "counts" || concerns(line, span)))
        taken(onAxis(ended(line, endMs, isLast), move));
    });
    for (const blank of blanks)
      found.blanks.push({ ...blank, fromMs: blank.fromMs + move.ms, toMs: blank.toMs + move.ms });
    if (damaged !== null) found.damaged.push(damaged);
  }
  const last = tasks.at(-1);
  const isBeyond = last?.isBeyond === true;
  // Of a complete run, all that was open at its end has a line of its own. What has none was too short to be listed.
  if (run.end === "complete" && !isBeyond) return;
  const end = {
    atMs: isBeyond ? (open.toldMs ?? last.fromMs) : endMs,
    isLast: isLast && !isBeyond,
    minMs: run.meta.minWaitMs,
  };
  const left = open.brokenOff(end).filter((line) => concerns(line, span));
  const named = left.flatMap((line): Numbered[] => (line.type === "wait" ? [line, ...line.blockers] : [line]));
  for (const key of new Set(named.map(processKey))) {
    const process = later.get(key);
    if (process !== undefined) taken(process);
  }
  for (const line of left) taken(onAxis(line, move));
}

/** What was still so at the end of a run: later ones know nothing of it. */
function ended(line: RecordingLine, endMs: number, isLast: boolean): RecordingLine {
  if (isLast || (line.type !== "lock" && line.type !== "transaction") || line.toMs !== null) return line;
  return brokenOff(line, endMs, false);
}
