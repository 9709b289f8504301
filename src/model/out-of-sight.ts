/** Whether others than those who were seen may use a database, by where it lies. Pure. */
import type { DatabaseReport } from "./report.ts";

/** On other machines, in a hypervisor or behind a program; or through an overlay that cannot be reached from here. */
export function hasUsersOutOfSight({ fileSystem, views = [] }: Pick<DatabaseReport, "fileSystem" | "views">): boolean {
  return fileSystem?.network === true || views.some(({ reachedAt }) => reachedAt === null);
}
