/** What a recording is made of, and whom it tells. */
import type { Hold } from "../../recording/document/named-holds.ts";
import type { WrittenLine } from "../../recording/document/uncounted.ts";
import type { FoldedLine, MetaLine, RecordingLine, WaitLine } from "../../recording/lines.ts";
import type { Live } from "../../recording/live.ts";
import type { RecordingSource } from "../../recording/source.ts";
import type { SourceEvent } from "../../recording/source-event.ts";
import type { OpenLine } from "../../recording/state-lines.ts";
import type { SummaryLine } from "../../recording/summary-line.ts";
import type { Untraceable } from "../program-source/untraceable.ts";
import type { Command } from "./command-check.ts";
import type { WriteProblem } from "./output-file.ts";
import type { Missing } from "./segments/outage.ts";
import type { SegmentOutput } from "./segments/segment-output.ts";
import type { Story } from "./until-wait.ts";

/** Events in, lines out. */
export interface LineInterpreter {
  next(event: SourceEvent): void;
  /** All events until `knownMs` are in. */
  tick(nowMs: number, knownMs: number): void;
  end(atMs: number): void;
  /** Cheap: asked for several times a second. */
  live(nowMs: number): Live;
  /** All that is held, waited for and open now, of what is shown. */
  open(nowMs: number, shows: (line: RecordingLine) => boolean): OpenLine;
  /** As far as its end is known. */
  isRunning(pid: number, startTicks: string | null): boolean;
  /** Another file begins: it is told how things stand. */
  beginFile(): void;
  started(pid: number, command: Command): void;
  /** Of the command that is recorded. */
  environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  /** Nothing is left of it; may be called again. */
  abandon(): void;
}

/** What is too short to be listed becomes counts. */
export interface LineFolder {
  add(line: RecordingLine): void;
  /** A wait may name this lock. */
  inTheWay(hold: Hold): void;
  second(nowMs: number): void;
  /** What is written from now on goes into another file. */
  beginFile(): void;
}

/** Where the lines go, each with its line feed. */
export interface RecordingOutput {
  /** Of the file, or of the folder. */
  readonly path: string;
  /** Root writes in another user's folder as that user. Null: what is written is the caller's. */
  readonly owner: number | null;
  /** Null: it is written. */
  readonly problem: WriteProblem | null;
  add(line: string): void;
  /** Writes what was added. @returns the problem that ended the writing just now */
  flush(nowMs: number): WriteProblem | null;
  /** Everything that was added is on the disk. @returns as `flush` */
  close(nowMs: number): WriteProblem | null;
  /** Leaves no file where nothing was written. */
  discard(): void;
  /** What was folded since this was last asked for. */
  takeFolded(): FoldedLine | null;
}

export interface LineTally {
  add(line: RecordingLine): void;
  /** What is added from now on and has no end was held until then, at least. */
  ends(atMs: number): void;
  /** Of a recording that ended then. */
  summary(endMs: number): SummaryLine;
}

export interface RecorderParts {
  /** It is active already. */
  readonly source: RecordingSource;
  readonly lines: (emit: (line: RecordingLine) => void, inTheWay: (hold: Hold) => void) => LineInterpreter;
  /** `write` takes the lines of the file, in their order. Null: neither a file nor a document is wanted. */
  readonly folder: ((write: (line: WrittenLine) => void) => LineFolder) | null;
  readonly tally: LineTally;
  readonly output: RecordingOutput | null;
  /** With --keep, the same as `output`; else null. */
  readonly segments: SegmentOutput | null;
  /** Why no tracer gets into the command, as far as its words tell; null: they do not. */
  readonly untraceable: Untraceable | null;
  readonly meta: SourceMeta;
}

/** Of `meta`: what the settings do not say. `because`: see SourceReason in src/render/record/source.ts. */
export type SourceMeta = Pick<
  MetaLine,
  | "source"
  | "exact"
  | "because"
  | "startedAt"
  | "startedMonotonicNs"
  | "zone"
  | "kernel"
  | "bootId"
  | "statements"
  | "databases"
  | "callSites"
>;

export interface RecordListener {
  /** Every line that is asked for, also what the file only counts. */
  readonly onLine: (line: RecordingLine) => void;
  /** Several times a second. */
  readonly onTick: (live: Live, nowMs: number) => void;
  /** A wait is as long as --on-wait says, once. */
  readonly onLongWait: (wait: WaitLine) => void;
  /** --until-wait: it is time to stop. */
  readonly onEnough: () => void;
  readonly onWriteProblem: (problem: WriteProblem) => void;
  /** After a problem: it is written again. */
  readonly onWrittenAgain: (missing: Missing) => void;
  /** The recording cannot go on. */
  readonly onError: (error: unknown) => void;
}

export interface RecordResult {
  readonly meta: MetaLine;
  readonly summary: SummaryLine;
  readonly story: Story | null;
}
