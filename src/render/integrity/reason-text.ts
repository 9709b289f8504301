/** The words for why a database, or a part of it, was not checked, and what to do about it. Pure. */
import { basename } from "node:path";
import type { Reason, UnlockedWriters } from "../../features/integrity/reasons.ts";
import type { Viewer } from "../../model/viewer.ts";
import type { Trouble } from "../../proc/read.ts";
import type { ForeignFormat } from "../../safe-open/foreign-format.ts";
import type { FileType, LookFailure } from "../../safe-open/look.ts";
import { asPermitted } from "../../text/as-root.ts";
import { globQuoted } from "../../text/glob.ts";
import { nameOf } from "../../text/holder.ts";
import { list } from "../../text/list.ts";
import { quotedPath, shellQuoted } from "../../text/shell.ts";
import { size } from "../../text/size.ts";
import { troubleText } from "../../text/trouble.ts";
import { NO_USER_REMEDY, noUserText } from "../opener-text.ts";
import { CHECK_CONSTRAINTS } from "./copy-reason-text.ts";
import { uncheckedRemedy, uncheckedText } from "./unchecked-text.ts";

export interface ReasonText {
  readonly reason: string;
  /** Null where there is nothing to do, or nothing is known. */
  readonly remedy: string | null;
}

const REPORT_IT = "try again; if it happens again, report it";

/** `viewer`: for the remedy; without it, no command with sudo is given. */
export function reasonText(reason: Reason, viewer: Viewer = { uid: null }): ReasonText {
  switch (reason.kind) {
    case "look":
      return lookFailureText(reason.failure, viewer);
    case "content":
      return contentText(reason);
    case "empty":
      return emptyText(reason);
    case "unsupported-format":
      return { reason: foreignFormatText(reason.format), remedy: FOREIGN_FORMAT_REMEDY };
    case "locked":
      return lockedText(reason);
    case "refused":
      return refusalText(reason, viewer);
    case "unlocked-writer":
      return unlockedWriterText(reason);
    case "timeout":
      return {
        reason: "it took too long (--timeout)",
        remedy: "give it more time (--timeout 1h), or check less (--quick, --no-foreign-keys)",
      };
    case "crashed":
      return { reason: `the process that checked it did not finish: ${reason.why}`, remedy: REPORT_IT };
    case "error":
      return reason.hint === null
        ? { reason: `sqlock failed: ${reason.message}`, remedy: REPORT_IT }
        : { reason: reason.message, remedy: reason.hint };
    case "not-utf8":
      return {
        reason: `a path that is not UTF-8 cannot be checked: ${reason.path}`,
        remedy: "make a link with a UTF-8 name, and check that: ln -s",
      };
    case "refused-header":
      return { reason: "SQLite does not open a file with such a header", remedy: null };
    case "left-out":
      return { reason: "skipped (--no-foreign-keys)", remedy: null };
    case "not-reached":
      return { reason: "the check did not get that far", remedy: null };
    case "unchecked":
      return { reason: uncheckedText(reason.part), remedy: uncheckedRemedy(reason.part) };
  }
}

function lookFailureText(failure: LookFailure, viewer: Viewer): ReasonText {
  const { path } = failure;
  switch (failure.kind) {
    case "path-error":
      return { reason: failure.error.message, remedy: failure.error.hint };
    case "folder":
      return {
        reason: `${path} is a folder, not a database file`,
        remedy: `to check all databases below it: sqlock integrity -r ${quotedPath(path)}`,
      };
    case "deleted":
      return {
        reason: `${path} was deleted, and a process still has it open`,
        remedy: "see which process: sqlock who-holds",
      };
    case "odd-companion":
      return {
        reason: `${failure.companion} is ${FILE_TYPE[failure.type]}`,
        remedy: "SQLite cannot open the database with it: find out what put it there, and move it away",
      };
    case "unfinished-elsewhere":
      return {
        reason:
          `it is the same file as ${failure.other}, and the -journal of a transaction is beside that name: opened by ` +
          "this name, the database would have half of the transaction",
        remedy: `do not open it by this name; check the other one: sqlock integrity ${shellQuoted(failure.other)}`,
      };
    case "denied":
      return failure.trouble === undefined
        ? { reason: `no permission to inspect ${path}`, remedy: asPermitted(checkAgain(path), viewer) }
        : inTrouble(failure.trouble, path);
  }
}

const FILE_TYPE: Record<FileType, string> = {
  link: "a symbolic link",
  folder: "a folder",
  pipe: "a named pipe",
  other: "not a regular file",
};

function contentText({ path, content }: Extract<Reason, { kind: "content" }>): ReasonText {
  if (content.kind === "lfs-pointer") {
    return {
      reason: `${path} is a Git LFS pointer: the database itself was not downloaded`,
      remedy: "run git lfs pull in its repository (in CI: actions/checkout with lfs: true)",
    };
  }
  if (content.kind === "not-a-database") {
    return {
      reason: `${path} is not a SQLite database: it looks like ${content.looksLike}`,
      remedy:
        "if it was a database, restore it; if not, give another path, or leave it out of -r: " +
        `--exclude ${excluding(path)}`,
    };
  }
  const evidence = content.partly
    ? "has a database header, but the rest looks random"
    : "looks random from its first byte";
  return {
    reason: `${path} is likely encrypted: it ${evidence}`,
    remedy: "check it with the program that has its key (SQLCipher: PRAGMA cipher_integrity_check)",
  };
}

function emptyText({ path, companions }: Extract<Reason, { kind: "empty" }>): ReasonText {
  if (companions.length === 0) {
    return {
      reason: `${path} is empty, though it has the name of a database: its content may be lost`,
      remedy: `restore it; if it is meant to be empty, leave it out: --exclude ${excluding(path)}`,
    };
  }
  const beside = list(companions);
  return {
    reason: `${path} is empty, with a ${beside} beside it: its content is likely lost, or is just being written`,
    remedy:
      `do not open it: SQLite deletes the -wal or -journal of an empty file. First copy it and its ${beside} to ` +
      "another place; see sqlock who-holds",
  };
}

const FOREIGN_FORMAT_REMEDY =
  "check it with the SQLite of the program that made it; if no other SQLite did, these bytes are damaged: restore " +
  "the last intact backup";

/** This SQLite does not open it: whether it is intact is unknown. */
function foreignFormatText(format: ForeignFormat): string {
  const likely = "another SQLite likely made it";
  switch (format.code) {
    case "wal2":
      return `${likely}: its read and write version are 3, as in wal2 mode (a branch of SQLite), and ${KNOWN}`;
    case "versions":
      return `${likely}: its write version is ${format.write}, its read version ${format.read}, and ${KNOWN}`;
    case "schema-format":
      return `${likely}: its schema format is ${format.format}, and this SQLite knows 1 to 4`;
    case "unknown":
      return `${likely}: this SQLite does not know its schema format`;
  }
}

const KNOWN = "this SQLite knows 1 and 2";

/** As --exclude takes it. */
function excluding(path: string): string {
  return shellQuoted(globQuoted(basename(path)));
}

function inTrouble(trouble: Trouble, path: string): ReasonText {
  const { message, hint } = troubleText(trouble, path);
  return { reason: message, remedy: hint };
}

function lockedText({ holders, hasUnownedLocks }: Extract<Reason, { kind: "locked" }>): ReasonText {
  const by =
    holders.length > 0
      ? ` by ${holders.map(nameOf).join(", ")}`
      : hasUnownedLocks
        ? ""
        : ", by a process that no longer holds the lock";
  // In this mode a lock is kept between transactions: from outside the two look alike.
  const end = holders.some(({ activity }) => activity === "exclusive")
    ? "end the transaction there, or close the connection if there is none (locking_mode=EXCLUSIVE),"
    : "end the transaction that holds the lock";
  const isReleased = holders.length === 0 && !hasUnownedLocks;
  return {
    reason: `it is locked${by}`,
    remedy: `${isReleased ? "" : `${end} and `}try again, or wait longer (--wait 1m); see sqlock who-holds`,
  };
}

function unlockedWriterText({ holders, foundProblems }: Extract<Reason, { kind: "unlocked-writer" }>): ReasonText {
  const uses = holders.length === 1 ? "uses" : "use";
  const works = `${list(holders.map(nameOf))} ${uses} it without SQLite's default locks`;
  return {
    reason: foundProblems
      ? `problems were found while ${works}: a change that is only partly written may be the cause`
      : `${works}: a change may be only partly written`,
    remedy:
      `let ${list(holders.map(({ pid }) => pid))} finish, or stop ${holders.length === 1 ? "it" : "them"} cleanly, ` +
      "then check again; see sqlock who-holds",
  };
}

function changedUnderLockText({ holders, known }: UnlockedWriters): ReasonText {
  const names = list(holders.map(nameOf));
  return {
    reason:
      "its files changed while they were read, though SQLite's read lock was held: a process writes without SQLite's " +
      "default locks" +
      (holders.length === 0 ? "" : known ? `, likely ${names}` : `; it may be ${names}, without a lock at this moment`),
    remedy: "check it when no process writes to it; to see which processes have it open: sqlock who-holds",
  };
}

function refusalText(
  { path, refusal, journalMode, writers }: Extract<Reason, { kind: "refused" }>,
  viewer: Viewer,
): ReasonText {
  const orCompanions =
    journalMode === "wal" ? "; or let SQLite make its -wal and -shm beside it: --allow-companions" : "";
  switch (refusal.kind) {
    case "changed":
    case "unkept":
      if (writers !== undefined) return changedUnderLockText(writers);
      return {
        reason: "its files changed each time they were read",
        remedy:
          `check it when no process ` +
          `${journalMode === "wal" ? "opens or closes it" : "writes to it"}${orCompanions}`,
      };
    case "no-space":
      return {
        reason:
          `a private copy needs ${size(refusal.neededBytes)}, but the folder for temporary files has ` +
          `${size(refusal.freeBytes)} free, of which ${size(refusal.reserveBytes)} must stay free`,
        remedy: `set TMPDIR to a folder with more space${orCompanions}`,
      };
    case "file-limit":
      return {
        reason: `a private copy has a file of ${size(refusal.neededBytes)}, and a file may not be as large here`,
        remedy: `raise the limit (ulimit -f unlimited), or set TMPDIR to another file system${orCompanions}`,
      };
    case "no-folder":
      return { reason: refusal.why, remedy: `set TMPDIR to a folder that you can write to${orCompanions}` };
    case "hard-linked":
      return {
        reason: `${refusal.path} has ${refusal.links} names (hard links): another name may be another user's file`,
        remedy: `see which: find / -xdev -samefile ${shellQuoted(refusal.path)}; root does not check it`,
      };
    case "no-user":
      return { reason: noUserText(refusal.actor), remedy: NO_USER_REMEDY };
    case "lost-companion":
      return refusal.role === "wal"
        ? {
            reason: "it was deleted, and its -wal, which may hold committed changes, cannot be found among open files",
            remedy: "let a program that has it open copy it (the backup API, VACUUM INTO), and check the copy",
          }
        : {
            reason:
              "it was deleted, and a process that has it open also has a -journal: a transaction may be partly written",
            remedy: "end that transaction, then check again; see sqlock who-holds",
          };
    case "unseen-users":
      return {
        reason:
          "it is in a layer of an overlay that cannot be reached from here: the processes that use it there " +
          "cannot be " +
          "seen, and their locks do not count here",
        remedy: "check it where the overlay is mounted: in the container, or as root on the host",
      };
    case "gone":
      return { reason: `${path} no longer exists`, remedy: "check the path" };
    case "denied":
      return refusal.trouble === undefined
        ? { reason: `no permission to read ${refusal.path}`, remedy: asPermitted(checkAgain(path), viewer) }
        : inTrouble(refusal.trouble, refusal.path);
    case "not-a-database":
      return { reason: `SQLite does not open it: ${refusal.message}`, remedy: null };
    case "missing-collation":
      return { reason: `SQLite checks it only with ${list(refusal.names)}`, remedy: null };
    case "ignores-check-constraints":
      return { reason: `SQLite cannot read it: ${CHECK_CONSTRAINTS}`, remedy: "see sqlock explain" };
    case "needs-copy":
    case "backup-failed":
    case "backup-io-error":
    case "failed":
      return { reason: `SQLite cannot read it: ${refusal.message}`, remedy: "see sqlock explain" };
  }
}

function checkAgain(path: string): string {
  return `sqlock integrity ${quotedPath(path)}`;
}
