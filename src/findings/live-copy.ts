import { isCopier } from "../model/programs.ts";
import type { Holder } from "../model/report.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { hasLockOfSqlite, usersThroughSqlite } from "./shared/connections.ts";
import { whoCouldLose } from "./shared/opening.ts";
import { defineFinding, type Rule } from "./shared/record.ts";
import { SAFE_FOLDER } from "./shared/restored.ts";
import { sqlite3With } from "./shared/sql.ts";

/** As the shell reads it. */
const BACKUP = `".backup '${SAFE_FOLDER}copy.db'"`;

/** A program that copies files reads the database while other processes may write to it. */
const rule: Rule = ({ database, seen, snapshot }) => {
  const users = usersThroughSqlite(database);
  const copiers = database.holders.filter((holder) => isCopier(holder) && reads(holder) && !hasLockOfSqlite(holder));
  const [first] = copiers;
  if (first === undefined || users.length === 0) return [];
  const one = copiers.length === 1;
  const names = list(copiers.map(nameOf));
  return [
    {
      pids: copiers.map(({ pid }) => pid),
      summary:
        `${names} likely ${one ? "copies" : "copy"} the database while ${list(users.map(nameOf))} ` +
        `${users.length === 1 ? "has" : "have"} it open: the copy can be torn.`,
      detail:
        `${one ? "It reads" : "They read"} the file without SQLite's locks (judging by ` +
        `${one ? "its name, a program that copies files" : "their names, programs that copy files"}): the copy may ` +
        "mix pages from before and after a commit, and lack what is only in the -wal. The database itself is not " +
        "harmed.",
      remedy:
        "Do not rely on this copy. Copy through SQLite, and back up or synchronise that copy:" +
        (database.header === "likely-encrypted"
          ? " VACUUM INTO or the backup API in the program that has its key; "
          : whoCouldLose({ database, snapshot }) !== null
            ? " VACUUM INTO or the backup API in a program that has it open through SQLite; "
            : `\n  ${sqlite3With({ database, seen, snapshot }, BACKUP)}\nor VACUUM INTO; `) +
        "or a snapshot of the file system that includes the companion files.",
    },
  ];
};

/** And does not write to it (rsync has it open for both: foreign-writer). */
function reads({ handles }: Holder): boolean {
  const own = handles.filter(({ role, deleted, moved }) => role === "database" && !deleted && !moved);
  return own.length > 0 && own.every(({ access }) => access === "read");
}

export const liveCopy = defineFinding({
  id: "live-copy",
  severity: "info",
  needs: "locks",
  transient: "in-every-look",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
