import type { MissingSuperJournal } from "../model/super-journal.ts";
import { isWriteLock } from "../sqlite/locks.ts";
import { databaseOfCompanion } from "../sqlite/roles.ts";
import { nameOf } from "../text/holder.ts";
import { shellQuoted } from "../text/shell.ts";
import { notYet, whoCouldLose } from "./shared/opening.ts";
import { type Diagnosis, defineFinding, type Rule, type Subject } from "./shared/record.ts";
import { copyFiles } from "./shared/restored.ts";

/**
 * The -journal of a commit that covers several databases names its super-journal by a path that leads elsewhere from
 * here: SQLite then considers the transaction committed, and deletes the -journal. Silent while a writer is at work.
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
  return [ofNobody({ database, snapshot }, missing)];
};

type Related = Subject["database"];

function ofStopped({ path }: Related, missing: MissingSuperJournal, writer: Related["holders"][number]): Diagnosis {
  return {
    pids: [writer.pid],
    summary:
      `${nameOf(writer)} is stopped in a commit that covers several databases and can be undone only by the paths ` +
      `that it uses itself: its -journal names its super-journal ${missing.name}, which does not exist here.`,
    detail:
      `If it ended now, SQLite would consider the transaction committed when it opens ${path}, and delete the ` +
      "-journal: half of the transaction would stay in the database.",
    remedy:
      "Let it continue, and do not end it. Delete nothing beside the database, and open it only by the path that " +
      "this program uses.",
  };
}

const COMMITTED_UNKNOWN = "Whether it was committed is unknown";

const NOT_COMMITTED = "It was not committed";

function ofNobody(
  { database, snapshot }: Pick<Subject, "database" | "snapshot">,
  missing: MissingSuperJournal,
): Diagnosis {
  const { path } = database;
  const loser = whoCouldLose({ database, snapshot });
  // A name must not put a line of its own into a remedy.
  const folder = shellQuoted(missing.name.slice(0, missing.name.lastIndexOf("/")) || "/");
  const main = databaseOfCompanion(missing.name)?.database ?? null;
  return {
    ...(missing.beside === null ? { severity: "warning" } : {}),
    pids: [],
    summary:
      `${path}-journal belongs to a commit that covers several databases, and its super-journal is not at the path ` +
      `that it names (${missing.name}): when SQLite opens ${path}, it considers the transaction committed and ` +
      `deletes the -journal. ${missing.beside === null ? COMMITTED_UNKNOWN : NOT_COMMITTED}.`,
    detail:
      missing.beside === null
        ? `The super-journal may be in the folder that was ${folder} for the program that wrote it: in a container ` +
          "or another mount namespace, or before the folder was moved."
        : `The super-journal lies beside the database, as ${missing.beside}: for the program that wrote it, this ` +
          `folder was ${folder} (in a container or another mount namespace, or before the folder was moved). Half of ` +
          "the transaction may be in the database, and only the -journal can undo it.",
    remedy:
      "Do not open it here, and delete nothing. First copy everything aside, with the other databases of the " +
      "transaction (the super-journal names their journals):\n  " +
      `${copyFiles([path, `${path}-journal`, ...(missing.beside === null ? [] : [missing.beside])])}\n` +
      (loser === null ? "" : `${notYet(loser, { database, snapshot })} `) +
      `${loser === null ? "Then open" : "Open"} each of these databases once, but only where ${folder} is the folder ` +
      "that it was then: in the container, or with the folder back under its old name" +
      `${main === null ? "" : ` (the first of them is ${shellQuoted(main)} there)`}. ` +
      (missing.beside === null
        ? `If this is that machine and folder, and ${shellQuoted(missing.name)} is missing there too, it was committed.`
        : "That rolls the transaction back."),
  };
}

export const superJournalElsewhere = defineFinding({
  id: "super-journal-elsewhere",
  severity: "error",
  needs: "handles",
  transient: "in-every-look",
  namesBlocker: false,
  blocksSwitch: { forcible: false, why: "the switch would delete its -journal instead of rolling it back" },
  unsafeToOpen: () => true,
  rule,
});
