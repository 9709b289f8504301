/** Reads files of a recording in several threads: unpacking and parsing a day takes one of them too long. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { UserError } from "../../errors.ts";
import type { RecordingLine } from "../../recording/lines.ts";
import { type FileResult, type FileTask, readFile } from "./read-file.ts";
import type { FromThread } from "./read-thread.ts";

const THREAD = join(import.meta.dirname, "../workers/report.cjs");

/** Less is read here sooner than threads start, bytes. */
const LEAST = 3_000_000;
const MOST_THREADS = 4;
/** Files that were read, and wait for others before them. */
const MOST_AHEAD = 4;

interface Waiting {
  readonly task: FileTask;
  readonly lines: string[];
  readonly done: Promise<FileResult>;
  readonly resolve: (result: FileResult) => void;
  readonly reject: (error: unknown) => void;
}

export class ReadPool {
  /** Of the tasks that threads have; the others are read here. */
  readonly #waiting = new Map<FileTask, Waiting>();
  readonly #queue: Waiting[] = [];
  readonly #idle: Worker[] = [];
  readonly #workers: Worker[] = [];
  #ahead = 0;

  /** `tasks`: in the order in which they will be asked for. */
  constructor(tasks: readonly FileTask[]) {
    const ofFiles = tasks.filter(({ source, isBeyond }) => source.path !== null && !isBeyond);
    const threads = Math.min(MOST_THREADS, availableParallelism(), ofFiles.length);
    const bytes = ofFiles.reduce((sum, { source }) => sum + (source.size ?? 0), 0);
    if (ofFiles.length < 2 || bytes < LEAST || threads < 2) return;
    for (const task of ofFiles) {
      let [resolve, reject]: [Waiting["resolve"], Waiting["reject"]] = [() => undefined, () => undefined];
      const done = new Promise<FileResult>((...given) => {
        [resolve, reject] = given;
      });
      done.catch(() => undefined); // told to who asks for it
      const waiting = { task, lines: [], done, resolve, reject };
      this.#waiting.set(task, waiting);
      this.#queue.push(waiting);
    }
    for (let i = 0; i < threads; i++) {
      const worker = new Worker(THREAD);
      this.#workers.push(worker);
      this.#idle.push(worker);
    }
    this.#dispatch();
  }

  /** @throws UserError, or an error of the system */
  async read(task: FileTask, give: (line: RecordingLine) => void): Promise<FileResult> {
    const waiting = this.#waiting.get(task);
    if (waiting === undefined) return readFile(task, give);
    const result = await waiting.done;
    this.#waiting.delete(task);
    this.#ahead--;
    this.#dispatch();
    for (const lines of waiting.lines.splice(0)) for (const line of JSON.parse(lines) as RecordingLine[]) give(line);
    return result;
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#ahead < MOST_AHEAD + this.#workers.length) {
      const worker = this.#idle.pop();
      const waiting = worker === undefined ? undefined : this.#queue.shift();
      if (worker === undefined || waiting === undefined) {
        if (worker !== undefined) this.#idle.push(worker);
        return;
      }
      this.#ahead++;
      run(worker, waiting, () => {
        this.#idle.push(worker);
        this.#dispatch();
      });
    }
  }
}

function run(worker: Worker, { task, lines, resolve, reject }: Waiting, then: () => void): void {
  const finish = () => {
    worker.off("message", onMessage).off("error", onError);
    then();
  };
  const onError = (error: unknown) => {
    reject(error);
    finish();
  };
  const onMessage = (message: FromThread) => {
    if (message.kind === "lines") {
      lines.push(message.lines);
      return;
    }
    if (message.kind === "result") resolve(message.result);
    else reject(errorOf(message));
    finish();
  };
  worker.on("message", onMessage).on("error", onError);
  worker.postMessage(task);
}

function errorOf({ code, message, hint }: Extract<FromThread, { kind: "error" }>): Error {
  return hint === null ? Object.assign(new Error(message), { code }) : new UserError(code, message, hint);
}
