import { framesText } from "../text/frames.ts";
import { shellQuoted } from "../text/shell.ts";
import { unlessHidden, whoCouldLose } from "./shared/opening.ts";
import { asOwner } from "./shared/owner.ts";
import { type Diagnosis, defineFinding, type Rule, type Subject } from "./shared/record.ts";
import { changedAfter, copyAside, restoredText } from "./shared/restored.ts";
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
      `${path}-wal holds ${frames} of committed changes, which may not be in the database file ` +
      "yet, and nobody has it open.",
    detail:
      "The last program that had it open died, or ended without copying them back (it had no right to, or keeps " +
      `its WAL). The next program that opens the database reads them.${restoredText(seen, "wal")}`,
    remedy:
      `Do not delete the -wal: the changes may be nowhere else. First copy both aside:\n  ${copyAside(path, "wal")}` +
      "\n" +
      (loser !== null
        ? `Open it with nothing yet: ${loser}. When that is settled, look again with sqlock who-holds.`
        : restored
          ? "If you restored the database over the old one, open it with nothing: the -wal is the old one's, and " +
            "would be replayed over it; move it (and the -shm) away. If not, the next program that opens it brings " +
            "the changes in."
          : `Then have them copied back${asOwner(seen)}${unlessHidden(snapshot)}, unless you have just ` +
            `restored the database:\n  sqlite3 ${shellQuoted(path)} 'PRAGMA wal_checkpoint(TRUNCATE)'`),
  };
}

/** Source: pagerOpenWalIfPresent (pager.c). */
function besideEmpty({ path }: Subject["database"], frames: string): Diagnosis {
  return {
    severity: "error",
    pids: [],
    summary:
      `${path} is empty, and its -wal holds ${frames} of committed changes: the next program that ` +
      "opens the database deletes them.",
    detail:
      "SQLite takes a -wal beside a database of no pages for a leftover, and removes it. Likely the database was " +
      "truncated, or made anew by 'touch' or '>'.",
    remedy:
      `Open it with nothing yet. First copy the -wal aside:\n  cp -p ${shellQuoted(`${path}-wal`)} ` +
      "/a/safe/folder/\nThen put the database file that it belongs to back (from a backup, say), with this -wal " +
      "beside it.",
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
