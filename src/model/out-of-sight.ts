/** Whether others than those who were seen may use a database, by where it lies. Pure. */
import type { DatabaseReport } from "./report.ts";

/**
 * What can be seen here leaves open whether it is in use, or safe to open. Where the verdict is unknown only because
 * other processes may be out of sight (a container, a network file system), what can be seen is the answer: there it
 * would be unknown for ever.
 */
export function isUseUnknown({
  verdict,
  journal,
  fileSystem,
  views = [],
  findings,
}: Pick<DatabaseReport, "fileSystem" | "views" | "findings"> &
  Partial<Pick<DatabaseReport, "verdict" | "journal">>): boolean {
  if (verdict?.state !== "unknown") return false;
  return (
    journal?.hot === null ||
    !(hasUsersOutOfSight({ fileSystem, views }) || findings.some(({ id }) => id === "other-namespace"))
  );
}

/** On other machines, in a hypervisor or behind a program; or through an overlay that cannot be reached from here. */
export function hasUsersOutOfSight({ fileSystem, views = [] }: Pick<DatabaseReport, "fileSystem" | "views">): boolean {
  return fileSystem?.network === true || views.some(({ reachedAt }) => reachedAt === null);
}
