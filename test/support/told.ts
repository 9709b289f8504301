/** A program with a tracer in it, for tests of what is made of its messages. Times in ms of the recording. */
import type { RecordingLine } from "../../src/recording/lines.ts";
import { parseMessage } from "../../src/recording/program/message.ts";
import { Programs } from "../../src/recording/program/programs.ts";

export const DATABASE = "/srv/app/db.sqlite3";

/** The start of the recording, in microseconds of the clock. */
const START_US = 5_000_000;

export class Told {
  readonly lines: RecordingLine[] = [];
  readonly alone: RecordingLine[] = [];
  readonly programs = new Programs({
    toMs: (us) => (us - START_US) / 1000,
    shown: ({ text, cut }) => (cut ? `${text} …` : text),
    isRecorded: (path) => path === DATABASE,
    emit: (line) => this.lines.push(line),
    emitAlone: (line) => this.alone.push(line),
  });

  /** A process with the threads 1 (its main one), 2 (`worker`), 3 (in the task `Task-7`), in a file of 99 lines. */
  process(pid: number, startTicks = "100"): ToldProcess {
    this.programs.begin(pid, startTicks);
    const process = new ToldProcess(this, pid);
    process.send("hello", 1, startTicks, "python", "3.11.2");
    process.send("who", 1, pid, null, null);
    process.send("who", 2, pid + 1, "worker", null);
    process.send("who", 3, pid, null, "Task-7");
    process.send("who", 4, 0, null, null);
    for (let line = 1; line < 100; line++) process.send("site", line, [["/srv/app/views.py", line, "save"]], false);
    return process;
  }
}

export class ToldProcess {
  readonly pid: number;
  readonly #told: Told;
  #number = 0;
  #texts = 0;

  constructor(told: Told, pid: number) {
    this.#told = told;
    this.pid = pid;
  }

  send(type: string, ...fields: readonly unknown[]): void {
    const message = parseMessage(JSON.stringify([type, this.pid, this.#number++, ...fields]));
    if (message === null) throw new Error(`this is no message: ${type} ${JSON.stringify(fields)}`);
    this.#told.programs.next(message);
  }

  /** A message that is dropped. */
  drop(): void {
    this.#number++;
  }

  open(connection: number, line: number, atMs: number, options: object = { timeoutMs: 5000 }, who = 1): void {
    const path = "memory" in options ? null : DATABASE;
    this.send("open", connection, who, line, us(atMs), us(atMs), "sqlite3", path, options);
  }

  close(connection: number, line: number, atMs: number, how = "closed", who = 1): void {
    this.send("close", connection, who, line, us(atMs), how);
  }

  call(
    connection: number,
    line: number,
    flags: string,
    sql: string,
    fromMs: number,
    toMs: number,
    more: CallMore = {},
  ): void {
    const { who = 1, times = 1, result = null } = more;
    this.send("sql", ++this.#texts, sql, 0);
    const inside = us(toMs) - us(fromMs);
    this.send("call", connection, who, line, this.#texts, us(fromMs), us(toMs), flags, times, inside, result);
  }

  end(connection: number, line: number, outcome: string, fromMs: number, toMs: number, more: EndMore = {}): void {
    const { who = 1, statements = 1, insideMs = 1, pauseMs = 0, pauseAfter = 0, pauseBefore = 0 } = more;
    const pause = [pauseMs * 1000, pauseAfter, pauseBefore];
    this.send("end", connection, who, line, 0, us(fromMs), us(toMs), outcome, statements, insideMs * 1000, ...pause);
  }

  misuse(kind: string, connection: number, line: number, atMs: number, detail: string | null = null, who = 1): void {
    this.send("misuse", kind, connection, who, line, us(atMs), detail);
  }
}

interface CallMore {
  readonly who?: number;
  readonly times?: number;
  readonly result?: string | null;
}

interface EndMore {
  readonly who?: number;
  readonly statements?: number;
  readonly insideMs?: number;
  readonly pauseMs?: number;
  readonly pauseAfter?: number;
  readonly pauseBefore?: number;
}

function us(ms: number): number {
  return START_US + Math.round(ms * 1000);
}
