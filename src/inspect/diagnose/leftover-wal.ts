import { count } from "../phrases.ts";
import type { Rule } from "./rule.ts";
import { quoted } from "./shell.ts";
import { signOfAnotherFile } from "./wal-file.ts";

/** A -wal with committed changes that nobody has open: the last connection did not close, or could not copy them back. */
export const leftoverWal: Rule = ({ database, seen, snapshot }) => {
  const { wal } = seen.facts;
  if (wal === null || wal.live || wal.frames === 0 || snapshot.partialView) return [];
  if (database.holders.length > 0 || database.unownedLocks.length > 0 || signOfAnotherFile(seen) !== null) return [];
  return [
    {
      id: "leftover-wal",
      severity: "warning",
      pids: [],
      summary: `${database.path}-wal holds ${count(wal.frames, "frame")} of committed changes that are not in the database file yet, and nobody has it open.`,
      detail:
        "The last program that had it open died, or ended without copying them back (it had no right to, or keeps its WAL). Nothing is lost: the next program that opens the database reads them.",
      remedy: `Do not delete the -wal: the changes are nowhere else; copy it together with the database. To have them copied back, open and read it once: sqlite3 ${quoted(database.path)} 'PRAGMA wal_checkpoint(TRUNCATE)'.`,
    },
  ];
};
