/** Whether a remedy may have the database opened: asked by every rule whose remedy does. Pure. */
import type { Holder } from "../../model/report.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { unseenUse } from "../../model/unseen-use.ts";
import { count, list } from "../../text/list.ts";
import { fileName } from "../../text/role.ts";
import { shellQuoted } from "../../text/shell.ts";
import type { Subject } from "./record.ts";

/**
 * Who could lose by it if the database were opened, or a file of it taken away: a clause, without a full stop. Null
 * where nobody could.
 */
export function whoCouldLose({ database, snapshot }: Pick<Subject, "database" | "snapshot">): string | null {
  const use = unseenUse(database);
  const users = [...use.writers, ...use.readers];
  if (users.length > 0) return `${who(users, "has", "have")} the ${list(companionsOf(users))} open`;
  if (use.overwriters.length > 0)
    return `${who(use.overwriters, "has", "have")} the database file open to write, and not through SQLite`;
  if (database.lockDirectory !== null)
    return `${shellQuoted(database.lockDirectory.path)} stands, a lock that SQLite's default locking does not see`;
  if (use.foreign.length > 0) return `${who(use.foreign, "holds", "hold")} a lock that is none of SQLite's`;
  if (use.foreignUnowned) return "an unknown process holds a lock that is none of SQLite's";
  return whoIsHidden(snapshot);
}

/** Why somebody may have the database open and not be seen: a clause. Null where all but init were looked at. */
export function whoIsHidden({ locksOnly, partialView, unseen }: Snapshot): string | null {
  if (locksOnly) return "who has it open without a lock was not looked for (--locks-only)";
  if (partialView) return "others may have it open where they cannot be seen from here";
  return unseen === null || unseen.initAlone === true ? null : hiddenText(unseen);
}

/**
 * A condition of the remedy where root could look into every process but init, with a comma and a space before it; ""
 * where it could into all.
 */
export function unlessHidden({ unseen }: Pick<Snapshot, "unseen">): string {
  return unseen === null ? "" : `, when you are sure that nobody uses it (${hiddenText(unseen)})`;
}

/** `4242 has`. Pids alone: in a remedy no name may make a line of its own. */
function who(holders: readonly Holder[], one: string, several: string): string {
  return `${list(holders.map(({ pid }) => pid))} ${holders.length === 1 ? one : several}`;
}

/** `-journal`. */
function companionsOf(holders: readonly Holder[]): string[] {
  const roles = holders.flatMap(({ handles }) => handles.map(({ role }) => role).filter((role) => role !== "database"));
  return [...new Set(roles)].map(fileName);
}

function hiddenText({ processes, remedy }: NonNullable<Snapshot["unseen"]>): string {
  const who = processes === null ? "some processes" : count(processes, "process", "processes");
  return `${who} could not be looked into: ${remedy}`;
}
