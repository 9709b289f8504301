/** The words for why a copy was opened. Pure. */

import type { CopyReason, FolderState, UnattachedHolders } from "../../safe-open/decide.ts";
import { isolationText } from "../opener-text.ts";

export function copyReasonText(reason: CopyReason): string {
  switch (reason.code) {
    case "asked":
      return "--copy";
    case "hot-journal":
      return "its journal is hot: a read in place would roll it back, or be refused";
    case "super-journal-elsewhere":
      return (
        "opened where it is, SQLite would delete its -journal, whose super-journal is not at the path that it names; " +
        "this is the database as it is after its -journal is rolled back, " +
        (reason.isBeside ? "which is still to be done" : "and whether that is to be done is not known")
      );
    case "journal-owner":
      return "SQLite, run by root, would set the owner of its -journal anew";
    case "isolated":
      return isolationText(reason.why);
    case "needs-copy":
      return `SQLite does not read it where it is (${reason.message})`;
    case "ignores-check-constraints":
      return `SQLite does not read it where it is (${CHECK_CONSTRAINTS})`;
    case "backup-failed":
      return `the backup API cannot copy it (${reason.message})`;
    case "deleted":
      return "it was deleted while it is open: its files are read through the descriptors of that program";
    case "separate-locks":
      return "it is used another way as well, where locks of who reads it here do not count";
    case "wal-not-open":
      return walText(reason);
  }
}

export const CHECK_CONSTRAINTS = "it leaves CHECK constraints out of a database that may not be written";

const NOBODY: Record<Exclude<UnattachedHolders, "unattached">, string> = {
  nobody: "nobody",
  "nobody-visible": "nobody visible",
};

function walText({ state, folder, holders }: Extract<CopyReason, { code: "wal-not-open" }>): string {
  const where = FOLDER[folder];
  const subject = holders === "unattached" ? null : NOBODY[holders];
  const held = subject === null ? "who has it open is not attached to its wal-index" : `${subject} has it open`;
  switch (state) {
    case "beside-rollback":
      return (
        `a -wal lies beside it${subject === null ? `, and ${held}` : ` that ${subject} has open`}${where}: a read in ` +
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
  "not-writable": ", in a folder that may not be written",
  "read-only": ", on a read-only file system",
};
