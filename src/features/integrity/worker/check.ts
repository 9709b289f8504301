/** One job: open the database, and run the checks. */
import { open } from "../../../safe-open/worker/open.ts";
import type { Job, Message } from "../protocol.ts";
import { ProblemReporter } from "./check-run.ts";
import { checkForeignKeys } from "./foreign-keys.ts";
import { planOf } from "./plan.ts";
import { checkStructure } from "./structure.ts";
import { checkVirtualTables } from "./virtual-tables.ts";

export async function checkJob(job: Job, send: (message: Message) => void): Promise<void> {
  const opened = await open(job, send);
  if ("refusal" in opened) return send({ kind: "refused", refusal: opened.refusal });
  const { db, damage } = opened;
  if (job.watched) send({ kind: "plan", plan: planOf(db, job) });
  const reporter = new ProblemReporter(send, job.maxProblems);
  const schemaReadable = !isSchemaDamage(damage);
  checkVirtualTables(db, job, reporter, { damaged: damage !== null, schemaReadable });
  const failed = checkStructure(db, job, damage, reporter);
  if (job.foreignKeys) checkForeignKeys(db, reporter, { damaged: failed, schemaReadable });
  opened.close();
  send({ kind: "lock", held: false });
}

/** Then not all tables are known. The message is SQLite's (`prepare.c`, corruptSchema). */
function isSchemaDamage(damage: string | null): boolean {
  return damage?.startsWith("malformed database schema") === true;
}
