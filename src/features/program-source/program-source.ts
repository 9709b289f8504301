/** What the programs of the recorded command tell of themselves: a tracer in each, whose messages become lines. */
import type { RecordingLine } from "../../recording/lines.ts";
import { type HelloMessage, PROTOCOL, parseMessage } from "../../recording/program/message.ts";
import { Programs } from "../../recording/program/programs.ts";
import { StatementTexts } from "../../recording/sql/fingerprint.ts";
import { tracedEnvironment } from "./environment.ts";
import { judgeClaim } from "./genuine.ts";
import { Pipe } from "./pipe.ts";
import type { TraceFolder } from "./trace-folder.ts";

export interface ProgramSourceOptions {
  readonly folder: TraceFolder;
  /** As whom the command runs; null: any user. */
  readonly uid: number | null;
  /** The start of the recording on CLOCK_MONOTONIC. */
  readonly startNs: bigint;
  readonly literals: boolean;
  /** A program opens this database: whether it is recorded, perhaps from now on. */
  readonly isRecorded: (path: string) => boolean;
  /** A process with a tracer in it. */
  readonly met: (pid: number) => void;
  readonly emit: (line: RecordingLine) => void;
  readonly emitAlone: (line: RecordingLine) => void;
}

const MOST_CLAIMS = 10_000;

export class ProgramSource {
  readonly programs: Programs;
  readonly #folder: TraceFolder;
  readonly #pipe: Pipe;
  readonly #uid: number | null;
  /** Processes that are not what they say: their number and start. */
  readonly #refused = new Set<string>();
  readonly #met: (pid: number) => void;
  #isOver = false;

  constructor({ folder, uid, startNs, literals, isRecorded, met, emit, emitAlone }: ProgramSourceOptions) {
    this.#met = met;
    this.#uid = uid;
    this.#folder = folder;
    const texts = new StatementTexts(literals);
    const startUs = Number(startNs) / 1e3;
    this.programs = new Programs({
      toMs: (us) => (us - startUs) / 1e3,
      shown: (sql) => texts.of(sql),
      ...{ isRecorded, emit, emitAlone },
    });
    this.#pipe = new Pipe(this.#folder.fd, (line) => this.#take(line));
  }

  /** Of the command. */
  environment(env: NodeJS.ProcessEnv, isRestricted: boolean): NodeJS.ProcessEnv {
    return tracedEnvironment(env, this.#folder, isRestricted);
  }

  /** So many processes whose messages are not used: they are in another pid namespace, or not what they say. */
  get unplaced(): number {
    return this.#refused.size;
  }

  /** What was written until now is told, unless that is very much. */
  poll(): void {
    if (!this.#isOver) this.#pipe.poll();
  }

  /** What was written until now is told. */
  drain(): void {
    if (!this.#isOver) this.#pipe.drain();
  }

  /** No more is read, and nothing is left of it. May be called again. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pipe.end();
    this.#folder.remove();
  }

  /** What is no message is not used: anybody who runs as the user of the command can write to the pipe. */
  #take(text: string): void {
    if (this.#isOver) return;
    const message = parseMessage(text);
    if (message === null) return;
    if (message.type === "hello" && !this.#isGenuine(message)) return;
    this.programs.next(message);
  }

  /** Also where that was found out before: other threads of it say hello, too. */
  #isGenuine({ pid, startTicks, version }: HelloMessage): boolean {
    if (this.programs.matching(pid, startTicks)?.startTicks === startTicks) return true;
    const claim = `${pid} ${startTicks}`;
    if (this.#refused.has(claim) || this.#refused.size >= MOST_CLAIMS) return false;
    if (version === PROTOCOL && judgeClaim(pid, startTicks, this.#uid) !== "other") {
      this.programs.begin(pid, startTicks);
      this.#met(pid);
      return true;
    }
    this.#refused.add(claim);
    return false;
  }
}
