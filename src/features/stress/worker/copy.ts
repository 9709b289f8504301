/** A consistent copy, made in the way in which integrity makes its own. */
import { open } from "../../../safe-open/worker/open.ts";
import type { Job, Message } from "../protocol.ts";

export async function copy(
  look: Extract<Job, { kind: "copy" }>["look"],
  send: (message: Message) => void,
): Promise<void> {
  const opened = await open(look, () => undefined);
  if ("refusal" in opened) send({ kind: "refused", refusal: opened.refusal });
  else {
    opened.close();
    send({ kind: "copied" });
  }
}
