/** Where the super-journal is that a journal names. The name is whatever was written into the journal. */
import { lstatSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type SuperJournalState, superJournalState } from "../model/super-journal.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { databaseOfCompanion } from "../sqlite/roles.ts";
import { answersInTime } from "./probe.ts";
import { mayHangOnTheWay } from "./real-path.ts";

/** `folder`: of the journal. `unknown` also of a name that is not absolute. */
export async function findSuperJournal(
  name: string,
  folder: string,
  mounts: readonly Mount[],
): Promise<SuperJournalState> {
  if (name.includes("\0")) return "unknown";
  const named = databaseOfCompanion(name);
  const main = named?.role === "super-journal" ? named.database : null;
  const isAbsolute = name.startsWith("/");
  if (isAbsolute && mayHangOnTheWay(name, mounts) && !(await answersInTime(name))) return "no-answer";
  const beside = main !== null && isThere(besidePath(name, folder)) === true;
  if (!isAbsolute) return superJournalState({ there: null, beside, sameFolder: null, mainThere: null });
  return superJournalState({
    there: isThere(name),
    beside,
    sameFolder: isSameFolder(dirname(name), folder),
    mainThere: main === null ? null : isThere(main),
  });
}

/** Where it would lie in the folder of the journal. */
export function besidePath(name: string, folder: string): string {
  return join(folder, basename(name));
}

/** A link is there, wherever it leads: nobody follows it. Null where it may not be looked at. */
function isThere(path: string): boolean | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return null;
  }
}

/** SQLite before 3.39 names it by a path with links. */
function isSameFolder(one: string, other: string): boolean | null {
  try {
    const [a, b] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
    return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
  } catch {
    return null;
  }
}
