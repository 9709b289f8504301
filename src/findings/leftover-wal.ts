import { framesText } from "../text/frames.ts";
import { notYet, unlessHidden, whoCouldLose } from "./shared/opening.ts";
import { asOwner } from "./shared/owner.ts";
import { type Diagnosis, defineFinding, type Rule, type Subject } from "./shared/record.ts";
import { changedAfter, copyAside, copyFiles, restoredText } from "./shared/restored.ts";
import { sqlCommand } from "./shared/sql.ts";
import { signOfAnotherFile } from "./shared/wal-file.ts";

/**
 * A -wal with committed changes that nobody has open: the last connection did not close, or could not copy them back.
 */
const rule: Rule = ({ database, seen, snapshot }) => {
  const { wal } = seen.facts;
  if (wal === null || wal.live || wal.lostCommits > 0 || snapshot.partialView) return [];
  if (wal.frames === 0 && wal.complete) return [];
  if (database.holders.length > 0 || database.unownedLocks.length > 0 || signOfAnotherFile(seen) !== null) return [];
  const frames = framesText(wal);
  return [database.sizeBytes === 0 ? besideEmpty(database, frames) : ordinary({ database, seen, snapshot }, frames)];
};

function ordinary({ database, seen, snapshot }: Omit<Subject, "staleAfterMs">, frames: string): Diagnosis {
  const { path } = database;
  const restored = changedAfter(seen, "wal") !== null;
  const loser = whoCouldLose({ database, snapshot });
  return {
    pids: [],
    summary:
      `${path}-wal holds ${frames} of committed changes, which may not be in the database file yet, and nobody has ` +
      "it open.",
    detail:
      "The last program that had it open died, or ended without copying them back (it had no permission, or keeps " +
      `its WAL on purpose). The next program that opens the database reads them.${restoredText(seen, "wal")}`,
    remedy:
      "Do not delete the -wal: the changes may be nowhere else. First copy both files aside:\n  " +
      copyAside(path, "wal") +
      "\n" +
      (loser !== null
        ? notYet(loser, { database, snapshot })
        : restored
          ? "If you restored the database over the old one, do not open it: the -wal belongs to the old one, and " +
            "would be replayed over the new one; move it (and the -shm) away. If not, the next program that opens " +
            "the database reads the changes."
          : `Then copy them back${asOwner(seen, snapshot.viewer)}${unlessHidden(snapshot)}, unless you have just ` +
            "restored the database:" +
            sqlCommand({ database, seen, snapshot }, "PRAGMA wal_checkpoint(TRUNCATE)")),
  };
}

/** Source: pagerOpenWalIfPresent (pager.c). */
function besideEmpty({ path }: Subject["database"], frames: string): Diagnosis {
  return {
    severity: "error",
    pids: [],
    summary:
      `${path} is empty, but its -wal holds ${frames} of committed changes: the next program that opens the ` +
      "database deletes them.",
    detail:
      "SQLite treats a -wal beside a database without pages as a leftover, and removes it. Likely the database was " +
      "truncated, or created again by 'touch' or '>'.",
    remedy:
      `Do not open it yet. First copy the -wal aside:\n  ${copyFiles([`${path}-wal`])}` +
      "\nThen put back the database file that it belongs to (from a backup, for example), with this " +
      "-wal beside it.",
  };
}

export const leftoverWal = defineFinding({
  id: "leftover-wal",
  severity: "warning",
  needs: "handles",
  transient: "in-every-look",
  namesBlocker: false,
  blocksSwitch: { forcible: true, why: "the switch would copy it back first" },
  recoversOnOpen: true,
  rule,
});
