/** The lines of one run that concern a time, on the axis. */
import type { Blank, Run, Span } from "../../recording/history/history.ts";
import { type Move, onAxis } from "../../recording/history/on-axis.ts";
import { brokenOff, StillOpen } from "../../recording/history/still-open.ts";
import { concerns } from "../../recording/history/wanted.ts";
import type { RecordingLine } from "../../recording/lines.ts";
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
  taken(run.meta);
  for (const task of tasks) {
    const { blanks, damaged } = await readTask(task, (line) => {
      if (line.type === "open") open.set(line);
      else if (line.type === "lock" || line.type === "wait" || line.type === "transaction") open.ended(line);
      if (!task.isBeyond && isNew(line) && (line.type === "counts" || concerns(line, span)))
        taken(onAxis(ended(line, endMs, isLast), move));
    });
    for (const blank of blanks)
      found.blanks.push({ ...blank, fromMs: blank.fromMs + move.ms, toMs: blank.toMs + move.ms });
    if (damaged !== null) found.damaged.push(damaged);
  }
  const last = tasks.at(-1);
  const untilMs = last?.isBeyond === true ? (open.atMs ?? last.fromMs) : endMs;
  for (const line of open.lines) {
    const broken = brokenOff(line, untilMs, isLast && last?.isBeyond !== true);
    if (concerns(broken, span)) taken(onAxis(broken, move));
  }
}

/** What was still so at the end of a run: later ones know nothing of it. */
function ended(line: RecordingLine, endMs: number, isLast: boolean): RecordingLine {
  if (isLast || (line.type !== "lock" && line.type !== "transaction") || line.toMs !== null) return line;
  return brokenOff(line, endMs, false);
}
