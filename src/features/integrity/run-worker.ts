/** The worker, from outside: what it tells, and its end when the time is up. */
import { join } from "node:path";
import { runWorker, type WorkerEnd } from "../../worker/run.ts";
import type { Plan } from "./progress/estimate.ts";
import type { CheckEnd, Job, Message, Refusal, Stage } from "./protocol.ts";
import type { Problem } from "./report.ts";

/** All that a worker told until it ended. */
export interface Told {
  readonly checks: readonly CheckEnd[];
  readonly problems: readonly Problem[];
  readonly truncated: boolean;
  readonly refusal: Refusal | null;
  /** How long it held a read lock on the database itself, in ms; null where it held none. */
  readonly readLockMs: number | null;
  readonly end: WorkerEnd;
}

export interface Watcher {
  /** The worker's pid, to see how much it has read. */
  started(pid: number): void;
  plan(plan: Plan): void;
  stage(stage: Stage, done: number, total: number | null): void;
}

const WORKER = join(import.meta.dirname, "../workers/integrity.cjs");

export async function runCheck(job: Job, timeoutMs: number, watcher: Watcher | null): Promise<Told> {
  const problems: Problem[] = [];
  const checks: CheckEnd[] = [];
  let truncated = false;
  let refusal: Refusal | null = null;
  let lockedAt: number | null = null;
  let readLockMs: number | null = null;
  const released = () => {
    if (lockedAt !== null) readLockMs = performance.now() - lockedAt;
    lockedAt = null;
  };
  const onMessage = (message: Message) => {
    if (message.kind === "stage") watcher?.stage(message.stage, message.done, message.total);
    else if (message.kind === "plan") watcher?.plan(message.plan);
    else if (message.kind === "problem") problems.push(message.problem);
    else if (message.kind === "rowid")
      problems.splice(
        message.at,
        1,
        ...problems.slice(message.at, message.at + 1).map((each) => ({ ...each, rowid: message.rowid })),
      );
    else if (message.kind === "check") checks.push(message.check);
    else if (message.kind === "truncated") truncated = true;
    else if (message.kind === "refused") refusal = message.refusal;
    else if (message.held) lockedAt = performance.now();
    else released();
  };
  const onStarted = (pid: number) => watcher?.started(pid);
  const end = await runWorker<Message>({
    script: WORKER,
    job,
    folder: job.folder,
    timeoutMs,
    onMessage,
    onStarted,
    onEnded: released,
  });
  return { checks, problems, truncated, refusal, readLockMs, end };
}
