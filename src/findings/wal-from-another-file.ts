import { duration } from "../text/duration.ts";
import { framesText } from "../text/frames.ts";
import { count } from "../text/list.ts";
import { defineFinding, type Rule } from "./shared/record.ts";
import { copyAside } from "./shared/restored.ts";
import { signOfAnotherFile } from "./shared/wal-file.ts";

/**
 * A restored or replaced database beside the -wal of the previous one. SQLite replays it without asking. Source:
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
    "journal-mode":
      "The database's own header says rollback journal: the header of the database that a -wal belongs to says WAL " +
      "(except where a program left WAL mode at the moment at which another one connected).",
    "page-size": `The -wal has pages of ${wal.pageSize} bytes, the database has pages of ${seen.facts.pageSize}.`,
    "pages-missing":
      `Its last commit belongs to a database of ${count(wal.pageCount, "page")}, and the -wal and this database ` +
      "together do not have that many.",
    "born-later": youngerBy((file.bornMs ?? 0) - walFile.writtenMs),
  }[sign];
  return [
    {
      pids,
      summary: `${database.path}-wal likely belongs to another database file: ${
        pids.length > 0 ? "it may have been replayed" : "the next program that opens the database may replay it"
      } over this one, which corrupts it or brings old data back.`,
      detail:
        `${evidence} It holds ${framesText(wal)} of committed changes. Likely the database was restored ` +
        "or replaced, and the -wal of the previous one was left behind" +
        `${sign === "born-later" ? " (or both were copied here, the -wal first)" : ""}.`,
      remedy:
        (pids.length > 0
          ? "Before the programs that have it open close it (the last one copies the -wal into the database), copy"
          : "Do not open it yet. Copy") +
        ` both files aside:\n  ${copyAside(database.path, "wal")}\nIf you restored only the database, ` +
        "move the -wal (and the -shm) away while nobody has the database open. If you need the changes in it: they " +
        "belong to the file that was there before.",
    },
  ];
};

function youngerBy(ms: number): string {
  return `The database file was created ${ms < 1000 ? "" : `${duration(ms)} `}after the last write to the -wal.`;
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
