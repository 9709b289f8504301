import type { WrittenLine } from "../../recording/document/uncounted.ts";
import { type MetaLine, RECORDING_VERSION, type RecordingLine } from "../../recording/lines.ts";
import type { SourceEvent } from "../../recording/source-event.ts";
import type { ClockLine } from "../../recording/state-lines.ts";
import { escapeJson } from "../../text/escape.ts";
import { sleep } from "../../time.ts";
import { VERSION } from "../../version.ts";
import { RecordingClock } from "./clocks.ts";
import type { Command } from "./command-check.ts";
import { LineFilter } from "./filter.ts";
import { KeptLines } from "./kept-lines.ts";
import type {
  LineFolder,
  LineInterpreter,
  RecorderParts,
  RecordListener,
  RecordResult,
  SourceMeta,
} from "./recorder-parts.ts";
import { Segmenter } from "./segments/segmenter.ts";
import type { RecordSettings } from "./settings.ts";
import { AFTER_WAIT_MS, UntilWait } from "./until-wait.ts";
import { WaitHook } from "./wait-hook.ts";

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
  readonly #clock: RecordingClock;
  readonly #segmenter: Segmenter | null;
  readonly #sink: (event: SourceEvent) => void;
  /** What was held before the recording is known, so that whoever waits from now on has a blocker with a name. */
  readonly ready: Promise<void>;
  /** Nothing is written before the command was started: where it cannot be, an old file stays. */
  #isHeldBack: boolean;
  /** Until then all events are known: what is newer may be over by now, and is not told yet. */
  #knownMs = 0;
  /** The wall clock has moved: another segment begins. */
  #moved: ClockLine | null = null;
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
    this.#clock = new RecordingClock(() => parts.source.nowMs);
    this.#folder = parts.folder?.((line) => this.#write(line)) ?? null;
    const interpreter = parts.lines(
      (line) => this.#take(line),
      (hold) => this.#folder?.inTheWay(hold),
    );
    this.#interpreter = interpreter;
    this.#segmenter = this.#inSegments();
    this.ready = Promise.race([parts.source.ready, sleep(READY_WITHIN_MS)]);
    this.#sink = (event) => interpreter.next(event);
    process.once("exit", this.#onExit);
    this.#guarded(() => {
      if (this.#segmenter !== null) this.#segmenter.start();
      else {
        this.#folder?.add(this.meta);
        this.#folder?.add(this.#clock.line());
      }
      parts.tally.add(this.meta);
      this.#flush(0);
    });
    this.#timers = [
      setInterval(() => this.#guarded(() => this.#drain()), DRAIN_MS),
      setInterval(() => this.#guarded(() => this.#tick()), TICK_MS),
      setInterval(() => this.#guarded(() => this.#second()), SECOND_MS),
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
    this.#segmenter?.note(line);
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
    this.#knownMs = Math.max(this.#knownMs, source.drain(this.#sink));
    this.#interpreter.tick(source.nowMs, this.#knownMs);
  }

  #tick(): void {
    const { nowMs } = this.#parts.source;
    const live = this.#interpreter.live(nowMs);
    const waits = live.waits.filter((wait) => this.#filter.shows(wait));
    for (const wait of this.#hook?.open(waits) ?? []) this.#listener.onLongWait(wait);
    this.#flush(nowMs);
    this.#listener.onTick({ ...live, waits }, nowMs);
  }

  #second(): void {
    this.#folder?.second(this.#parts.source.nowMs);
    const moved = this.#clock.look();
    if (moved === null) return;
    if (this.#segmenter === null) this.#folder?.add(moved);
    else this.#moved = moved;
  }

  /** Null: it is one file, or none. */
  #inSegments(): Segmenter | null {
    const { segments } = this.#parts;
    if (segments === null || this.#folder === null) return null;
    const interpreter = this.#interpreter;
    return new Segmenter({
      ...{ output: segments, folder: this.#folder, meta: this.meta },
      clock: () => this.#clock.line(),
      write: (line) => this.#write(line),
      open: () => interpreter.open(this.#knownMs, (line) => this.#filter.shows(line)),
      isRunning: (pid, startTicks) => interpreter.isRunning(pid, startTicks),
      onBegin: () => interpreter.beginFile(),
      onProblem: (problem) => this.#listener.onWriteProblem(problem),
      onResumed: (missing) => this.#listener.onWrittenAgain(missing),
    });
  }

  #write(line: WrittenLine): void {
    this.#segmenter?.introduce(line);
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
    this.#segmenter?.tick(nowMs, this.#moved, this.#clock.sleptMs);
    this.#moved = null;
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
