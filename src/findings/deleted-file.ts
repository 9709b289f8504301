import { isFileOf } from "../model/lock.ts";
import { hasJournalOfLostDatabase } from "../model/lost-files.ts";
import type { Related } from "../model/relate.ts";
import type { Handle, Holder } from "../model/report.ts";
import { knowsLocks } from "../model/source.ts";
import type { Viewer } from "../model/viewer.ts";
import { COMPANIONS, FILES_WITH_PAGES } from "../sqlite/roles.ts";
import { asOwnerOf, asOwnersOf, asUser } from "../text/as-root.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { capitalized } from "../text/sentence.ts";
import { shellQuoted } from "../text/shell.ts";
import { lostHandles } from "./shared/lost-handles.ts";
import { ownerOf } from "./shared/owner.ts";
import { type Diagnosis, defineFinding, isError, type Rule } from "./shared/record.ts";
import { copyFiles, SAFE_FOLDER } from "./shared/restored.ts";

/** A process works on a file that no longer has its name: what is committed there exists nowhere else. */
const rule: Rule = ({ database, seen, snapshot }) => {
  const known = knowsLocks(snapshot.source);
  const { viewer } = snapshot;
  const asOwner: AsOwner = (command) => asUser(ownerOf(seen), command, viewer);
  const workers = database.holders.filter((holder) => lostHandles(holder).length > 0);
  return workers.map((holder): Diagnosis => {
    const lost = lostHandles(holder);
    if (lost.every((handle) => handle.role === "journal")) return lostJournal(holder, lost, database, known, viewer);
    const kinds = [...new Set(lost.map((handle) => fileName(handle.role)))];
    const moved = lost.some((handle) => handle.moved);
    const isThis = ({ fd }: Handle) =>
      seen.handles.get(holder.pid)?.some((handle) => handle.fd === fd && isFileOf(seen.target, handle)) === true;
    const generations =
      database.files.length > 0 && lost.some((handle) => handle.role === "database" && !isThis(handle));
    const left = generations ? leftBehind(holder, database) : [];
    const journalLeft = left.includes("-journal");
    const onNew = database.holders.filter(({ handles }) => handles.some(isNamedDatabase)).map(({ pid }) => pid);
    return {
      pids: [holder.pid],
      summary:
        `${nameOf(holder)} works on a ${list(kinds)} file that was ${moved ? "moved away" : "deleted"}: what it ` +
        `commits there ${moved ? "does not reach this database" : "is lost when it ends"}` +
        (journalLeft
          ? `. Its -journal lies beside ${database.path}, and the next program that opens that database may write ` +
            "the old pages in it over the new file, and delete it."
          : "."),
      detail:
        `${capitalized(lost.map(placeOf).join("; "))}.` +
        (generations
          ? ` Another file is now named ${database.path}: two generations of the database are in use at once.`
          : "") +
        (left.length > 0
          ? ` The ${list(left)} beside it ${left.length === 1 ? "belongs" : "belong"} to the old file: SQLite takes ` +
            `${left.length === 1 ? "it" : "them"} for the new file's, which corrupts the new file.`
          : ""),
      remedy:
        `${known ? `First save the data:\n  ${rescue(holder, lost, workers, viewer)}` : RESCUE_FROM_WITHIN}\n` +
        (left.length === 0
          ? "Then restart the program."
          : journalLeft
            ? afterItsTransaction(lost, database.path, onNew, asOwner)
            : onNew.length > 0
              ? besideUsersOfNew(left, database.path, onNew)
              : "Then end the program. Before any program opens the new file:\n  " +
                left
                  .map((suffix) => asOwner(move(database.path + suffix, `${database.path + suffix}.old`)))
                  .join("; ") +
                "\nThen start the program."),
    };
  });
};

function isNamedDatabase({ role, deleted, moved }: Handle): boolean {
  return role === "database" && !deleted && !moved;
}

/** As the user who owns the database: a folder or a link that somebody puts there leads root anywhere. */
type AsOwner = (command: string) => string;

/** With -i: a file of that name may be one that was moved away before, or the journal of another transaction. */
function move(from: string, to: string): string {
  return `mv -i ${shellQuoted(from)} ${shellQuoted(to)}`;
}

/** What is committed through the new file is in these files as well: moved away, it would be lost. */
function besideUsersOfNew(left: readonly string[], path: string, users: readonly number[]): string {
  const them = left.length === 1 ? "it" : "them";
  return (
    `${list(users)} ${users.length === 1 ? "has" : "have"} the new file open, and may have committed to the ` +
    `${list(left)} of the old one: do not move ${them} away. First copy the new file aside with ${them}:\n  ` +
    `${copyFiles(["", ...left].map((suffix) => path + suffix))}\n` +
    `Then end all these programs, and check the new file (sqlock integrity ${shellQuoted(path)}) before any program ` +
    "opens it again."
  );
}

/** A commit or a rollback ends its journal. Else the journal goes to the file whose pages it has. */
function afterItsTransaction(
  lost: readonly Handle[],
  path: string,
  onNew: readonly number[],
  asOwner: AsOwner,
): string {
  const old = lost.find(({ role, deleted }) => role === "database" && !deleted)?.path;
  const journal = `${path}-journal`;
  const use =
    onNew.length === 0
      ? "open the new file"
      : `use the new file (${list(onNew)} ${onNew.length === 1 ? "has" : "have"} it open)`;
  return (
    `Then let it commit or roll back: that ends the journal. Until then, no program must ${use}. Only if ` +
    "the program ends before that: before any program opens the new file,\n  " +
    (old === undefined
      ? asOwner(move(journal, `${journal}.old`))
      : `${asOwner(move(journal, `${old}-journal`))}\nThen the old file undoes that transaction when it is opened.`)
  );
}

function placeOf({ fd, path, deleted }: Handle): string {
  return `descriptor ${fd} is open on ${path}${deleted ? " (deleted)" : ""}`;
}

/** Where there is no /proc, an open file that has no name cannot be copied from outside. */
const RESCUE_FROM_WITHIN =
  "First save the data, before that program ends: let the program itself write a copy through its open connection " +
  "(the backup API, or VACUUM INTO). On Linux, sqlock who-holds without --source tells you how to copy the open files.";

/** The database itself is where it was: only the way back is lost. `known`: what the holder does. */
function lostJournal(
  holder: Holder,
  lost: readonly Handle[],
  database: Related,
  known: boolean,
  viewer: Viewer,
): Diagnosis {
  const writes = known && holder.activity !== "idle" && holder.activity !== "reading";
  const handle = lost[0];
  return {
    severity: writes ? "error" : "warning",
    pids: [holder.pid],
    summary:
      `${nameOf(holder)} keeps its journal in a file that was ${handle?.moved === true ? "moved away" : "deleted"}` +
      ": " +
      (writes
        ? "if it ends before its transaction does"
        : known
          ? "if it dies during its next transaction"
          : "if it dies during a transaction") +
      ", the database may be left half written.",
    detail:
      `${capitalized(lost.map(({ fd, path }) => `descriptor ${fd} is open on ${path}`).join("; "))}. The -journal ` +
      "holds the pages as they were before; a program that opens the database can no longer find it.",
    remedy:
      "Commit or roll back in that program" +
      `${holder.terminal === null ? "" : ` (it runs on ${holder.terminal})`}; do not end or kill it.` +
      (known
        ? keepJournal(holder, lost, database, viewer)
        : " On Linux, sqlock who-holds without --source tells you how to keep a copy of the journal."),
  };
}

function keepJournal(holder: Holder, lost: readonly Handle[], database: Related, viewer: Viewer): string {
  const { pid } = holder;
  const copies = lost.map((handle) => copyOf(holder, handle, "-journal"));
  const commands = [`kill -STOP ${pid}`, ...copies, `kill -CONT ${pid}`];
  return (
    ` Keep a copy of the journal:\n  ${commands.map((each) => asOwnerOf(holder, each, viewer)).join("; ")}\nOnly if ` +
    `it dies during its transaction: put that copy back as ${shellQuoted(`${database.path}-journal`)} before any ` +
    "program opens the database."
  );
}

/** The companion files of the old database that have the name of the new one's. */
function leftBehind(holder: Holder, database: Related): string[] {
  const lostDatabase = hasJournalOfLostDatabase(holder);
  return COMPANIONS.filter(({ mode }) => mode === "wal" || lostDatabase).flatMap(({ role, suffix }) =>
    holder.handles.some((handle) => handle.role === role && !handle.deleted && !handle.moved) &&
    database.files.some((file) => file.role === role)
      ? [suffix]
      : [],
  );
}

/**
 * The commands that copy the files through the descriptors. All processes that work on such files are stopped
 * meanwhile, since copies of files that are being written do not fit together; those that were stopped stay so.
 */
function rescue(holder: Holder, lost: readonly Handle[], workers: readonly Holder[], viewer: Viewer): string {
  const first = (role: Handle["role"]) =>
    lost.find((handle) => handle.role === role) ?? holder.handles.find((handle) => handle.role === role);
  const copies = FILES_WITH_PAGES.flatMap(({ role, suffix }) => {
    const handle = first(role);
    return handle === undefined ? [] : [copyOf(holder, handle, `.db${suffix}`)];
  });
  const commands = copies.length > 0 ? copies : lost.map((handle) => copyOf(holder, handle, `-${handle.role}`));
  const running = workers.filter((each) => each.state !== "stopped" && each.state !== "traced");
  const pids = running.map(({ pid }) => pid).join(" ");
  const signal = (name: string) => (running.length === 0 ? [] : [asOwnersOf(running, `kill -${name} ${pids}`, viewer)]);
  return [...signal("STOP"), ...commands.map((command) => asOwnerOf(holder, command, viewer)), ...signal("CONT")].join(
    "; ",
  );
}

/** What the descriptor leads to is up to that process: the copy goes where only the person who copies may write. */
function copyOf({ pid }: Holder, { fd }: Handle, suffix: string): string {
  return `cp /proc/${pid}/fd/${fd} ${SAFE_FOLDER}rescue-${pid}${suffix}`;
}

/**
 * The database that it works on and a companion file of it no longer have one name: a program that opens the database
 * takes a companion file of another one, or makes one that this process does not see. A whole old generation belongs to
 * no other process.
 */
function mixesGenerations(holder: Holder): boolean {
  const lost = lostHandles(holder);
  const named = holder.handles.filter((handle) => !lost.includes(handle));
  const isOf = (handles: readonly Handle[], database: boolean) =>
    handles.some(({ role }) => (role === "database") === database);
  if (isOf(lost, true) === isOf(named, true)) return false;
  return isOf(isOf(lost, true) ? named : lost, false);
}

export const deletedFile = defineFinding({
  id: "deleted-file",
  severity: "error",
  needs: "handles",
  transient: "in-every-look",
  namesBlocker: false,
  unsafeToOpen: (finding, holders) => isError(finding) && holders.some(mixesGenerations),
  blocksSwitch: { forcible: false, why: "when that program ends, it deletes files of these names" },
  rule,
});
