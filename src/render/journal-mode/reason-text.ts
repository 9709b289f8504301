/** The words for why a switch was not made, or is not proved; no full stop. Pure. */
import type { ReadFailure, SwitchReason } from "../../features/journal-mode/reason.ts";
import type { WriteSign } from "../../features/journal-mode/write-signs.ts";
import { nameOf } from "../../text/holder.ts";
import { list } from "../../text/list.ts";
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
        `SQLite has left WAL mode, and ${reason.pages.length} pages are not as the -wal had them ` +
        `(${reason.pages.slice(0, MAX_PAGES).join(", ")}): ` +
        (reason.kept === null
          ? "the -wal could not be kept; copy the database aside, and report it"
          : `the -wal is kept as ${reason.kept}; copy both aside, and report it`)
      );
    case "written-beside":
      return (
        `${signText(reason.sign)} meanwhile: what a program without SQLite's default locking has committed may be ` +
        "lost, and the database may be damaged; end that program, then check the database (sqlock integrity)"
      );
    case "moved":
      return "the path leads to another file by now, or to none: what became of the database cannot be seen";
    case "switched-back":
      return (
        `SQLite says that it is switched, and the header of the file says ${modeName(reason.mode)}: somebody has ` +
        "switched it back"
      );
    case "unreadable":
      return `it is switched, and another process could not read it: ${readFailureText(reason.failure)}`;
    case "other-mode":
      return `it is switched, and another process meets it in mode ${reason.mode}: somebody has switched it back`;
  }
}

function signText(sign: WriteSign): string {
  switch (sign.kind) {
    case "lock-directory":
      return `${sign.path}, a lock that SQLite does not heed, stood there`;
    case "users":
      return `${list(sign.holders.map(nameOf))} had it open without SQLite's locks`;
    case "journal":
      return `${sign.path}, which nobody has in WAL mode, was made`;
    case "longer":
      return `the file became longer than its header says (${sign.pageCount} pages of ${sign.pageSize})`;
  }
}

function failureText(failure: Extract<SwitchReason, { kind: "failed" }>["failure"]): string {
  switch (failure.kind) {
    case "unchanged":
      return `SQLite keeps it in mode ${failure.mode}`;
    case "another-file":
      return failure.switched
        ? "the path leads to another file than at the look: that showed only when the mode was changed"
        : "the path leads to another file than at the look: nothing was changed; look again";
    case "failed":
      return `${CAUSES[primaryCode(failure.code)] ?? "SQLite does not do it"}: ${failure.message}`;
    case "crashed":
      return `the process that switches it did not finish: ${failure.why}`;
    case "not-started":
      return `the process that switches it did not finish: it could not be started: ${failure.message}`;
    case "stuck":
      return (
        `the process that switches it did not finish: it has done nothing for ${failure.idleMs / 1000} s, and was ` +
        "ended"
      );
  }
}

/** `SQLITE_IOERR` of `SQLITE_IOERR_WRITE`. */
function primaryCode(code: string): string {
  return code.replace(/^(SQLITE_[A-Z]+)_.*/, "$1");
}

const CAUSES: Record<string, string | undefined> = {
  SQLITE_FULL: "the disk is full",
  SQLITE_READONLY: "it may not be written",
  SQLITE_CANTOPEN: "SQLite cannot make the files that it needs beside it",
  SQLITE_IOERR: "the disk or the file system fails",
  SQLITE_CORRUPT: "the database is damaged (see sqlock integrity)",
  SQLITE_NOTADB: "it is encrypted or damaged (see sqlock integrity)",
};

function readFailureText(failure: ReadFailure | null): string {
  switch (failure?.kind) {
    case "refused":
      if (failure.refusal.kind === "busy") return "it is locked";
      if (failure.refusal.kind === "another-file") return "the path leads to another file than before the switch";
      return failure.refusal.kind === "failed" ? failure.refusal.message : "it did not say why";
    case "crashed":
      return failure.why;
    case "not-started":
      return `it could not be started: ${failure.message}`;
    case "no-answer":
      return "it did not answer";
    default:
      return "it did not say why";
  }
}
