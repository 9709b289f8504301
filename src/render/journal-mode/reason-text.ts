/** The words for why a switch was not made, or is not proved; no full stop. Pure. */
import type { ReadFailure, SwitchReason } from "../../features/journal-mode/reason.ts";
import type { WriteSign } from "../../features/journal-mode/write-signs.ts";
import { nameOf } from "../../text/holder.ts";
import { count, list } from "../../text/list.ts";
import { blockedText } from "./blocker-text.ts";
import { modeName } from "./mode-name.ts";
import { obstacleMessage } from "./obstacle-text.ts";

/** The most pages that the sentence names. */
const MAX_PAGES = 10;

export function reasonText(reason: SwitchReason): string {
  switch (reason.kind) {
    case "obstacle":
      return obstacleMessage(reason.obstacle);
    case "blocked":
      return blockedText(reason);
    case "failed":
      return failureText(reason.failure);
    case "pages-lost":
      return (
        `SQLite has left WAL mode, and ${pagesText(reason.pages)} from the -wal ` +
        `(${reason.pages.slice(0, MAX_PAGES).join(", ")}): ` +
        (reason.kept === null
          ? "the -wal could not be kept; copy the database to another place, and report it"
          : `the -wal is kept as ${reason.kept}; copy both to another place, and report it`)
      );
    case "written-beside":
      return (
        `${signText(reason.sign)} during the switch: commits of a program without SQLite's default locking may be ` +
        "lost, and the database may be damaged; stop that program, then check the database (sqlock integrity)"
      );
    case "moved":
      return "the path now leads to another file, or to none: what happened to the database is unknown";
    case "switched-back":
      return (
        `SQLite says that it is switched, but the header of the file says ${modeName(reason.mode)}: another process ` +
        "has switched it back"
      );
    case "unreadable":
      return `it is switched, but another process could not read it: ${readFailureText(reason.failure)}`;
    case "other-mode":
      return `it is switched, but another process finds it in mode ${reason.mode}: it was switched back`;
  }
}

function pagesText(pages: readonly number[]): string {
  return `${count(pages.length, "page")} ${pages.length === 1 ? "differs" : "differ"}`;
}

function signText(sign: WriteSign): string {
  switch (sign.kind) {
    case "lock-directory":
      return `${sign.path}, a lock that SQLite ignores, existed`;
    case "users":
      return `${list(sign.holders.map(nameOf))} had it open without SQLite's locks`;
    case "journal":
      return `${sign.path}, which no connection in WAL mode makes, appeared`;
    case "longer":
      return `the file became longer than its header says (${sign.pageCount} pages of ${sign.pageSize})`;
  }
}

function failureText(failure: Extract<SwitchReason, { kind: "failed" }>["failure"]): string {
  switch (failure.kind) {
    case "unchanged":
      return `SQLite left it in mode ${failure.mode}`;
    case "another-file":
      return failure.switched
        ? "the path now leads to a different file than the one inspected: noticed only after the mode was changed"
        : "the path now leads to a different file than the one inspected: nothing was changed; try again";
    case "failed":
      return `${CAUSES[primaryCode(failure.code)] ?? "SQLite refuses"}: ${failure.message}`;
    case "crashed":
      return `the process that switches it did not finish: ${failure.why}`;
    case "not-started":
      return `the process that switches it could not be started: ${failure.message}`;
    case "stuck":
      return `the process that switches it was ended: it did nothing for ${failure.idleMs / 1000} s`;
  }
}

/** `SQLITE_IOERR` of `SQLITE_IOERR_WRITE`. */
function primaryCode(code: string): string {
  return code.replace(/^(SQLITE_[A-Z]+)_.*/, "$1");
}

const CAUSES: Record<string, string | undefined> = {
  SQLITE_FULL: "the disk is full",
  SQLITE_READONLY: "it cannot be written",
  SQLITE_CANTOPEN: "SQLite cannot create the files that it needs beside it",
  SQLITE_IOERR: "the disk or the file system reports errors",
  SQLITE_CORRUPT: "the database is damaged (see sqlock integrity)",
  SQLITE_NOTADB: "it is encrypted or damaged (see sqlock integrity)",
};

function readFailureText(failure: ReadFailure | null): string {
  switch (failure?.kind) {
    case "refused":
      if (failure.refusal.kind === "busy") return "it is locked";
      if (failure.refusal.kind === "another-file") return "the path leads to a different file than before the switch";
      return failure.refusal.kind === "failed" ? failure.refusal.message : "the reason is unknown";
    case "crashed":
      return failure.why;
    case "not-started":
      return `it could not be started: ${failure.message}`;
    case "no-answer":
      return "it did not answer";
    default:
      return "the reason is unknown";
  }
}
