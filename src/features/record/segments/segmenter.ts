/**
 * A recording in segments: when another one begins, and what it begins with, so that each can be read alone. Between
 * two there is nothing that belongs to neither.
 */
import type { WrittenLine } from "../../../recording/document/uncounted.ts";
import type { GapLine, MetaLine, RecordingLine } from "../../../recording/lines.ts";
import type { ClockLine, OpenLine } from "../../../recording/state-lines.ts";
import { processKey } from "../known-processes.ts";
import type { WriteProblem } from "../output-file.ts";
import type { LineFolder } from "../recorder-parts.ts";
import type { Missing } from "./outage.ts";
import type { SegmentOutput } from "./segment-output.ts";
import { type IsRunning, namedIn, Standing } from "./standing.ts";
import { Unwritten } from "./unwritten.ts";

/** How often it is told what is open, ms. */
const OPEN_EVERY_MS = 60_000;

/** Of the time before, so much was counted and not written: a second is held back for one, and told after its end. */
const COUNTED_WITHIN_MS = 2_500;

export interface SegmenterOptions {
  readonly output: SegmentOutput;
  readonly folder: LineFolder;
  /** A line as it stands in the document. */
  readonly write: (line: WrittenLine) => void;
  readonly meta: MetaLine;
  readonly clock: () => ClockLine;
  /** As of the last moment of which all is known: a little earlier than now. */
  readonly open: () => OpenLine;
  readonly isRunning: IsRunning;
  /** Another segment has begun. */
  readonly onBegin: () => void;
  readonly onProblem: (problem: WriteProblem) => void;
  /** It is written again. */
  readonly onResumed: (missing: Missing) => void;
}

export class Segmenter {
  readonly #options: SegmenterOptions;
  readonly #standing = new Standing();
  /** Processes of which this segment has told. */
  readonly #introduced = new Set<string>();
  /** Since it was last seen that the lines are in a file. */
  readonly #unwritten = new Unwritten();
  #isWritingAgain = false;
  #openMs = 0;

  constructor(options: SegmenterOptions) {
    this.#options = options;
  }

  /** The first segment. */
  start(): void {
    this.#writeHead(0, this.#options.clock(), "none");
    this.#options.output.tidy(0);
  }

  /** A line of the recording, before it is known whether it is listed. */
  note(line: RecordingLine): void {
    this.#standing.add(line);
  }

  /** To be called before a line is written: whoever it names was told of in this segment. */
  introduce(line: WrittenLine): void {
    if (!this.#isWritingAgain) this.#unwritten.add(line);
    if (line.type === "process") this.#introduced.add(processKey(line));
    for (const who of namedIn(line)) {
      const known = this.#standing.process(who);
      if (known === null || this.#introduced.has(processKey(known))) continue;
      this.#introduced.add(processKey(known));
      this.#options.folder.add(known);
    }
  }

  /** Several times a second, after the lines until then were flushed. `moved`: the wall clock has just moved. */
  tick(nowMs: number, moved: ClockLine | null, sleptMs: number): void {
    const { output, folder, open, clock, onProblem } = this.#options;
    output.sleptMs = sleptMs;
    const seen = output.look(nowMs, moved !== null);
    if (seen === "there") this.#unwritten.clear();
    else if (seen !== null) onProblem(seen);
    output.removeOld(nowMs);
    if (moved !== null || output.isDue(nowMs)) this.#begin(nowMs, moved ?? clock());
    else if (nowMs - this.#openMs >= OPEN_EVERY_MS) {
      this.#openMs = nowMs;
      folder.add(open());
    }
  }

  #begin(nowMs: number, clock: ClockLine): void {
    const { output, onProblem } = this.#options;
    const before = output.problem;
    const missing = output.begin(nowMs);
    if (missing !== null) this.#writeHead(nowMs, clock, missing);
    else if (before === null && output.problem !== null) onProblem(output.problem);
  }

  #writeHead(nowMs: number, clock: ClockLine, missing: Missing | "none"): void {
    const { output, folder, meta, open, isRunning, onProblem, onResumed } = this.#options;
    this.#introduced.clear();
    this.#openMs = nowMs;
    folder.beginFile();
    folder.add({ ...meta, segment: output.number });
    folder.add(clock);
    if (missing !== "none") folder.add(gapOf(missing));
    for (const line of this.#standing.again(nowMs, isRunning)) folder.add(line);
    folder.add(open());
    if (missing !== "none") this.#writeAgain();
    this.#options.onBegin();
    const problem = output.flushHead(nowMs);
    if (output.problem === null) this.#unwritten.clear();
    if (problem !== null) onProblem(problem);
    const resumed = output.takeResumed();
    if (resumed !== null) onResumed(resumed);
  }

  /** What is known of the time that is missing. */
  #writeAgain(): void {
    this.#isWritingAgain = true;
    try {
      for (const line of this.#unwritten.lines) this.#options.write(line);
    } finally {
      this.#isWritingAgain = false;
    }
  }
}

function gapOf({ fromMs, toMs, why }: Missing): GapLine {
  return { type: "gap", fromMs: Math.max(0, fromMs - COUNTED_WITHIN_MS), toMs, lostEvents: null, why };
}
