/** Gives a file its name where nothing has that name yet. */
import { linkSync } from "node:fs";

/** Of file systems that have no hard links. */
const NO_HARD_LINKS: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/**
 * The file has both names afterwards; unlike rename(2), nothing is replaced. @returns false where the file system has
 * no hard links. @throws an error of the system, EEXIST among them
 */
export function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (NO_HARD_LINKS.has((error as NodeJS.ErrnoException).code)) return false;
    throw error;
  }
}
