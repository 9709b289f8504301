import { isFileOf } from "../model/lock.ts";
import type { Related } from "../model/relate.ts";
import type { Handle, Holder } from "../model/report.ts";
import { knowsLocks } from "../model/source.ts";
import { companionsOfMode, FILES_WITH_PAGES } from "../sqlite/roles.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { shellQuoted } from "../text/shell.ts";
import { lostHandles } from "./shared/lost-handles.ts";
import { type Diagnosis, defineFinding, isError, type Rule } from "./shared/record.ts";

/** Somebody works on a file that no longer has its name: what is committed there exists nowhere else. */
const rule: Rule = ({ database, seen, snapshot }) => {
  const known = knowsLocks(snapshot.source);
  const workers = database.holders.filter((holder) => lostHandles(holder).length > 0);
  return workers.map((holder): Diagnosis => {
    const lost = lostHandles(holder);
    if (lost.every((handle) => handle.role === "journal")) return lostJournal(holder, lost, database, known);
    const kinds = [...new Set(lost.map((handle) => fileName(handle.role)))];
    const moved = lost.some((handle) => handle.moved);
    const isThis = ({ fd }: Handle) =>
      seen.handles.get(holder.pid)?.some((handle) => handle.fd === fd && isFileOf(seen.target, handle)) === true;
    const generations =
      database.files.length > 0 && lost.some((handle) => handle.role === "database" && !isThis(handle));
    const left = generations ? leftBehind(holder, database) : [];
    return {
      pids: [holder.pid],
      summary:
        `${nameOf(holder)} works on a ${list(kinds)} file that was ${moved ? "moved away" : "deleted"}: what it ` +
        `commits there is ${moved ? "not in this database" : "lost when it ends"}.`,
      detail:
        `${lost.map(placeOf).join("; ")}.` +
        (generations
          ? ` Another file has the name ${database.path} now: two generations of the database are in use at once.`
          : "") +
        (left.length > 0
          ? ` The ${list(left)} beside it belong to the old one: SQLite takes them for the new file's, which that ` +
            "corrupts."
          : ""),
      remedy:
        `${known ? `First rescue the data:\n  ${rescue(holder, lost, workers)}` : RESCUE_FROM_WITHIN}\n` +
        (left.length === 0
          ? "Then restart the program."
          : "Then end the program. Before anything opens the new file:\n  " +
            left
              .map(
                (suffix) => `mv ${shellQuoted(database.path + suffix)} ${shellQuoted(`${database.path + suffix}.old`)}`,
              )
              .join("; ") +
            "\nThen start the program."),
    };
  });
};

function placeOf({ fd, path, deleted }: Handle): string {
  return `descriptor ${fd} is on ${path}${deleted ? " (deleted)" : ""}`;
}

/** Where there is no /proc, an open file that has no name cannot be copied from outside. */
const RESCUE_FROM_WITHIN =
  "First rescue the data, before that program ends: have it write a copy itself, through the connection that it " +
  "has open (the backup API, or VACUUM INTO). On Linux, sqlock who-holds without --source says how to copy the " +
  "open files.";

/** The database itself is where it was: what is lost is the way back. `known`: what the holder does. */
function lostJournal(holder: Holder, lost: readonly Handle[], database: Related, known: boolean): Diagnosis {
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
          ? "if it dies in its next transaction"
          : "if it dies in a transaction") +
      ", the database may stay half written.",
    detail:
      `${lost.map(({ fd, path }) => `descriptor ${fd} is on ${path}`).join("; ")}. The -journal holds the pages as ` +
      "they were before; nobody who opens the database can find it there any more.",
    remedy:
      "Let it commit or roll back in that program" +
      `${holder.terminal === null ? "" : ` (it runs on ${holder.terminal})`}; do not end or kill it.` +
      (known
        ? keepJournal(holder, lost, database)
        : " On Linux, sqlock who-holds without --source says how to keep a copy of the journal."),
  };
}

function keepJournal({ pid }: Holder, lost: readonly Handle[], database: Related): string {
  const copies = lost.map(({ fd }) => `cp /proc/${pid}/fd/${fd} rescue-${pid}-journal`);
  return (
    ` Keep a copy of the journal:\n  ${[`kill -STOP ${pid}`, ...copies, `kill -CONT ${pid}`].join("; ")}\nOnly if ` +
    (`it dies in its transaction: put that copy back as ${shellQuoted(`${database.path}-journal`)} before ` +
      "anything opens ") +
    "the database."
  );
}

/** The companion files that are the old database's and have the new one's name. */
function leftBehind(holder: Holder, database: Related): string[] {
  return companionsOfMode("wal").flatMap(({ role, suffix }) =>
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
function rescue(holder: Holder, lost: readonly Handle[], workers: readonly Holder[]): string {
  const first = (role: Handle["role"]) =>
    lost.find((handle) => handle.role === role) ?? holder.handles.find((handle) => handle.role === role);
  const copies = FILES_WITH_PAGES.flatMap(({ role, suffix }) => {
    const handle = first(role);
    return handle === undefined ? [] : [`cp /proc/${holder.pid}/fd/${handle.fd} rescue-${holder.pid}.db${suffix}`];
  });
  const commands =
    copies.length > 0
      ? copies
      : lost.map((handle) => `cp /proc/${holder.pid}/fd/${handle.fd} rescue-${holder.pid}-${handle.role}`);
  const pids = workers.filter((each) => each.state !== "stopped" && each.state !== "traced").map((each) => each.pid);
  return [
    ...(pids.length > 0 ? [`kill -STOP ${pids.join(" ")}`] : []),
    ...commands,
    ...(pids.length > 0 ? [`kill -CONT ${pids.join(" ")}`] : []),
  ].join("; ");
}

/**
 * The database that it works on and a companion file of it are no longer found by one name: who opens the database
 * takes a companion file of another one, or makes one that it does not see. A whole old generation is nobody else's.
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
