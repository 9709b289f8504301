import { duration } from "../text/duration.ts";
import { framesText } from "../text/frames.ts";
import { count } from "../text/list.ts";
import { defineFinding, type Rule } from "./shared/record.ts";
import { copyAside } from "./shared/restored.ts";
import { signOfAnotherFile } from "./shared/wal-file.ts";

/**
 * A restored or replaced database beside the -wal of the one before it. SQLite replays it unasked. Source:
 * pagerOpenWalIfPresent (pager.c).
 */
const rule: Rule = ({ database, seen }) => {
  const sign = signOfAnotherFile(seen);
  const { wal } = seen.facts;
  const file = seen.target.files.find((each) => each.role === "database");
  const walFile = seen.target.files.find((each) => each.role === "wal");
  if (sign === null || wal === null || file === undefined || walFile === undefined) return [];
  const pids = database.holders
    .filter((holder) => holder.handles.some((handle) => handle.role === "wal"))
    .map((holder) => holder.pid);
  const evidence = {
    "journal-mode": "The database's own header says rollback journal: one that this -wal belongs to would say WAL.",
    "page-size": `The -wal has pages of ${wal.pageSize} bytes, the database of ${seen.facts.pageSize}.`,
    "pages-missing":
      `Its last commit is of a database of ${count(wal.pageCount, "page")}, and neither the -wal nor the database ` +
      "has all of these.",
    "born-later": youngerBy((file.bornMs ?? 0) - walFile.writtenMs),
  }[sign];
  return [
    {
      pids,
      summary: `${database.path}-wal is likely that of another database file: ${
        pids.length > 0 ? "it may have been" : "the next program that opens the database may have it"
      } replayed over this one, which corrupts it or brings old data back.`,
      detail:
        `${evidence} It holds ${framesText(wal)} of committed changes. Likely the database was restored ` +
        "or replaced, and the -wal of the one before stayed behind" +
        `${sign === "born-later" ? " (or both were copied here, the -wal first)" : ""}.`,
      remedy:
        (pids.length > 0
          ? "Before the programs that have it open close it (the last one copies the -wal into the database), copy"
          : "Open it with nothing yet. Copy") +
        ` both files aside:\n  ${copyAside(database.path, "wal")}\nIf the database alone is what you restored, ` +
        "move the -wal (and the -shm) away while nobody has the database open; if the changes in it are wanted, " +
        "they belong to the file that was there before.",
    },
  ];
};

function youngerBy(ms: number): string {
  return `The database file is ${ms < 1000 ? "" : `${duration(ms)} `}younger than the last write to the -wal.`;
}

export const walFromAnotherFile = defineFinding({
  id: "wal-from-another-file",
  severity: "warning",
  needs: "handles",
  transient: "in-every-look",
  namesBlocker: false,
  blocksSwitch: { forcible: false, why: "the switch would replay it, or delete it" },
  rule,
});
