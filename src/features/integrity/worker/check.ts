/** One job: open the database, and run the checks. */
import { ChangedMeanwhile } from "../../../safe-open/worker/guarded-file.ts";
import { copyOf, type Opened, open } from "../../../safe-open/worker/open.ts";
import type { Job, Message } from "../protocol.ts";
import { ProblemReporter } from "./check-run.ts";
import { checkForeignKeys } from "./foreign-keys.ts";
import { contentOf } from "./merge/content.ts";
import { sortIn } from "./merge/sort-space.ts";
import { mayMerge } from "./merge/way.ts";
import { planOf } from "./plan.ts";
import { checkStructure } from "./structure.ts";
import { checkVirtualTables } from "./virtual-tables.ts";

export async function checkJob(job: Job, send: (message: Message) => void): Promise<void> {
  sortIn(job.sortFolder);
  const opened = await open(job, send);
  if ("refusal" in opened) return send({ kind: "refused", refusal: opened.refusal });
  try {
    runChecks(opened, job, send);
  } catch (error) {
    if (!(error instanceof ChangedMeanwhile)) throw error;
    send({ kind: "refused", refusal: error.refusal });
  }
  opened.close();
  send({ kind: "lock", held: false });
}

/** @throws ChangedMeanwhile */
function runChecks({ db, damage, guarded }: Opened, job: Job, send: (message: Message) => void): void {
  if (job.watched) send({ kind: "plan", plan: planOf(db, job) });
  const reporter = new ProblemReporter(send, job.maxProblems, guarded.verifyProblem);
  const schemaReadable = !isSchemaDamage(damage);
  const content = damage === null && mayMerge(job) ? contentOf(db, pathOf(job)) : null; // before anything is read
  checkVirtualTables(db, job, reporter, { damaged: damage !== null, schemaReadable });
  const failed = checkStructure(db, job, { damage, content }, reporter);
  if (job.foreignKeys) checkForeignKeys(db, reporter, { damaged: failed, schemaReadable });
  guarded.verify();
}

/** Of what SQLite has open. */
function pathOf(job: Job): string {
  return job.method === "in-place" ? job.path : copyOf(job);
}

/** Then not all tables are known. The message is SQLite's (`prepare.c`, corruptSchema). */
function isSchemaDamage(damage: string | null): boolean {
  return damage?.startsWith("malformed database schema") === true;
}
