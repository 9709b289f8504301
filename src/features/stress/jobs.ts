/** Jobs of a worker beside the load: copy, prepare, verify, drop. */
import { UserError } from "../../errors.ts";
import { runWorker } from "../../worker/run.ts";
import { refusalError, systemLimitError } from "./errors.ts";
import { isBusy } from "./failure-cause.ts";
import { WORKER } from "./load-process.ts";
import { blockingHolders, lookIfPossible } from "./look.ts";
import type { Job, Message, Refusal } from "./protocol.ts";

/** The longest timer of Node.js: a large database takes long, and Ctrl-C ends it. */
const NO_LIMIT_MS = 2 ** 31 - 1;

type Answer<J extends Job> = Extract<Message, { kind: AnswerKind[J["kind"]] }>;

interface AnswerKind {
  copy: "copied";
  prepare: "prepared";
  verify: "verified";
  drop: "dropped";
}

const ANSWER_KINDS: AnswerKind = { copy: "copied", prepare: "prepared", verify: "verified", drop: "dropped" };

/** `givenAs`: the path in messages. @throws UserError where the worker refuses */
export async function runJob<J extends Job>(job: J, givenAs: string): Promise<Answer<J>> {
  const result = await tryJob(job);
  if ("answer" in result) return result.answer;
  throw refusalError(result.refusal, givenAs, isLocked(result.refusal) ? await holdersOf(givenAs) : []);
}

type JobResult<J extends Job> = { readonly answer: Answer<J> } | { readonly refusal: Refusal };

/** @throws UserError where the worker cannot be started, or ends without an answer */
export async function tryJob<J extends Job>(job: J): Promise<JobResult<J>> {
  const messages: Message[] = [];
  const end = await runWorker<Message>({
    script: WORKER,
    job,
    folder: null, // the caller removes it
    user: null,
    timeoutMs: NO_LIMIT_MS,
    onMessage: (message) => messages.push(message),
  }).catch((error: unknown) => {
    throw systemLimitError(error) ?? error;
  });
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

async function holdersOf(path: string) {
  const seen = await lookIfPossible(path);
  return seen === null ? [] : blockingHolders(seen.database);
}
