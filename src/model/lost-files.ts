/** Whether a process works on another file than this database, with a companion file of this name. Pure. */
import type { Holder } from "./report.ts";

/** Its database was deleted or moved away, and it writes its -journal beside the file that has the name now. */
export function hasJournalOfLostDatabase({ handles }: Pick<Holder, "handles">): boolean {
  return (
    handles.some(({ role, deleted, moved }) => role === "database" && (deleted || moved)) &&
    !handles.some(({ role, deleted, moved }) => role === "database" && !deleted && !moved) &&
    handles.some(
      ({ role, access, deleted, moved }) => role === "journal" && access === "read-write" && !deleted && !moved,
    )
  );
}
