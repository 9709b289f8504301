/** A second worker: it compares indexes of a database that the first one checks and keeps as it is. */
import { openBeside } from "../../../../safe-open/worker/open.ts";
import type { Channel } from "../../../../worker/serve.ts";
import type { Job, Message, Part } from "../../protocol.ts";
import { compareShared } from "./compare-all.ts";
import { contentOf, isSameState, pathOf } from "./content.ts";
import { prepareToSort } from "./sort-space.ts";

/** Nothing is compared where this worker would read another state than the first one. */
export async function comparePart(job: Job, { state, indexes }: Part, { send, ask }: Channel<Message>): Promise<void> {
  const opened = await openBeside(job);
  if ("refusal" in opened) return send({ kind: "refused", refusal: opened.refusal });
  const { db, damage } = opened;
  const content = damage === null ? contentOf(db, pathOf(job)) : null;
  if (content?.state != null && isSameState(content.state, state))
    await compareShared({ db, content, hasRoom: prepareToSort(db, job, 2) }, indexes, ask);
  opened.close();
}
