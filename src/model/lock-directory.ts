/** Whether `<database>.lock` is a lock of those who do not lock as SQLite does by default. Pure. */
import type { DatabaseReport, Holder } from "./report.ts";
import type { Target } from "./snapshot.ts";
import { holdsLockOfSqlite } from "./use-without-locks.ts";

/**
 * A file with a pid that no process has is no lock: who locks in that way removes it. In a container the pid is another
 * one, so that there it is the lock of whoever may be meant.
 */
export function lockDirectoryOf(
  { path, lockDirectorySince: since, lockFile }: Pick<Target, "path" | "lockDirectorySince" | "lockFile">,
  holders: readonly Holder[],
): DatabaseReport["lockDirectory"] {
  if (since === null) return null;
  if (lockFile === undefined) return { path: `${path}.lock`, since };
  const { pid, runs } = lockFile;
  const inContainer = holders.some((holder) => holder.container !== null && !holdsLockOfSqlite(holder));
  // With a lock of SQLite's it is a file that the program has for something of its own.
  const ofAnotherKind = holders.some((holder) => holder.pid === pid && holdsLockOfSqlite(holder));
  return (runs || inContainer) && !ofAnotherKind ? { path: `${path}.lock`, since, pid } : null;
}
