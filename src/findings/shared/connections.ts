/** Who uses a database through SQLite. */
import { connectionHandles } from "../../model/not-sqlite.ts";
import { isCopier } from "../../model/programs.ts";
import type { Related } from "../../model/relate.ts";
import type { Holder } from "../../model/report.ts";

/** Those with one of SQLite's locks; and those who may write to it, less programs that copy files. */
export function usersThroughSqlite({ holders }: Pick<Related, "holders">): Holder[] {
  return holders.filter(
    (holder) =>
      hasLockOfSqlite(holder) ||
      (!isCopier(holder) &&
        connectionHandles(holder.handles).some(
          ({ role, access, deleted, moved }) => role === "database" && access === "read-write" && !deleted && !moved,
        )),
  );
}

export function hasLockOfSqlite({ locks }: Pick<Holder, "locks">): boolean {
  return locks.some(({ name, waiting }) => name !== "FOREIGN" && !waiting);
}
