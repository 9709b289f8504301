import { whyNotSqlite } from "../model/not-sqlite.ts";
import { isCopier } from "../model/programs.ts";
import type { Handle, Holder } from "../model/report.ts";
import { descriptorsOf, nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { capitalized } from "../text/sentence.ts";
import { hasLockOfSqlite, usersThroughSqlite } from "./shared/connections.ts";
import { type Diagnosis, defineFinding, isError, type Rule } from "./shared/record.ts";
import { type SqlTarget, sqlite3 } from "./shared/sql.ts";

/** A restore or a synchroniser that writes into the file, perhaps while others have it open through SQLite. */
const rule: Rule = ({ database, seen, snapshot }) => {
  const users = usersThroughSqlite(database);
  return database.holders.flatMap((holder) => {
    const appended = new Set(
      seen.handles.get(holder.pid)?.flatMap(({ fd, info }) => (info?.append === true ? fd : [])),
    );
    const handles = handlesToWriteBy(holder).filter(({ fd }) => !appended.has(fd));
    return handles.length === 0 ? [] : [diagnosisOf(holder, handles, users, { database, seen, snapshot })];
  });
};

/**
 * Those that can be used to write, and are not SQLite's: opened write-only, which proves it; likely those of a program
 * that is known to copy files. A script's lock is no writing (`exec 9>>db; flock 9`, which may wait for it).
 */
function handlesToWriteBy(holder: Holder): Handle[] {
  const hasNoLocks = holder.locks.length === 0;
  return holder.handles.filter((handle) => {
    if (handle.role !== "database" || handle.deleted || handle.moved) return false;
    const why = whyNotSqlite(handle);
    if (why === "write-only") return true;
    return why === "kept-over-exec" && handle.access === "read-write" && hasNoLocks && isCopier(holder);
  });
}

function diagnosisOf(
  holder: Holder,
  handles: readonly Handle[],
  users: readonly Holder[],
  target: SqlTarget,
): Diagnosis {
  const proved = handles.some((handle) => handle.access === "write");
  const pids = list(users.map(({ pid }) => pid));
  const inUse = users.length > 0;
  return {
    severity: inUse ? "error" : proved ? "warning" : "info",
    pids: [holder.pid],
    summary:
      `${nameOf(holder)} has the database open for writing, ${proved ? "but not" : "likely not"} through SQLite: it ` +
      "likely overwrites the file" +
      (inUse
        ? ` while ${list(users.map(nameOf))} ${users.length === 1 ? "has" : "have"} it open. The database can be ` +
          "corrupted."
        : "; until it has finished, the file is half old, half new."),
    detail:
      `${capitalized(descriptorsOf(handles))}: ` +
      (proved
        ? "SQLite never opens a database write-only" +
          (hasLockOfSqlite(holder) ? "." : ", and this program holds none of its locks.")
        : "judging by its name, a program that copies files; it holds none of SQLite's locks.") +
      (inUse
        ? " Programs that have the database open through SQLite do not notice: their caches are of the old file, and " +
          "they will write the contents of the -wal or -journal into the new one."
        : ""),
    remedy: inUse
      ? `Let ${holder.pid} finish: if it ends half-way, the file is neither the old nor the new one. Let no other ` +
        `program write in the meantime, and keep the source of the copy. When it has finished: stop ${pids}; move ` +
        "the -wal, -shm and -journal, which belong to the old file, to a safe folder, and delete nothing; then copy " +
        "the file again while nobody has it open, and check it (sqlock integrity). Next time, stop the programs " +
        `first, or restore through SQLite, which takes its locks:${restoreCommand(target)}`
      : "Let it finish, and do not open the database before that. If a -wal or -journal of the old file lies beside " +
        "it, move that to a safe folder while nobody has the database open. Restoring through SQLite needs none of " +
        `that:${restoreCommand(target)}`,
  };
}

/** Until it has finished, the file is half old, half new, whichever processes have it open. */
function isProvedToWrite({ handles }: Holder): boolean {
  return handles.some((handle) => whyNotSqlite(handle) === "write-only" && !handle.deleted && !handle.moved);
}

function restoreCommand(target: SqlTarget): string {
  return target.database.header === "likely-encrypted"
    ? " the backup API of the program that has its key"
    : `\n  ${sqlite3(target, ".restore BACKUP")}`;
}

export const foreignWriter = defineFinding({
  id: "foreign-writer",
  severity: "error",
  needs: "handles",
  transient: "in-every-look",
  namesBlocker: false,
  unsafeToOpen: (finding, holders) => isError(finding) || holders.some(isProvedToWrite),
  blocksSwitch: { forcible: false, why: "another program is writing the file without SQLite's locks" },
  rule,
});
