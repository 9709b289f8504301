/** The worker, from outside: what it sends, and its end when the time is up. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Refusal } from "../../safe-open/protocol.ts";
import type { WorkerEnd, WorkerProcess } from "../../worker/process.ts";
import { Workers, type WorkerUser } from "../../worker/workers.ts";
import type { Plan } from "./progress/estimate.ts";
import type { CheckEnd, FoundProblem, Job, Message, Part, Stage, Turn } from "./protocol.ts";
import { type Second, Sharing } from "./sharing.ts";
import { leavesNothing, mayBeOfEarlierJob } from "./used-worker.ts";

/** All that a worker sent until it ended. */
export interface WorkerResult {
  readonly checks: readonly CheckEnd[];
  readonly problems: readonly FoundProblem[];
  readonly truncated: boolean;
  readonly refusal: Refusal | null;
  /** How long it held a read lock on the database itself, in ms; null where it held none. */
  readonly readLockMs: number | null;
  readonly end: WorkerEnd;
}

export interface ProgressListener {
  /** The worker's pid, to see how much it has read. */
  started(pid: number): void;
  plan(plan: Plan): void;
  /** How long the merge of each index takes, in microseconds, in their order. */
  merges(us: readonly number[]): void;
  stage(stage: Stage, done: number, total: number | null): void;
}

const WORKER = join(import.meta.dirname, "../workers/integrity.cjs");

/** `max`: that many databases are checked at once. Two owners may take turns: twice as many processes are kept. */
export function checkWorkers(max: number): Workers {
  return new Workers(WORKER, 2 * max);
}

export interface CheckOptions {
  readonly workers: Workers;
  /** The worker becomes a user id that nobody has: it checks this database alone. */
  readonly alone: boolean;
  readonly timeoutMs: number;
  readonly progress: ProgressListener | null;
}

/** What may come of an earlier database in the same process is not believed: a fresh one checks it again. */
export async function runCheck(job: Job, { workers, alone, timeoutMs, progress }: CheckOptions): Promise<WorkerResult> {
  const deadline = performance.now() + timeoutMs;
  const of = { user: job.user, alone };
  const fresh = job.sortFolder !== null; // SQLite asks once, at its start, where it may sort
  const runOn = async (worker: WorkerProcess) => {
    let again = false;
    try {
      const timeoutMs = Math.max(1, deadline - performance.now());
      const result = await runJob(worker, job, {
        timeoutMs,
        progress,
        second: (part) => secondOf(workers, of, { job, part, timeoutMs }),
      });
      again = !fresh && leavesNothing(result);
      return result;
    } finally {
      workers.giveBack(worker, of, again);
    }
  };
  const worker = await workers.take(of, { fresh });
  if (worker.jobs === 0) return runOn(worker);
  const result = await runOn(worker).catch(() => null);
  return result === null || mayBeOfEarlierJob(result) ? runOn(await workers.take(of, { fresh: true })) : result;
}

/** A second worker for indexes of the same database. */
function secondOf(
  workers: Workers,
  of: WorkerUser,
  { job, part, timeoutMs }: { readonly job: Job; readonly part: Part; readonly timeoutMs: number },
): Second | null {
  if (workers.busy >= availableParallelism()) return null;
  let worker: WorkerProcess | null = null;
  let stopped = false;
  return {
    run: async (onNext) => {
      worker = await workers.take(of, { fresh: true });
      if (!stopped)
        await worker.run<Message>({
          job: { ...job, part },
          timeoutMs,
          onMessage: (message, answer) => {
            if (message.kind === "next") onNext(message, answer);
          },
        });
      workers.giveBack(worker, of, false);
    },
    stop: () => {
      stopped = true;
      worker?.end();
    },
  };
}

interface RunOptions {
  readonly timeoutMs: number;
  readonly progress: ProgressListener | null;
  /** Null: there is no CPU for one. */
  readonly second: (part: Part) => Second | null;
}

async function runJob(
  worker: WorkerProcess,
  job: Job,
  { timeoutMs, progress, second }: RunOptions,
): Promise<WorkerResult> {
  let sharing: Sharing | null = null;
  let problems: FoundProblem[] = [];
  let checks: CheckEnd[] = [];
  let truncated = false;
  let refusal: Refusal | null = null;
  let lockedAt: number | null = null;
  let readLockMs: number | null = null;
  const released = () => {
    if (lockedAt !== null) readLockMs = performance.now() - lockedAt;
    lockedAt = null;
  };
  const onMessage = (message: Message, answer: (turn: Turn) => void) => {
    switch (message.kind) {
      case "share": {
        const { length } = message.part.indexes;
        sharing = new Sharing(message.part, second(message.part), (done) => progress?.stage("indexes", done, length));
        return;
      }
      case "next":
        return sharing?.next(message, answer);
      case "stage":
        return progress?.stage(message.stage, message.done, message.total);
      case "merges":
        return progress?.merges(message.us);
      case "plan":
        return progress?.plan(message.plan);
      case "problem":
        return void problems.push(message.problem);
      case "rowid": {
        const problem = problems[message.problem];
        if (problem !== undefined) problems[message.problem] = { ...problem, rowid: message.rowid };
        return;
      }
      case "check":
        return void checks.push(message.check);
      case "truncated":
        truncated = true;
        return;
      case "refused":
        refusal = message.refusal;
        // found in a file that was being written
        problems = [];
        checks = [];
        truncated = false;
        return;
      case "lock":
        if (message.held) lockedAt = performance.now();
        else released();
    }
  };
  const onEnded = () => {
    released();
    sharing?.stop();
  };
  const end = await worker.run<Message>({
    job,
    timeoutMs,
    onMessage,
    onStarted: (pid) => progress?.started(pid),
    onEnded,
  });
  return { checks, problems, truncated, refusal, readLockMs, end };
}
