/** A consistent copy of the given database. */
import { open } from "../../../safe-open/worker/open.ts";
import type { CopyJob, Message } from "../protocol.ts";

export async function copy(job: CopyJob, send: (message: Message) => void): Promise<void> {
  const opened = await open(job, () => undefined);
  if ("refusal" in opened) return send({ kind: "refused", refusal: opened.refusal });
  opened.close();
  send({ kind: "copied" });
}
