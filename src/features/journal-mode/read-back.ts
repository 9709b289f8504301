/** After a switch another process reads the data, as the user who switched it. */
import type { Job, Message, Opening, Refusal } from "./protocol.ts";
import { runJob, withFolder } from "./run-worker.ts";

/** How long it waits for a lock, in ms. */
const READ_WAIT_MS = 10_000;

export type ReadBack =
  /** The mode, as that process finds it. */
  | { readonly kind: "read"; readonly mode: string; readonly tables: number }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "crashed"; readonly why: string }
  | { readonly kind: "not-started"; readonly message: string }
  | { readonly kind: "no-answer" };

/** @throws UserError */
export async function readBack(opening: Opening): Promise<ReadBack> {
  return withFolder(opening, async (folder) => {
    let answer: ReadBack = { kind: "no-answer" };
    // companion files are others than at the look
    const pins = [opening.database];
    const job: Job = { kind: "read", ...opening, pins, folder, waitMs: READ_WAIT_MS };
    const end = await runJob(job, (message: Message) => {
      if (message.kind === "read" || message.kind === "refused") answer = message;
    });
    if (end.kind === "timeout") return { kind: "no-answer" };
    return end.kind === "done" ? answer : end;
  });
}
