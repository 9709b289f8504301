/**
 * Runs a worker: a process of its own that has a database open with SQLite and opens its files in no other way, since a
 * close would drop the locks (the close trap).
 */
import type { ChildProcess } from "node:child_process";
import { addOwn } from "../proc/own.ts";
import type { User } from "../user/user.ts";
import { startLimited } from "./memory-limit.ts";
import { notLoaded } from "./not-loaded.ts";
import { watchOver } from "./sentinel.ts";

/** `crashed`: by a signal that sqlock did not send, or by an exit without "done". */
export type WorkerEnd =
  | { readonly kind: "done" }
  | { readonly kind: "timeout" }
  | { readonly kind: "crashed"; readonly why: string };

/** The last message of every worker. */
export interface Done {
  readonly kind: "done";
}

export interface WorkerOptions<Message> {
  /** The program of the worker. */
  readonly script: string;
  /** The first message to it. */
  readonly job: object;
  /** Removed if this process is killed. */
  readonly folder: string | null;
  /** The user that the worker becomes, and whose the folder is; null: the caller. */
  readonly user: User | null;
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

const running = new Set<ChildProcess>();

/** When this process exits, its workers end. */
function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/**
 * Settles when the worker has ended; rejects with its stderr where it failed because of a bug.
 * @throws UserError where SQLite cannot be loaded
 */
export function runWorker<Message extends { readonly kind: string }>(
  options: WorkerOptions<Message>,
): Promise<WorkerEnd> {
  return new Promise((resolve, reject) => {
    if (running.size === 0) process.prependListener("exit", killAll); // before its folder is removed
    let child: ChildProcess;
    try {
      child = startLimited(options.script);
    } catch (error) {
      return reject(error); // no descriptor is left
    }
    running.add(child);
    const own = child.pid === undefined ? null : addOwn(child.pid);
    const dismissSentinel =
      child.pid === undefined ? () => undefined : watchOver(child.pid, options.folder, options.user);
    let end: WorkerEnd | null = null;
    let stderr = "";
    const giveUp = () => {
      end = { kind: "timeout" };
      child.kill("SIGKILL");
    };
    const timer = setTimeout(giveUp, options.timeoutMs);
    const stuckCheck = setInterval(() => {
      if (child.pid !== undefined && options.isStuck?.(child.pid) === true) giveUp();
    }, STUCK_CHECK_MS);
    const stopTimers = () => {
      clearTimeout(timer);
      clearInterval(stuckCheck);
    };
    child.on("message", (message: Message | Done) => {
      if (message.kind === "done") end ??= { kind: "done" };
      // an error of `send` means that the worker has ended
      else options.onMessage(message as Message, (answer) => void child.send(answer, undefined, {}, () => undefined));
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error) => {
      stopTimers();
      running.delete(child);
      reject(error);
    });
    child.on("close", (code, signal) => {
      stopTimers();
      dismissSentinel();
      running.delete(child);
      own?.forget();
      if (running.size === 0) process.off("exit", killAll);
      options.onEnded?.();
      if (signal === null && end === null && stderr !== "")
        return reject(notLoaded(stderr, process.version) ?? new Error(stderr));
      const why = signal === null ? `it ended with ${code}` : `it was ended by ${signal}`;
      resolve(end ?? { kind: "crashed", why });
    });
    if (child.pid === undefined) return; // the event "error" follows
    options.onStarted?.(child.pid);
    child.send(options.job);
  });
}
