import { count } from "../text/list.ts";
import { size } from "../text/size.ts";
import { notYet, unlessHidden, whoCouldLose } from "./shared/opening.ts";
import { asOwner } from "./shared/owner.ts";
import { type Diagnosis, defineFinding, isError, type Rule, type Subject } from "./shared/record.ts";
import { changedAfter, copyAside, copyFiles, restoredText } from "./shared/restored.ts";
import { sqlCommand } from "./shared/sql.ts";

/** A crash left a transaction half written, and no program has rolled it back yet. */
const rule: Rule = ({ database, seen, snapshot }) => {
  if (!snapshot.partialView && isBesideEmpty({ database, seen }))
    return [besideEmpty(database, seen.facts.journal?.pagesOfEmpty ?? 0)];
  if (database.journal?.hot !== true) return [];
  const loser = whoCouldLose({ database, snapshot });
  const sure = snapshot.unseen === null ? "a writer" : "likely a writer"; // init cannot be inspected
  return [
    {
      pids: [],
      summary:
        `${database.path}-journal is hot: ${sure} died in the middle of a transaction, and no program has undone it ` +
        "yet.",
      detail:
        `The journal (${size(database.journal.sizeBytes)}) holds the pages as they were before; no process holds a ` +
        "lock on the database. The next program that opens it with write permission rolls the transaction back." +
        restoredText(seen, "journal"),
      remedy:
        "Do not delete the journal: without it the database is corrupt. First copy both files aside:\n  " +
        `${copyAside(database.path, "journal")}\n` +
        (loser !== null
          ? notYet(loser, { database, snapshot })
          : changedAfter(seen, "journal") === null
            ? `Then open the database once${asOwner(seen, snapshot.viewer)}${unlessHidden(snapshot)}, unless you ` +
              `have just restored it:${sqlCommand({ database, seen, snapshot }, "PRAGMA schema_version")}`
            : "If you restored the database over the old one, do not open it: the journal belongs to the old " +
              "one, and would be rolled back into the new one; move it away. If not, the next program that opens it " +
              "rolls the transaction back."),
    },
  ];
};

function isBesideEmpty({ database, seen }: Pick<Subject, "database" | "seen">): boolean {
  const journal = seen.facts.journal;
  return (
    journal !== null && journal.pagesOfEmpty > 0 && database.holders.length === 0 && database.unownedLocks.length === 0
  );
}

/** Source: hasHotJournal (pager.c). */
function besideEmpty({ path }: Subject["database"], pages: number): Diagnosis {
  return {
    severity: "error",
    pids: [],
    summary:
      `${path} is empty, but its -journal can undo a transaction on a database of ${count(pages, "page")}: the next ` +
      "program that opens the database deletes that journal.",
    detail:
      "SQLite treats a -journal beside a database without pages as a leftover, and removes it. Likely the database " +
      "was truncated, or created again by 'touch' or '>'.",
    remedy:
      `Do not open it yet. First copy the -journal aside:\n  ${copyFiles([`${path}-journal`])}` +
      "\nThen put back the database file that it belongs to (from a backup, for example), with this " +
      "-journal beside it.",
  };
}

export const hotJournal = defineFinding({
  id: "hot-journal",
  severity: "warning",
  needs: "handles",
  transient: "in-every-look",
  namesBlocker: false,
  unsafeToOpen: isError,
  blocksSwitch: { forcible: true, why: "the switch would roll it back first" },
  recoversOnOpen: true,
  rule,
});
