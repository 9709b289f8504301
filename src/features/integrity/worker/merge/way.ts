/** Whether the structure is checked by merges or by SQLite's own check, and what a merge found. */
import type Database from "better-sqlite3";
import type { Job, Message } from "../../protocol.ts";
import type { NotMerged, StructureWay } from "../../report.ts";
import { checkByMerges, type MergedCheck, mergePlanOf } from "./check.ts";
import type { Content } from "./content.ts";
import { prepareToSort } from "./sort-space.ts";

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
export function structureWay(
  db: Database.Database,
  job: Job,
  content: Content | null,
  send: (message: Message) => void,
): Checked {
  if (job.quick) return { merged: null, way: { ...BY_PRAGMA, way: "quick_check" } };
  if (job.exact) return byPragma("asked");
  if (content?.state == null) return byPragma("unknown-state");
  const plan = mergePlanOf(db, content, job.mergeFrom);
  if (plan === null) return byPragma("as-fast");
  const merged = checkByMerges(db, content, plan, prepareToSort(db, job), (done, total) =>
    send({ kind: "stage", stage: "indexes", done, total }),
  );
  if (merged === null) return byPragma("differs");
  const way: StructureWay = {
    way: "merge",
    mergedIndexes: merged.merged,
    otherTables: merged.byPragma,
    processes: 1,
    notMerged: [...new Set(merged.notMerged)],
  };
  return { merged, way };
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
