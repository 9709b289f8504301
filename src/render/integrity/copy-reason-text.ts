/** The words for why a copy was opened. Pure. */

import type { CopyReason, FolderState, UnattachedHolders } from "../../safe-open/decide.ts";
import { list } from "../../text/list.ts";
import { isolationText } from "../opener-text.ts";

export function copyReasonText(reason: CopyReason): string {
  switch (reason.code) {
    case "asked":
      return "--copy";
    case "hot-journal":
      return "its journal is hot: a read in place would roll it back, or would be refused";
    case "super-journal-elsewhere":
      return (
        "SQLite would delete its -journal if it opened it in place, because the super-journal is not at the " +
        "path that " +
        "the -journal names; the copy is the database after its -journal was rolled back, " +
        (reason.isBeside ? "which still has to be done" : "and whether that has to be done is unknown")
      );
    case "journal-owner":
      return "SQLite, run by root, would change the owner of its -journal";
    case "isolated":
      return isolationText(reason.why);
    case "needs-copy":
      return `SQLite cannot read it in place (${reason.message})`;
    case "ignores-check-constraints":
      return `SQLite cannot read it in place (${CHECK_CONSTRAINTS})`;
    case "missing-collation":
      return (
        `SQLite checks it only with the ${reason.names.length === 1 ? "collation" : "collations"} ` +
        `${list(reason.names)} of its program: the schema of the copy names another one`
      );
    case "backup-failed":
      return `the backup API cannot copy it (${reason.message})`;
    case "deleted":
      return "it was deleted while a process has it open: its files are read through the descriptors of that process";
    case "separate-locks":
      return "it is also used in another way, for which the locks of a reader here do not count";
    case "wal-not-open":
      return walText(reason);
  }
}

export const CHECK_CONSTRAINTS = "it skips the CHECK constraints of a database that cannot be written";

const NOBODY: Record<Exclude<UnattachedHolders, "unattached">, string> = {
  nobody: "no process",
  "nobody-visible": "no process that can be seen",
};

function walText({ state, folder, holders }: Extract<CopyReason, { code: "wal-not-open" }>): string {
  const where = FOLDER[folder];
  const subject = holders === "unattached" ? null : NOBODY[holders];
  const held =
    subject === null ? "the processes that have it open are not attached to its wal-index" : `${subject} has it open`;
  switch (state) {
    case "beside-rollback":
      return (
        `a -wal is beside it${subject === null ? `, and ${held}` : `, which ${subject} has open`}${where}: a read in ` +
        "place would make a -shm for it, or delete it"
      );
    case "has-frames":
      return (
        `${subject === null ? `its WAL has changes, and ${held}` : `${subject} has its WAL open`}${where}: a read in ` +
        "place would make a -shm for it"
      );
    case "empty":
      return `it is in WAL mode and ${held}${where}: a read in place would make a -shm`;
    case "absent":
      return `it is in WAL mode and ${held}${where}: a read in place would make a -wal and a -shm`;
  }
}

const FOLDER: Record<FolderState, string> = {
  writable: "",
  "not-writable": ", in a folder that cannot be written to",
  "read-only": ", on a read-only file system",
};
