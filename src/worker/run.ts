/**
 * A worker, from outside: a process of its own that has a database open with SQLite, and opens its files in no other
 * way (the close trap).
 */
import { type ChildProcess, fork } from "node:child_process";
import { addOwn } from "../proc/own.ts";
import { notLoaded } from "./not-loaded.ts";
import { watchOver } from "./sentinel.ts";

/** `crashed`: by a signal that is not ours, or without a word. */
export type WorkerEnd =
  | { readonly kind: "done" }
  | { readonly kind: "timeout" }
  | { readonly kind: "crashed"; readonly why: string };

/** The last message of every worker. */
export interface Done {
  readonly kind: "done";
}

export interface Work<Message> {
  /** The file of the worker. */
  readonly script: string;
  /** What it is to do: its first message. */
  readonly job: object;
  /** Removed as well should this process be killed. */
  readonly folder: string | null;
  readonly timeoutMs: number;
  /** Asked once a second: one that is, is ended as when the time is up. */
  readonly isStuck?: (pid: number) => boolean;
  /** In the order in which they were sent; `answer` to one that the worker waits with. */
  readonly onMessage: (message: Message, answer: (text: object) => void) => void;
  readonly onStarted?: (pid: number) => void;
  /** Before its end is told: it holds no lock any more. */
  readonly onEnded?: () => void;
}

const PULSE_MS = 1000;

const running = new Set<ChildProcess>();

/** A worker must not outlive an interrupt. */
function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/**
 * Settles when it has ended; rejects with what it said on stderr where it failed by a fault of ours. @throws UserError
 * where SQLite cannot be loaded
 */
export function runWorker<Message extends { readonly kind: string }>(work: Work<Message>): Promise<WorkerEnd> {
  return new Promise((resolve, reject) => {
    if (running.size === 0) process.prependListener("exit", killAll); // before its folder is removed
    let child: ChildProcess;
    try {
      child = fork(work.script, {
        stdio: ["ignore", "ignore", "pipe", "ipc"],
        serialization: "advanced",
        execArgv: [],
        cwd: "/",
      });
    } catch (error) {
      return reject(error); // no descriptors are left
    }
    running.add(child);
    const own = child.pid === undefined ? null : addOwn(child.pid);
    const dismiss = child.pid === undefined ? () => undefined : watchOver(child.pid, work.folder);
    let end: WorkerEnd | null = null;
    let stderr = "";
    const giveUp = () => {
      end = { kind: "timeout" };
      child.kill("SIGKILL");
    };
    const timer = setTimeout(giveUp, work.timeoutMs);
    const pulse = setInterval(() => {
      if (child.pid !== undefined && work.isStuck?.(child.pid) === true) giveUp();
    }, PULSE_MS);
    const stopClocks = () => {
      clearTimeout(timer);
      clearInterval(pulse);
    };
    child.on("message", (message: Message | Done) => {
      if (message.kind === "done") end ??= { kind: "done" };
      // it may be dead by then
      else work.onMessage(message as Message, (answer) => void child.send(answer, undefined, {}, () => undefined));
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error) => {
      stopClocks();
      running.delete(child);
      reject(error);
    });
    child.on("close", (code, signal) => {
      stopClocks();
      dismiss();
      running.delete(child);
      own?.forget();
      if (running.size === 0) process.off("exit", killAll);
      work.onEnded?.();
      if (signal === null && end === null && stderr !== "")
        return reject(notLoaded(stderr, process.version) ?? new Error(stderr));
      const why = signal === null ? `it ended with ${code}` : `it was ended by ${signal}`;
      resolve(end ?? { kind: "crashed", why });
    });
    if (child.pid === undefined) return; // the error is told by its event
    work.onStarted?.(child.pid);
    child.send(work.job);
  });
}
