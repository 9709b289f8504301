/** One job: open the database, and run the checks. */

import type { Refusal } from "../../../safe-open/protocol.ts";
import { ChangedMeanwhile } from "../../../safe-open/worker/guarded-file.ts";
import { type Opened, open } from "../../../safe-open/worker/open.ts";
import type { Channel } from "../../../worker/serve.ts";
import type { Job, Message } from "../protocol.ts";
import { ProblemReporter } from "./check-run.ts";
import { checkForeignKeys } from "./foreign-keys.ts";
import { contentOf, pathOf } from "./merge/content.ts";
import { comparePart } from "./merge/part.ts";
import { mayMerge } from "./merge/way.ts";
import { planOf } from "./plan.ts";
import { blockingCollationsOf } from "./stand-in/missing-collations.ts";
import { checkStructure } from "./structure.ts";
import { checkVirtualTables } from "./virtual-tables.ts";

export async function checkJob(job: Job, channel: Channel<Message>): Promise<void> {
  if (job.part !== null) return comparePart(job, job.part, channel);
  const { send } = channel;
  const opened = await open(job, send);
  if ("refusal" in opened) return send({ kind: "refused", refusal: opened.refusal });
  const refusal = needsOtherCollations(opened, job);
  if (refusal !== null) {
    opened.close();
    send({ kind: "lock", held: false });
    return send({ kind: "refused", refusal });
  }
  try {
    await runChecks(opened, job, channel);
  } catch (error) {
    if (!(error instanceof ChangedMeanwhile)) throw error;
    send({ kind: "refused", refusal: error.refusal });
  }
  opened.close();
  send({ kind: "lock", held: false });
}

/** Then a copy is checked, if one can be made. */
function needsOtherCollations({ db, reads, damage }: Opened, job: Job): Refusal | null {
  if (!reads || job.method !== "in-place" || job.schemaOnce || job.noStandIn !== null) return null;
  const names = blockingCollationsOf(db, job);
  return names.length === 0 ? null : { kind: "missing-collation", names, damaged: damage !== null };
}

/** @throws ChangedMeanwhile */
async function runChecks({ db, damage, guarded }: Opened, job: Job, channel: Channel<Message>): Promise<void> {
  const { send } = channel;
  if (job.watched) send({ kind: "plan", plan: planOf(db, job) });
  const reporter = new ProblemReporter(send, job.maxProblems, guarded.verifyProblem);
  const schemaReadable = !isSchemaDamage(damage);
  const content = damage === null && mayMerge(job) ? contentOf(db, pathOf(job)) : null; // before anything is read
  checkVirtualTables(db, job, reporter, { damaged: damage !== null, schemaReadable });
  const failed = await checkStructure(db, job, { damage, content }, { reporter, channel });
  if (job.foreignKeys) checkForeignKeys(db, reporter, { damaged: failed, schemaReadable });
  guarded.verify();
}

/** Then not all tables are known. The message is SQLite's (`prepare.c`, corruptSchema). */
function isSchemaDamage(damage: string | null): boolean {
  return damage?.startsWith("malformed database schema") === true;
}
