/** Why ending a process is dangerous: a clause without a full stop. Pure. */
import type { Danger } from "../../features/kill/dangers.ts";

const IN_MEMORY = "memory or off (journal_mode=MEMORY, OFF)";

export function dangerClause(danger: Danger): string {
  switch (danger.kind) {
    case "lost-file":
      return "it uses a file that was deleted or moved away: what it has committed there exists nowhere else";
    case "no-journal":
      if (danger.elsewhere !== undefined)
        return (
          `it holds the database exclusively, and its -journal lies beside another name of it (${danger.elsewhere}): ` +
          "once it has ended, only a program that opens the database by that name can undo what it has written; " +
          "opened by this name, the database is corrupt"
        );
      if (danger.unlocked === true)
        return (
          "it holds no lock, and the file is longer than its header says: it is likely in the middle of a " +
          `transaction whose journal is in ${IN_MEMORY}; ending it then leaves the database corrupt`
        );
      return (
        "it holds the database exclusively, and no -journal could undo what it has written: its journal may be in " +
        `${IN_MEMORY}; ending it then leaves the database corrupt`
      );
    case "undone-elsewhere":
      return (
        "it is in a commit that covers several databases, and the super-journal that it names " +
        `(${danger.superJournal}) does not exist here: once it has ended, SQLite would not roll the transaction back ` +
        "when it opens the database by this path, and half of the transaction would stay in the database"
      );
    case "half-written":
      return (
        "it is likely overwriting the database file without SQLite: ended half-way, the file is neither the old " +
        "database nor the new one"
      );
    case "container-init":
      return "it is pid 1 of its container (pid namespace): every process in there ends with it";
  }
}
