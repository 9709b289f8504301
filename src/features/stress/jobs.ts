/** Jobs of a worker beside the load: copy, prepare, verify, drop. */
import { UserError } from "../../errors.ts";
import { viewerHere } from "../../observe/viewer.ts";
import { runWorker } from "../../worker/run.ts";
import { refusalError, systemLimitError, timeoutError } from "./errors.ts";
import { isBusy } from "./failure-cause.ts";
import { WORKER } from "./load-process.ts";
import { blockingHolders, lookIfPossible } from "./look.ts";
import type { Job, Message, Refusal } from "./protocol.ts";

type Answer<J extends Job> = Extract<Message, { kind: AnswerKind[J["kind"]] }>;

interface AnswerKind {
  copy: "copied";
  prepare: "prepared";
  verify: "verified";
  drop: "dropped";
}

const ANSWER_KINDS: AnswerKind = { copy: "copied", prepare: "prepared", verify: "verified", drop: "dropped" };

/** How a job is run. */
export interface JobOptions {
  /** The path in messages. */
  readonly givenAs: string;
  /** --timeout */
  readonly timeoutMs: number;
  /** By performance.now(), where several jobs have this time together. */
  readonly deadline?: number;
}

/** @throws UserError where the worker refuses, or takes too long */
export async function runJob<J extends Job>(job: J, options: JobOptions): Promise<Answer<J>> {
  const { givenAs } = options;
  const result = await tryJob(job, options);
  if ("answer" in result) return result.answer;
  throw refusalError(
    result.refusal,
    givenAs,
    isLocked(result.refusal) ? await holdersOf(pathOf(job)) : [],
    viewerHere(),
  );
}

type JobResult<J extends Job> = { readonly answer: Answer<J> } | { readonly refusal: Refusal };

/** @throws UserError where the worker cannot be started, takes too long, or ends without an answer */
export async function tryJob<J extends Job>(
  job: J,
  { givenAs, timeoutMs, deadline }: JobOptions,
): Promise<JobResult<J>> {
  const messages: Message[] = [];
  const end = await runWorker<Message>({
    script: WORKER,
    job,
    folder: null, // the caller removes it
    user: null,
    timeoutMs: deadline === undefined ? timeoutMs : Math.max(1, deadline - performance.now()),
    onMessage: (message) => messages.push(message),
  }).catch((error: unknown) => {
    throw systemLimitError(error) ?? error;
  });
  if (end.kind === "timeout") throw timeoutError(job.kind, givenAs, timeoutMs);
  const [message] = messages;
  if (message === undefined) {
    const reason = end.kind === "crashed" ? `: ${end.why}` : "";
    throw new UserError("failed", `a worker ended without an answer${reason}`, "try again; report it if it repeats");
  }
  if (message.kind === "refused") return { refusal: message.refusal };
  if (message.kind !== ANSWER_KINDS[job.kind]) throw new Error(`the worker answered ${job.kind} with ${message.kind}`);
  return { answer: message as Answer<J> };
}

function isLocked(refusal: Refusal): boolean {
  return refusal.kind === "busy" || (refusal.kind === "sqlite" && isBusy(refusal.code));
}

function pathOf(job: Job): string {
  return job.kind === "copy" ? job.copy.path : job.path;
}

async function holdersOf(path: string) {
  const seen = await lookIfPossible(path);
  return seen === null ? [] : blockingHolders(seen.database);
}
