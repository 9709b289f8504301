import type { MissingSuperJournal } from "../model/super-journal.ts";
import { isWriteLock } from "../sqlite/locks.ts";
import { databaseOfCompanion } from "../sqlite/roles.ts";
import { nameOf } from "../text/holder.ts";
import { shellQuoted } from "../text/shell.ts";
import { whoCouldLose } from "./shared/opening.ts";
import { type Diagnosis, defineFinding, type Rule, type Subject } from "./shared/record.ts";

/**
 * A -journal of a commit over several databases names its super-journal by a path that leads elsewhere here: SQLite
 * then takes the transaction for committed, and deletes the -journal. Silent beside a writer at work.
 */
const rule: Rule = ({ database, snapshot }) => {
  const missing = database.journal?.missingSuperJournal;
  if (missing === undefined || database.journal?.header !== "valid" || database.descriptor !== undefined) return [];
  const isWritten = ({ locks }: Pick<Related["holders"][number], "locks">) =>
    locks.some((lock) => !lock.waiting && lock.role === "database" && isWriteLock(lock));
  const writer = database.holders.find(isWritten);
  if (writer !== undefined)
    return writer.state === "stopped" || writer.frozen !== null ? [ofStopped(database, missing, writer)] : [];
  if (isWritten({ locks: database.unownedLocks })) return [];
  return [ofNobody(database, missing, whoCouldLose({ database, snapshot }))];
};

type Related = Subject["database"];

function ofStopped({ path }: Related, missing: MissingSuperJournal, writer: Related["holders"][number]): Diagnosis {
  return {
    pids: [writer.pid],
    summary:
      `${nameOf(writer)} is stopped in a commit over several databases that can be undone only by the paths that it ` +
      `uses itself: its -journal names its super-journal ${missing.name}, which is not there here.`,
    detail:
      `If it ended now, SQLite, opened at ${path}, would take the transaction for committed, and delete the ` +
      "-journal: half of the transaction would stay in the database.",
    remedy:
      "Let it go on, and do not end it. Delete nothing beside the database, and open it nowhere but by the path that " +
      "this program uses.",
  };
}

function ofNobody(database: Related, missing: MissingSuperJournal, loser: string | null): Diagnosis {
  const { path } = database;
  // In a remedy no name may make a line of its own.
  const folder = shellQuoted(missing.name.slice(0, missing.name.lastIndexOf("/")) || "/");
  const main = databaseOfCompanion(missing.name)?.database ?? null;
  return {
    ...(missing.beside === null ? { severity: "warning" } : {}),
    pids: [],
    summary:
      `${path}-journal belongs to a commit over several databases, and its super-journal is not at the path that it ` +
      `names (${missing.name}): SQLite, opened at ${path}, takes the transaction for committed and deletes the ` +
      `-journal. ${missing.beside === null ? "Whether it was committed is not known" : "It was not committed"}.`,
    detail:
      missing.beside === null
        ? `The super-journal may lie where ${folder} leads for the program that wrote it: in a container or another ` +
          "mount namespace, or before the folder was moved."
        : `The super-journal lies beside the database, as ${missing.beside}: the program that wrote it had this ` +
          `folder as ${folder} (in a container or another mount namespace, or before the folder was moved). Half of ` +
          "the transaction may be in the database, and the -journal alone can undo it.",
    remedy:
      "Open it with nothing here, and delete nothing. First copy all of it aside, with the other databases of the " +
      "transaction (the super-journal names their journals):\n  " +
      `cp -p ${[path, `${path}-journal`, ...(missing.beside === null ? [] : [missing.beside])]
        .map(shellQuoted)
        .join(" ")} /a/safe/folder/\n` +
      (loser === null ? "" : `Then wait: ${loser}. When that is settled, look again with sqlock who-holds. `) +
      `${loser === null ? "Then open" : "Open"} each of these databases once, only where ${folder} leads to the ` +
      "folder that it led to then: in the container, or with the folder back under its old name" +
      `${main === null ? "" : ` (the first of them is ${shellQuoted(main)} there)`}. ` +
      (missing.beside === null
        ? `If this is that machine and folder, and ${shellQuoted(missing.name)} is gone there too, it was committed.`
        : "That rolls the transaction back."),
  };
}

export const superJournalElsewhere = defineFinding({
  id: "super-journal-elsewhere",
  severity: "error",
  needs: "handles",
  transient: "in-every-look",
  namesBlocker: false,
  blocksSwitch: { forcible: false, why: "the switch would delete its -journal, and not roll it back" },
  unsafeToOpen: () => true,
  rule,
});
