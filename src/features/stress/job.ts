/** One job of a worker, and its answer; a refusal becomes words. */
import { UserError } from "../../errors.ts";
import { type DatabaseLook, isLookFailure, look } from "../../safe-open/look.ts";
import { nameOf } from "../../text/holder.ts";
import { runWorker, type WorkerEnd } from "../../worker/run.ts";
import { limitOf, ofRefusal } from "./faults.ts";
import { WORKER } from "./load-process.ts";
import type { Job, Message } from "./protocol.ts";

/** A large database takes its time: as long as nobody interrupts it. */
export const NO_LIMIT_MS = 2 ** 31 - 1;

/** `known`: the database as the person knows it. @throws UserError */
export async function runJob(
  job: Job,
  known: string,
  timeoutMs = NO_LIMIT_MS,
): Promise<Exclude<Message, { kind: "refused" }>> {
  const told: Message[] = [];
  const folder = null; // removed by whoever made it
  const end: WorkerEnd = await runWorker<Message>({
    script: WORKER,
    job,
    folder,
    timeoutMs,
    onMessage: (message) => told.push(message),
  }).catch((error: unknown) => {
    throw limitOf(error) ?? error;
  });
  const [answer] = told;
  if (answer?.kind === "refused") {
    const isLocked =
      answer.refusal.kind === "busy" ||
      (answer.refusal.kind === "sqlite" && answer.refusal.code.startsWith("SQLITE_BUSY"));
    throw ofRefusal(answer.refusal, known, isLocked ? await lockedBy(known) : null);
  }
  if (answer !== undefined) return answer;
  throw new UserError(
    "failed",
    `a worker ended without an answer${end.kind === "crashed" ? `: ${end.why}` : ""}`,
    "try again; if it happens again, report it",
  );
}

async function lockedBy(path: string): Promise<string | null> {
  const seen = await look(path);
  return isLookFailure(seen) ? null : namesOf(seen);
}

/** Who keeps readers or writers out. */
export function namesOf({ database }: DatabaseLook): string | null {
  const holders = database.holders.filter(({ blocks }) => blocks.includes("readers") || blocks.includes("writers"));
  return holders.length === 0 ? null : holders.map(nameOf).join(", ");
}
