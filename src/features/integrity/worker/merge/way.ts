/** Whether the structure is checked by merges or by SQLite's own check, and what a merge found. */
import type Database from "better-sqlite3";
import type { Channel } from "../../../../worker/serve.ts";
import type { Job, Message } from "../../protocol.ts";
import type { NotMerged, StructureWay } from "../../report.ts";
import { checkByMerges, type MergedCheck } from "./check.ts";
import { chooseMerges } from "./choose.ts";
import { compareAlone, compareShared } from "./compare-all.ts";
import type { Content } from "./content.ts";
import { afterSorting, prepareToSort } from "./sort-space.ts";

/** `merged` is null where SQLite's own check has to be asked. */
export interface Checked {
  readonly merged: MergedCheck | null;
  readonly way: StructureWay;
}

/** A schema that can be read only once has no room for queries about it. */
export function mayMerge({ quick, exact, schemaOnce }: Job): boolean {
  return !quick && !exact && !schemaOnce;
}

/** `content`: null where it is not known, or not needed. */
export async function structureWay(
  db: Database.Database,
  job: Job,
  content: Content | null,
  { send, ask }: Channel<Message>,
): Promise<Checked> {
  if (job.quick) return { merged: null, way: { ...BY_PRAGMA, way: "quick_check" } };
  if (job.exact) return byPragma("asked");
  if (content?.state == null) return byPragma("unknown-state");
  const plan = chooseMerges(db, content, job.merges);
  if (typeof plan === "string") return byPragma(plan);
  if (job.watched) send({ kind: "merges", us: plan.mergeUs });
  const { state } = content;
  const { merge: indexes, isLarge } = plan;
  const shares = isLarge && mayShare(job);
  if (shares) send({ kind: "share", part: { state, indexes } });
  const reading = { db, content, hasRoom: prepareToSort(db, job, shares ? 2 : 1) };
  const told = (done: number) => send({ kind: "stage", stage: "indexes", done, total: indexes.length });
  const merged = await checkByMerges(db, plan, () => {
    told(0);
    return shares ? compareShared(reading, indexes, ask) : compareAlone(reading, indexes, told);
  });
  if (merged === null) {
    afterSorting(db);
    return byPragma("differs");
  }
  const way: StructureWay = {
    way: "merge",
    mergedIndexes: merged.merged,
    otherTables: merged.byPragma,
    processes: merged.processes,
    notMerged: [...new Set(merged.notMerged)],
  };
  return { merged, way };
}

/** A second process can open it as this one did, and would leave nothing beside it. */
function mayShare({ isolated, wal }: Job): boolean {
  return !isolated && wal !== "may-be-made";
}

const BY_PRAGMA = {
  way: "integrity_check",
  mergedIndexes: 0,
  otherTables: 0,
  processes: 1,
  notMerged: [],
} as const satisfies StructureWay;

function byPragma(why: NotMerged): Checked {
  return { merged: null, way: { ...BY_PRAGMA, notMerged: [why] } };
}
