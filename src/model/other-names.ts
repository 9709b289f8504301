/** What lies beside another name of a database. Pure. Source: https://www.sqlite.org/howtocorrupt.html §2.5 */
import type { Related } from "./relate.ts";
import type { Holder, Lock } from "./report.ts";

/**
 * The other name (hard link) beside which the -journal of a transaction lies that no writer's lock belongs to. Null
 * where there is none.
 */
export function unfinishedUnder({
  otherNames = [],
  holders,
  unownedLocks,
}: Pick<Related, "otherNames" | "holders" | "unownedLocks">): string | null {
  const locks = [...holders.flatMap((holder) => holder.locks), ...unownedLocks];
  return locks.some(isOfWriter) ? null : (otherNames.find(({ journal }) => journal)?.path ?? null);
}

/** A -journal that this holder writes, which lies beside another name of the database; null where it has none. */
export function journalElsewhere(
  { handles }: Pick<Holder, "handles">,
  { path, journal }: Pick<Related, "path" | "journal">,
): string | null {
  if (journal !== null) return null; // beside this name, under whatever path it has it open
  const own = handles.find(
    ({ role, access, deleted, moved, path: name }) =>
      role === "journal" && access === "read-write" && !deleted && !moved && name !== `${path}-journal`,
  );
  return own?.path ?? null;
}

function isOfWriter({ name, waiting }: Lock): boolean {
  return !waiting && (name === "RESERVED" || name === "PENDING" || name === "EXCLUSIVE");
}
