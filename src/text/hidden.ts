/** The words for locks that no known process holds, beside what is said of the holders. Pure. */
import type { Lock } from "../model/report.ts";

/** `a process that cannot be seen holds RESERVED`; null where no lock of SQLite's is left without an owner. */
export function hiddenHolderClause(unownedLocks: readonly Lock[]): string | null {
  const names = new Set(unownedLocks.flatMap(({ name, waiting }) => (waiting || name === "FOREIGN" ? [] : [name])));
  return names.size === 0 ? null : `a process that cannot be seen holds ${[...names].join(", ")}`;
}
