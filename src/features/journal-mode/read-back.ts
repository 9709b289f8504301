/** After a switch another process reads the data. */
import type { Message, Refusal } from "./protocol.ts";
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
export async function readBack(path: string): Promise<ReadBack> {
  return withFolder(path, async (folder) => {
    let answer: ReadBack = { kind: "no-answer" };
    const end = await runJob({ kind: "read", path, folder, waitMs: READ_WAIT_MS }, (message: Message) => {
      if (message.kind === "read" || message.kind === "refused") answer = message;
    });
    if (end.kind === "timeout") return { kind: "no-answer" };
    return end.kind === "done" ? answer : end;
  });
}
