/** The worker, from outside: what it tells, and its end when the time is up. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Plan } from "./progress/estimate.ts";
import type { CheckEnd, Job, Message, Refusal, Stage } from "./protocol.ts";
import type { Problem } from "./report.ts";
import { watchOver } from "./sentinel.ts";

/** All that a worker told until it ended. */
export interface Told {
  readonly checks: readonly CheckEnd[];
  readonly problems: readonly Problem[];
  readonly truncated: boolean;
  readonly refusal: Refusal | null;
  /** How long it held a read lock on the database itself, in ms; null where it held none. */
  readonly readLockMs: number | null;
  /** `crashed`: by a signal, or an error that is a bug of ours. */
  readonly end: { readonly kind: "done" } | { readonly kind: "timeout" } | { readonly kind: "crashed"; readonly why: string };
}

export interface Watcher {
  /** The worker's pid, to see how much it has read. */
  started(pid: number): void;
  plan(plan: Plan): void;
  stage(stage: Stage, done: number, total: number | null): void;
}

const WORKER = join(import.meta.dirname, "worker.cjs");

const running = new Set<ChildProcess>();

/** A worker must not outlive an interrupt. */
function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

export function runWorker(job: Job, timeoutMs: number, watcher: Watcher | null): Promise<Told> {
  return new Promise((resolve, reject) => {
    if (running.size === 0) process.prependListener("exit", killAll); // before its folder is removed
    const child = fork(WORKER, { stdio: ["ignore", "ignore", "pipe", "ipc"], serialization: "advanced", execArgv: [], cwd: "/" });
    running.add(child);
    const dismiss = child.pid === undefined ? () => undefined : watchOver(child.pid, job.folder);
    const problems: Problem[] = [];
    const checks: CheckEnd[] = [];
    let truncated = false;
    let refusal: Refusal | null = null;
    let lockedAt: number | null = null;
    let readLockMs: number | null = null;
    let end: Told["end"] | null = null;
    let stderr = "";
    const released = () => {
      if (lockedAt !== null) readLockMs = performance.now() - lockedAt;
      lockedAt = null;
    };
    const timer = setTimeout(() => {
      end = { kind: "timeout" };
      child.kill("SIGKILL");
    }, timeoutMs);
    child.on("message", (message: Message) => {
      if (message.kind === "stage") watcher?.stage(message.stage, message.done, message.total);
      else if (message.kind === "plan") watcher?.plan(message.plan);
      else if (message.kind === "problem") problems.push(message.problem);
      else if (message.kind === "rowid")
        problems.splice(message.at, 1, ...problems.slice(message.at, message.at + 1).map((each) => ({ ...each, rowid: message.rowid })));
      else if (message.kind === "check") checks.push(message.check);
      else if (message.kind === "truncated") truncated = true;
      else if (message.kind === "refused") refusal = message.refusal;
      else if (message.kind === "done") end ??= { kind: "done" };
      else if (message.held) lockedAt = performance.now();
      else released();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      dismiss();
      running.delete(child);
      if (running.size === 0) process.off("exit", killAll);
      released();
      if (signal === null && end === null && stderr !== "") return reject(new Error(stderr));
      const why = signal === null ? `it ended with ${code}` : `it was ended by ${signal}`;
      resolve({ checks, problems, truncated, refusal, readLockMs, end: end ?? { kind: "crashed", why } });
    });
    if (child.pid !== undefined) watcher?.started(child.pid);
    child.send(job);
  });
}
