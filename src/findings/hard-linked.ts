import { companionsOfOtherName } from "../model/lock.ts";
import { unfinishedUnder } from "../model/other-names.ts";
import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import { hasJournalFile } from "../model/use-without-locks.ts";
import { asRoot } from "../text/as-root.ts";
import { nameOf } from "../text/holder.ts";
import { count, list } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { whoCouldLose } from "./shared/opening.ts";
import { type Diagnosis, defineFinding, isError, type Rule } from "./shared/record.ts";
import { copyAside } from "./shared/restored.ts";
import { sqlite3 } from "./shared/sql.ts";

/**
 * Opened by another of its names, the database has other companion files. Source:
 * https://www.sqlite.org/howtocorrupt.html §2.5
 */
const rule: Rule = ({ database, seen, snapshot }) => {
  const file = seen.target.files.find((each) => each.role === "database");
  if (file === undefined || file.links < 2) return [];
  const mountPoint = database.fileSystem?.mountPoint ?? "/";
  const names = [
    ...new Set(
      database.holders.flatMap((holder) =>
        holder.handles.filter((handle) => handle.role === "database").map((handle) => handle.path),
      ),
    ),
  ];
  const others = names.filter((name) => name !== database.path);
  const half = unfinishedUnder(database);
  if (half !== null) return [halfWritten(database, half)];
  const elsewhere = database.holders.filter(
    ({ pid }) => companionsOfOtherName(seen.handles.get(pid) ?? [], seen.target).length > 0,
  );
  if (elsewhere.length > 0) return [inUseInWalMode(database, elsewhere, others)];
  const find = `find ${shellQuoted(mountPoint)} -xdev -samefile ${shellQuoted(database.path)}`;
  return [
    {
      pids: database.holders
        .filter((holder) =>
          holder.handles.some((handle) => handle.role === "database" && handle.path !== database.path),
        )
        .map(({ pid }) => pid),
      summary:
        `${database.path} has ${count(file.links, "name")} (hard links): a program that opens it by another name ` +
        "uses another -wal and -journal, and the database can be corrupted.",
      detail:
        others.length === 0
          ? "The locks are on the file and still work, but after a crash under one name, SQLite does not " +
            "look for the journal under the other one."
          : `In use under another name: ${others.join(", ")}. The companion files lie beside that name, where ` +
            "programs that use this name do not look for them.",
      remedy:
        `Find the other names: ${asRoot(find, snapshot.viewer)}. Let all programs use the same name. Make copies ` +
        "with " +
        (whoCouldLose({ database, snapshot }) === null
          ? sqlite3({ database, seen, snapshot }, ".backup COPY")
          : "sqlite3's '.backup COPY'") +
        " (or VACUUM INTO), not with ln or cp -l.",
    },
  ];
};

/** Opened by this name, the database shows half a transaction. Source: pager.c (the journal is PATH-journal) */
function halfWritten(database: Related, other: string): Diagnosis {
  const { path } = database;
  return {
    severity: "error",
    pids: database.holders.filter(hasJournalFile).map(({ pid }) => pid),
    summary:
      `${path} is the same file as ${other}, and the -journal of an unfinished transaction lies beside that name: ` +
      "until it has been undone there, the database opened by this name shows half of that transaction, and can be " +
      "corrupted.",
    detail:
      `${other}-journal has a valid header, and no process holds a writer's lock: likely a writer died in the middle ` +
      "of a transaction. SQLite looks for the journal beside the name by which it opens the database, and finds none " +
      "beside this one.",
    remedy:
      "Do not open it by this name with any program, and delete nothing. First copy both files aside:\n  " +
      `${copyAside(other, "journal")}\n` +
      `Then inspect it by the other name, which shows what to do next:\n  sqlock who-holds ${shellQuoted(other)}\n` +
      "Let all programs use the same name.",
  };
}

/** Programs that use this name make a -wal and a -shm of their own: each checkpoint writes over what the other did. */
function inUseInWalMode({ path }: Related, holders: readonly Holder[], names: readonly string[]): Diagnosis {
  const who = list(holders.map(nameOf));
  return {
    severity: "error",
    pids: holders.map(({ pid }) => pid),
    summary:
      `${who} ${holders.length === 1 ? "has" : "have"} ${path} open in WAL mode by another name (hard link): a ` +
      "program that opens it by this name sees neither its locks nor its commits, and the database can be corrupted.",
    detail:
      `In use under another name: ${names.join(", ")}. The -wal and the -shm lie beside that name; a program that ` +
      "uses this one makes others, and the two checkpoint over each other.",
    remedy:
      "Do not open it by this name with any program. Let all programs use the same name; to see that one:\n  " +
      names.map((name) => `sqlock who-holds ${shellQuoted(name)}`).join("; "),
  };
}

export const hardLinked = defineFinding({
  id: "hard-linked",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  unsafeToOpen: isError,
  blocksSwitch: { forcible: true, why: "programs that use another name would look for other companion files" },
  rule,
});
