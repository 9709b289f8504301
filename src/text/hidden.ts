/** The words for locks of nobody who was seen, where something else is told of the holders. Pure. */
import type { Lock } from "../model/report.ts";

/** `a process that cannot be seen holds RESERVED`; null where no lock of SQLite's is left without an owner. */
export function hiddenHolderClause(unownedLocks: readonly Lock[]): string | null {
  const names = new Set(unownedLocks.flatMap(({ name, waiting }) => (waiting || name === "FOREIGN" ? [] : [name])));
  return names.size === 0 ? null : `a process that cannot be seen holds ${[...names].join(", ")}`;
}
