/**
 * A recording: the events of its source become lines, which are narrowed to whom is asked for, and go to the file or
 * the document, to the summary, and to who shows them.
 */
import type { Hold } from "../../recording/document/named-holds.ts";
import type { WrittenLine } from "../../recording/document/uncounted.ts";
import { type MetaLine, RECORDING_VERSION, type RecordingLine, type WaitLine } from "../../recording/lines.ts";
import type { Live } from "../../recording/live.ts";
import type { RecordingSource } from "../../recording/source.ts";
import type { SourceEvent } from "../../recording/source-event.ts";
import type { SummaryLine } from "../../recording/summary-line.ts";
import { escapeJson } from "../../text/escape.ts";
import { sleep } from "../../time.ts";
import { VERSION } from "../../version.ts";
import type { Untraceable } from "../program-source/untraceable.ts";
import type { Command } from "./command-check.ts";
import { LineFilter } from "./filter.ts";
import { KeptLines } from "./kept-lines.ts";
import type { OutputFile, WriteProblem } from "./output-file.ts";
import type { RecordSettings } from "./settings.ts";
import { AFTER_WAIT_MS, type Story, UntilWait } from "./until-wait.ts";
import { WaitHook } from "./wait-hook.ts";

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

/** A command does not wait longer for the source, ms. */
const READY_WITHIN_MS = 1000;

const DRAIN_MS = 50;
const TICK_MS = 200;
const SECOND_MS = 1000;

export class Recorder {
  readonly meta: MetaLine;
  readonly #parts: RecorderParts;
  readonly #listener: RecordListener;
  readonly #filter: LineFilter;
  readonly #interpreter: LineInterpreter;
  readonly #folder: LineFolder | null;
  readonly #untilWait: UntilWait | null;
  readonly #hook: WaitHook | null;
  readonly #kept: KeptLines | null;
  readonly #sink: (event: SourceEvent) => void;
  /** What was held before the recording is known, so that whoever waits from now on has a blocker with a name. */
  readonly ready: Promise<void>;
  /** Nothing is written before the command was started: where it cannot be, an old file stays. */
  #isHeldBack: boolean;
  #timers: NodeJS.Timeout[] = [];
  readonly #onExit = () => this.#parts.source.abandon();

  /** It records from now on. */
  constructor(settings: RecordSettings, parts: RecorderParts, listener: RecordListener) {
    this.#parts = parts;
    this.#listener = listener;
    this.#isHeldBack = settings.command !== null;
    this.meta = metaOf(settings, parts.meta);
    this.#filter = new LineFilter(settings.only);
    this.#untilWait = settings.untilWaitMs === null ? null : new UntilWait(settings.untilWaitMs);
    this.#hook = settings.hook === null ? null : new WaitHook(settings.hook.afterMs);
    this.#kept = settings.json ? new KeptLines() : null;
    this.#folder = parts.folder?.((line) => this.#write(line)) ?? null;
    const interpreter = parts.lines(
      (line) => this.#take(line),
      (hold) => this.#folder?.inTheWay(hold),
    );
    this.#interpreter = interpreter;
    this.ready = Promise.race([parts.source.ready, sleep(READY_WITHIN_MS)]);
    this.#sink = (event) => interpreter.next(event);
    process.once("exit", this.#onExit);
    this.#guarded(() => {
      this.#folder?.add(this.meta);
      parts.tally.add(this.meta);
      this.#flush(0);
    });
    this.#timers = [
      setInterval(() => this.#guarded(() => this.#drain()), DRAIN_MS),
      setInterval(() => this.#guarded(() => this.#tick()), TICK_MS),
      setInterval(() => this.#guarded(() => this.#folder?.second(parts.source.nowMs)), SECOND_MS),
    ];
  }

  /** Of the command. */
  environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return this.#interpreter.environment(env);
  }

  /** The command was started just now. */
  started(pid: number, command: Command): void {
    this.#isHeldBack = false;
    this.#interpreter.started(pid, command);
    this.#parts.source.started(pid, command);
  }

  /** Everything until now is recorded, written and added up. To be called once, and `release` after it. */
  async stop(): Promise<RecordResult> {
    const { source, tally, output } = this.#parts;
    this.#clearTimers();
    const untilMs = await source.stop(this.#sink);
    tally.ends(untilMs);
    this.#interpreter.end(untilMs);
    const summary = tally.summary(untilMs);
    this.#folder?.add(summary);
    const problem = output?.close(untilMs) ?? null;
    if (problem !== null) this.#listener.onWriteProblem(problem);
    return { meta: this.meta, summary, story: this.#untilWait?.story ?? null };
  }

  /** Once the result is shown: removing what the recording has made in the kernel takes some seconds at worst. */
  release(): void {
    process.off("exit", this.#onExit);
    this.#interpreter.abandon();
    this.#parts.source.abandon();
  }

  /** Ends it after an error: nothing of it is left in the kernel, and the file has what was recorded. */
  abort(): void {
    this.#clearTimers();
    this.release();
    if (this.#isHeldBack) this.#parts.output?.discard();
    else this.#parts.output?.close(0);
  }

  /** Of --json: every line of the recording as JSON, `meta` first and the summary last. */
  get lines(): readonly string[] {
    return this.#kept?.end() ?? [];
  }

  #take(line: RecordingLine): void {
    if (!this.#filter.shows(line)) return;
    this.#folder?.add(line);
    this.#parts.tally.add(line);
    this.#listener.onLine(line);
    if (line.type === "wait") {
      const long = this.#hook?.ended(line) ?? null;
      if (long !== null) this.#listener.onLongWait(long);
    }
    if (this.#untilWait?.add(line) === true)
      this.#timers.push(setTimeout(() => this.#listener.onEnough(), AFTER_WAIT_MS));
  }

  #drain(): void {
    const { source } = this.#parts;
    source.drain(this.#sink);
    this.#interpreter.tick(source.nowMs);
  }

  #tick(): void {
    const { nowMs } = this.#parts.source;
    const live = this.#interpreter.live(nowMs);
    const waits = live.waits.filter((wait) => this.#filter.shows(wait));
    for (const wait of this.#hook?.open(waits) ?? []) this.#listener.onLongWait(wait);
    this.#flush(nowMs);
    this.#listener.onTick({ ...live, waits }, nowMs);
  }

  #write(line: WrittenLine): void {
    const json = escapeJson(JSON.stringify(line));
    this.#kept?.add(json);
    this.#parts.output?.add(`${json}\n`);
  }

  #flush(nowMs: number): void {
    this.#kept?.tidy();
    if (this.#isHeldBack) return;
    const { output, tally } = this.#parts;
    const problem = output?.flush(nowMs) ?? null;
    const folded = output?.takeFolded() ?? null;
    if (folded !== null) tally.add(folded);
    if (problem !== null) this.#listener.onWriteProblem(problem);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#listener.onError(error);
    }
  }
}

function metaOf({ minWaitMs, literals, redact, only }: RecordSettings, known: SourceMeta): MetaLine {
  const { pids, units, unitUids } = only;
  return {
    type: "meta",
    schemaVersion: RECORDING_VERSION,
    sqlock: VERSION,
    ...known,
    minWaitMs,
    literals,
    redacted: redact,
    ...(pids.length + units.length === 0
      ? {}
      : { only: { ...(pids.length > 0 ? { pids } : {}), ...(units.length > 0 ? { units, unitUids } : {}) } }),
  };
}
