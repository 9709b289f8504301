/** A consistent copy of the given database. */
import type { OpenJob } from "../../../safe-open/protocol.ts";
import { open } from "../../../safe-open/worker/open.ts";
import type { Message } from "../protocol.ts";

export async function copy(job: OpenJob, send: (message: Message) => void): Promise<void> {
  const opened = await open(job, () => undefined);
  if ("refusal" in opened) return send({ kind: "refused", refusal: opened.refusal });
  opened.close();
  send({ kind: "copied" });
}
