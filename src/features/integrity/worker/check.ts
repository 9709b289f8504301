/** One look: open, check, tell. */

import { open } from "../../../safe-open/worker/open.ts";
import type { Job, Message } from "../protocol.ts";
import { foreignKeys } from "./foreign-keys.ts";
import { planOf } from "./plan.ts";
import { structure } from "./structure.ts";
import { Teller } from "./teller.ts";
import { virtualTables } from "./virtual-tables.ts";

export async function checkJob(job: Job, send: (message: Message) => void): Promise<void> {
  const opened = await open(job, send);
  if ("refusal" in opened) return send({ kind: "refused", refusal: opened.refusal });
  const { db, damage } = opened;
  if (job.watched) send({ kind: "plan", plan: planOf(db, job) });
  const teller = new Teller(send, job.maxProblems);
  const schema = unread(damage);
  virtualTables(db, job, teller, damage !== null, schema);
  const failed = structure(db, job, damage, teller);
  if (job.foreignKeys) foreignKeys(db, teller, failed, schema);
  opened.close();
  send({ kind: "lock", held: false });
}

/** Why nobody knows which tables there are; null where all of the schema was read. */
function unread(damage: string | null): string | null {
  return damage?.startsWith("malformed database schema") === true ? "the schema could not be read in full" : null;
}
