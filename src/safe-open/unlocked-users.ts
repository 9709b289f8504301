/** Who works on a database without SQLite's default locks, so that what a check reads may be half written. Pure. */
import { foreignWriter } from "../findings/foreign-writer.ts";
import { lockDirectory } from "../findings/lock-directory.ts";
import { lostLocks } from "../findings/lost-locks.ts";
import { otherLocking } from "../findings/other-locking.ts";
import type { DatabaseReport, Holder } from "../model/report.ts";
import { holdsLockOfSqlite } from "../model/use-without-locks.ts";

type Database = Pick<DatabaseReport, "holders" | "findings">;

const IDS: readonly string[] = [lostLocks.id, otherLocking.id, lockDirectory.id, foreignWriter.id];

/** These show it even where no process is at work now: a lock that a process holds, a copy into the file. */
const IDS_AT_ANY_SEVERITY: readonly string[] = [lockDirectory.id, foreignWriter.id];

/** They are in the middle of a change, as findings of the severity "error" say. */
export function writersWithoutLocks(database: Database): Holder[] {
  return named(database, ({ id, severity }) => severity === "error" && IDS.includes(id));
}

/** They may be in the middle of one: enough to distrust a problem, and too little to distrust a check without any. */
export function likelyWritersWithoutLocks(database: Database): Holder[] {
  return named(
    database,
    ({ id, severity }) => (severity === "error" && IDS.includes(id)) || IDS_AT_ANY_SEVERITY.includes(id),
  );
}

/** They can write to it, and hold no lock of SQLite's now: also a connection that locks as SQLite does and is idle. */
export function usersWithoutLocks({ holders }: Pick<Database, "holders">): Holder[] {
  return holders.filter(
    (holder) =>
      !holdsLockOfSqlite(holder) &&
      holder.handles.some(
        ({ role, access, deleted, moved }) =>
          role === "database" && access !== "read" && access !== "path" && !deleted && !moved,
      ),
  );
}

function named({ holders, findings }: Database, tells: (finding: Database["findings"][number]) => boolean): Holder[] {
  const pids = new Set(findings.filter(tells).flatMap((finding) => finding.pids));
  return holders.filter(({ pid }) => pids.has(pid));
}
