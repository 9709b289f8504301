/** Whether a deleted database, which is read through descriptors, has all that belongs to it. Pure. */
import type { DatabaseReport } from "../model/report.ts";
import type { Refusal } from "./protocol.ts";

/**
 * Null where the file and its -wal are all there is. A program with a -journal open may be in the middle of a commit;
 * in WAL mode a -wal that no descriptor leads to may have held the last commits.
 */
export function lostCompanion({
  holders,
  files,
  journalMode,
}: Pick<DatabaseReport, "holders" | "files" | "journalMode">): Extract<Refusal, { kind: "lost-companion" }> | null {
  const isOpen = (role: "wal" | "journal") => holders.some(({ handles }) => handles.some((each) => each.role === role));
  if (isOpen("journal")) return { kind: "lost-companion", role: "journal" };
  const hasWal = files.some(({ role }) => role === "wal");
  return !hasWal && (journalMode === "wal" || isOpen("wal")) ? { kind: "lost-companion", role: "wal" } : null;
}
