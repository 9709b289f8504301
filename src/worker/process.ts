/**
 * A worker: a process of its own that has a database open with SQLite and opens its files in no other way, since a
 * close would drop the locks (the close trap). From outside: its start, its jobs one after another, its end.
 */
import type { ChildProcess } from "node:child_process";
import { addOwn } from "../proc/own.ts";
import { startLimited } from "./memory-limit.ts";
import { notLoaded } from "./not-loaded.ts";

/** `crashed`: by a signal that sqlock did not send, or by an exit without "done". */
export type WorkerEnd =
  | { readonly kind: "done" }
  | { readonly kind: "timeout" }
  | {
      readonly kind: "crashed";
      readonly why: string;
      /** Left out: it ended by itself. */
      readonly signal?: NodeJS.Signals;
      /** It had sent something of this job. */
      readonly began?: true;
    };

/** The last message of a job. */
export interface Done {
  readonly kind: "done";
  /** The process takes another job, and is as it was before this one; left out where it ends now. */
  readonly next?: true;
}

export interface JobOptions<Message> {
  /** The first message to the worker. */
  readonly job: object;
  readonly timeoutMs: number;
  /** Called once a second; true ends the worker as a timeout does. */
  readonly isStuck?: (pid: number) => boolean;
  /** In the order in which they were sent. `answer`: for messages that the worker sends with `ask`. */
  readonly onMessage: (message: Message, answer: (answer: object) => void) => void;
  readonly onStarted?: (pid: number) => void;
  /** Before the promise settles: the worker holds no lock any more. */
  readonly onEnded?: () => void;
}

const STUCK_CHECK_MS = 1000;

/** Of what a worker says on stderr, in characters: the beginning has the error. */
const MAX_STDERR = 100_000;

const running = new Set<ChildProcess>();

/** When this process exits, its workers end. */
function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

interface CurrentJob {
  readonly receive: (message: object) => void;
  /** It will not be done any more. */
  readonly closed: (code: number | null, signal: NodeJS.Signals | null, stderr: string) => void;
  readonly failed: (error: Error) => void;
}

export class WorkerProcess {
  readonly #child: ChildProcess;
  #job: CurrentJob | null = null;
  #jobs = 0;
  #takesNext = true;
  /** Tells a job how the process ended; null while it lives. */
  #ended: ((job: CurrentJob) => void) | null = null;

  /** `script`: its program. `onClosed`: it is gone. @throws the system's error where no process can be started */
  constructor(script: string, onClosed: () => void) {
    if (running.size === 0) process.prependListener("exit", killAll); // before its folder is removed
    const child = startLimited(script);
    this.#child = child;
    running.add(child);
    const own = child.pid === undefined ? null : addOwn(child.pid);
    const endWith = (ended: (job: CurrentJob) => void) => {
      if (this.#ended !== null) return;
      this.#ended = ended;
      this.#takesNext = false;
      running.delete(child);
      own?.forget();
      if (running.size === 0) process.off("exit", killAll);
      onClosed();
      if (this.#job !== null) ended(this.#job);
    };
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < MAX_STDERR) stderr += text;
    });
    child.on("message", (message: object) => this.#job?.receive(message));
    child.on("error", (error) => {
      if (child.pid === undefined) endWith((job) => job.failed(error));
      else this.#job?.failed(error);
    });
    child.on("close", (code, signal) => endWith((job) => job.closed(code, signal, stderr)));
  }

  /** Undefined: it could not be started, which the job reports. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** How many jobs it was given. */
  get jobs(): number {
    return this.#jobs;
  }

  /** It waits for another job. */
  get takesNext(): boolean {
    return this.#takesNext && this.#job === null;
  }

  /**
   * One job at a time. Settles when the worker takes another one, else when it has ended; rejects with its stderr where
   * it failed because of a bug. @throws UserError where SQLite cannot be loaded
   */
  run<Message extends { readonly kind: string }>(options: JobOptions<Message>): Promise<WorkerEnd> {
    const child = this.#child;
    this.#jobs++;
    return new Promise((resolve, reject) => {
      let end: WorkerEnd | null = null;
      let began = false;
      const giveUp = () => {
        end = { kind: "timeout" };
        child.kill("SIGKILL");
      };
      const timer = setTimeout(giveUp, options.timeoutMs);
      const stuckCheck = setInterval(() => {
        if (child.pid !== undefined && options.isStuck?.(child.pid) === true) giveUp();
      }, STUCK_CHECK_MS);
      const finish = () => {
        this.#job = null;
        clearTimeout(timer);
        clearInterval(stuckCheck);
      };
      const receive = (message: Message | Done) => {
        began = true;
        if (message.kind !== "done") {
          // an error of `send` means that the worker has ended
          options.onMessage(message as Message, (answer) => void child.send(answer, undefined, {}, () => undefined));
          return;
        }
        end ??= { kind: "done" };
        if ((message as Done).next !== true) return;
        if (end.kind !== "done") return; // it was killed a moment ago
        finish();
        options.onEnded?.();
        resolve(end);
      };
      const closed = (code: number | null, signal: NodeJS.Signals | null, stderr: string) => {
        finish();
        options.onEnded?.();
        if (signal === null && end === null && stderr !== "")
          return reject(notLoaded(stderr, process.version) ?? new Error(stderr));
        const why = signal === null ? `it ended with ${code}` : `it was ended by ${signal}`;
        resolve(
          end ?? { kind: "crashed", why, ...(signal === null ? {} : { signal }), ...(began ? { began: true } : {}) },
        );
      };
      const failed = (error: Error) => {
        finish();
        reject(error);
      };
      this.#job = { receive: receive as CurrentJob["receive"], closed, failed };
      if (this.#ended !== null) return this.#ended(this.#job);
      if (child.pid === undefined) return; // the event "error" follows
      options.onStarted?.(child.pid);
      child.send(options.job, undefined, {}, () => undefined); // one that has ended a moment ago is closed next
    });
  }

  /** Between two jobs: it has nothing open. */
  end(): void {
    this.#takesNext = false;
    this.#child.kill("SIGKILL");
  }
}
