/** As whom a database is to be opened, in a remedy. Pure. */
import type { DatabaseSnapshot } from "../../model/snapshot.ts";

/**
 * A part of a sentence; "" where the database is root's. SQLite plays back what lies beside a database, and deletes the
 * file that a journal names: root would do that with root's rights.
 */
export function asOwner({ target }: Pick<DatabaseSnapshot, "target">): string {
  const uid = target.files.find(({ role }) => role === "database")?.rights.uid ?? 0;
  return uid === 0 ? "" : ` as the user who owns it (uid ${uid}), never as root`;
}
