/** What a recording is made of, and whom it tells. */
import type { Hold } from "../../recording/document/named-holds.ts";
import type { WrittenLine } from "../../recording/document/uncounted.ts";
import type { MetaLine, RecordingLine, WaitLine } from "../../recording/lines.ts";
import type { Live } from "../../recording/live.ts";
import type { RecordingSource } from "../../recording/source.ts";
import type { SourceEvent } from "../../recording/source-event.ts";
import type { SummaryLine } from "../../recording/summary-line.ts";
import type { Untraceable } from "../program-source/untraceable.ts";
import type { Command } from "./command-check.ts";
import type { OutputFile, WriteProblem } from "./output-file.ts";
import type { Story } from "./until-wait.ts";

/** Events in, lines out. */
export interface LineInterpreter {
  next(event: SourceEvent): void;
  /** All events until now are in. */
  tick(nowMs: number): void;
  end(atMs: number): void;
  /** Cheap: asked for several times a second. */
  live(nowMs: number): Live;
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
  readonly output: OutputFile | null;
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
  /** The recording cannot go on. */
  readonly onError: (error: unknown) => void;
}

export interface RecordResult {
  readonly meta: MetaLine;
  readonly summary: SummaryLine;
  readonly story: Story | null;
}
