/** As which user a database has to be opened, in a remedy. Pure. */
import type { DatabaseSnapshot } from "../../model/snapshot.ts";
import type { Viewer } from "../../model/viewer.ts";

type Seen = Pick<DatabaseSnapshot, "target">;

/** Root's where that is not known. */
export function ownerOf({ target }: Seen): number {
  return target.files.find(({ role }) => role === "database")?.rights.uid ?? 0;
}

/**
 * A part of a sentence; "" where it is root's, or the viewer's own. SQLite plays back what lies beside a database, and
 * deletes the file that a journal names: root would do that with root's rights.
 */
export function asOwner(seen: Seen, viewer: Viewer): string {
  const uid = ownerOf(seen);
  return uid === 0 || uid === viewer.uid ? "" : ` as the user who owns it (uid ${uid}), never as root`;
}
