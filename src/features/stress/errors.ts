/** The errors of stress that a person can fix. Pure. */
import { UserError } from "../../errors.ts";
import type { Holder } from "../../model/report.ts";
import type { Viewer } from "../../model/viewer.ts";
import { deniedError } from "../../observe/path-errors.ts";
import { anotherFileError } from "../../observe/same-file.ts";
import type { Room } from "../../safe-open/room.ts";
import { asPermitted } from "../../text/as-root.ts";
import { optionDuration } from "../../text/duration.ts";
import { nameOf } from "../../text/holder.ts";
import { quotedPath } from "../../text/shell.ts";
import { size } from "../../text/size.ts";
import { isBusy } from "./failure-cause.ts";
import { FAULT_EXIT, type Job, OTHER_FILE, type Refusal, type WorkerFault } from "./protocol.ts";
import { notSentError } from "./records.ts";

/** Why a process of the load could not be started. */
export type StartFailure =
  /** `code`: of fork(2), pipe(2) and the like. */
  | { readonly kind: "errno"; readonly code: string }
  | { readonly kind: "not-ready" }
  | { readonly kind: "ended"; readonly end: ProcessEnd }
  | { readonly kind: "other"; readonly message: string };

export interface ProcessEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stderr: string;
}

const SYSTEM_LIMITS: Record<string, string | undefined> = {
  EAGAIN: "no more processes are allowed",
  EMFILE: "no more open files are allowed",
  ENFILE: "the system has no more open files",
  ENOMEM: "there is no more memory",
};

export function startError(failure: StartFailure): UserError {
  const hint = "use fewer --writers and --readers, or more --threads in each; see ulimit -u and ulimit -n";
  return new UserError("cannot-start", `not all workers could be started: ${startReason(failure)}`, hint);
}

function startReason(failure: StartFailure): string {
  switch (failure.kind) {
    case "errno":
      return SYSTEM_LIMITS[failure.code] ?? failure.code;
    case "not-ready":
      return "some were not ready in time";
    case "other":
      return failure.message;
    case "ended": {
      const lastLine = failure.end.stderr.trim().split("\n").at(-1);
      return `${endText(failure.end)}${lastLine ? `: ${lastLine}` : ""}`;
    }
  }
}

/** @returns null where no limit of the system kept a process from being started */
export function systemLimitError(error: unknown): UserError | null {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const isLimit = code !== undefined && code in SYSTEM_LIMITS && syscall?.startsWith("spawn") === true;
  return isLimit ? startError({ kind: "errno", code }) : null;
}

/**
 * A load process ended with an error of its own. `ready`: it had the database open. `foreign`: it belonged to another
 * user than the caller, who may have written what came from it.
 */
export function endError(end: ProcessEnd, ready: boolean, foreign: boolean): Error {
  const fault = end.exitCode === FAULT_EXIT ? faultIn(end.stderr) : null;
  if (fault !== null) return faultError(fault);
  if (!ready) return startError({ kind: "ended", end });
  if (end.exitCode === FAULT_EXIT || end.signal !== undefined)
    return new UserError("worker-ended", `a worker ended: ${endText(end)}`, "try again");
  return foreign ? notSentError(`${endText(end)}, without a reason`) : new Error(end.stderr || endText(end));
}

/** The line of JSON that a load process writes before it exits; null where there is none that it writes. */
function faultIn(stderr: string): WorkerFault | null {
  const line = stderr.split("\n").find((each) => each.startsWith("{"));
  if (line === undefined) return null;
  try {
    const { code, message } = JSON.parse(line) as Partial<Record<keyof WorkerFault, unknown>>;
    return typeof code === "string" && typeof message === "string" ? { code, message } : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

function endText({ exitCode, signal }: ProcessEnd): string {
  return signal === undefined ? `it exited with ${exitCode}` : `it was ended by ${signal}`;
}

const NO_SPACE = /^(?:SQLITE_FULL|SQLITE_IOERR_SHM|SQLITE_IOERR_WRITE$|ENOSPC|EDQUOT)/;
const GONE = /^(?:ENOENT|SQLITE_IOERR_(?:DELETE_NOENT|FSTAT)|SQLITE_READONLY_DBMOVED)$/;
/** Another process renames files below the private folder, or above it. */
const MOVED = /^E(?:LOOP|NOTDIR|NOTEMPTY|EXIST|ISDIR|BUSY)$/;
const NOT_WRITABLE = /^SQLITE_(?:READONLY|CANTOPEN|PERM)|^E(?:ROFS|ACCES|PERM)$/;

/** --dir is for a copy, and for a database of the run's own. */
const ELSEWHERE = "another folder with --dir (not with --in-place)";
const NO_SPACE_LEFT_HINT = `free disk space, or choose a shorter --duration, or ${ELSEWHERE}`;

/** An error of SQLite or of the file system that ended a worker. */
export function faultError({ code, message }: WorkerFault): UserError {
  if (code === OTHER_FILE) return anotherFileError("the database");
  if (NO_SPACE.test(code)) {
    return new UserError("no-space", `there is no disk space left for the load (${message})`, NO_SPACE_LEFT_HINT);
  }
  if (GONE.test(code)) {
    const hint = `check whether a program cleans up the folder, or replaces the file; or choose ${ELSEWHERE}`;
    return new UserError("gone", `the database was removed or moved during the run (${message})`, hint);
  }
  if (MOVED.test(code)) {
    const hint = `find out which program renames files there; or choose ${ELSEWHERE}`;
    return new UserError("changed", `the folder of the load was changed during the run (${message})`, hint);
  }
  if (NOT_WRITABLE.test(code)) {
    const hint = `see the permissions of the file and of its folder; or choose ${ELSEWHERE}`;
    return new UserError("cannot-write", `the database cannot be written to (${message})`, hint);
  }
  return new UserError("failed", `SQLite failed: ${message} (${code})`, "check the database: sqlock integrity");
}

/** @returns null for an error that is not about a file or a folder of the load */
export function fileError(error: unknown): UserError | null {
  const { code, path, message } = error as NodeJS.ErrnoException;
  return typeof code === "string" && /^E[A-Z]+$/.test(code) && path !== undefined
    ? faultError({ code, message })
    : null;
}

/** A load, or its end, does not fill a disk that others need. */
export function diskFullError({ freeBytes, reserveBytes }: Room): UserError {
  const message =
    `there is no disk space left for the load (${size(freeBytes)} are free, and ` +
    `${size(reserveBytes)} must stay free)`;
  return new UserError("no-space", message, NO_SPACE_LEFT_HINT);
}

const STEPS: Record<Job["kind"] | "check", string> = {
  copy: "copying",
  prepare: "preparing",
  verify: "verifying",
  drop: "dropping the table in",
  check: "checking",
};

/** `timeoutMs`: --timeout. */
export function timeoutError(step: keyof typeof STEPS, path: string, timeoutMs: number): UserError {
  const message = `${STEPS[step]} ${path} took longer than ${optionDuration(timeoutMs)} (--timeout)`;
  return new UserError("timeout", message, "give it more time: --timeout 1h");
}

/**
 * `path`: as given. `holders`: the processes that keep readers or writers out, as far as they could be seen. `viewer`:
 * of a file that may not be read; left out, no command with sudo is given.
 */
export function refusalError(
  refusal: Refusal,
  path: string,
  holders: readonly Holder[] = [],
  viewer: Viewer = { uid: null },
): UserError {
  const cannotCopy = (code: string, reason: string) =>
    new UserError(code, `${path} cannot be copied: ${reason}`, "check it: sqlock integrity");
  switch (refusal.kind) {
    case "busy": {
      const by = holders.length === 0 ? "" : ` by ${holders.map(nameOf).join(", ")}`;
      return new UserError(
        "locked",
        `${path} is locked${by}`,
        `see which process holds it: sqlock who-holds ${quotedPath(path)}`,
      );
    }
    case "no-space": {
      const { neededBytes, freeBytes, reserveBytes } = refusal;
      const kept = reserveBytes === 0 ? "" : `, of which ${reserveBytes} must stay free`;
      const message = `a copy of ${path} does not fit: it needs ${neededBytes} bytes, and ${freeBytes} are free${kept}`;
      return new UserError("no-space", message, NO_SPACE_HINT);
    }
    case "file-limit": {
      const message = `a copy of ${path} has ${refusal.neededBytes} bytes: a file may not be as large here`;
      return new UserError("no-space", message, "raise the limit (ulimit -f unlimited)");
    }
    case "no-folder":
      return new UserError("cannot-write", refusal.why, "choose a folder with --dir that you can write to");
    case "gone":
      return new UserError("no-such-file", `${path} no longer exists`, "check the path");
    case "denied": {
      if (refusal.trouble !== undefined) return deniedError(refusal.path, refusal);
      const hint = asPermitted(`sqlock stress ${quotedPath(path)}`, viewer);
      return new UserError("no-permission", `no permission to read ${refusal.path}`, hint);
    }
    case "other-mode": {
      const message = `${path} is in journal mode ${refusal.mode}, and --in-place does not change the mode`;
      return new UserError("other-mode", message, "leave --journal-mode out, or --in-place");
    }
    case "sqlite":
      if (isBusy(refusal.code)) return refusalError({ kind: "busy" }, path, holders);
      return refusal.code.startsWith("SQLITE_CORRUPT") ? corruptError(path, refusal.message) : faultError(refusal);
    case "other-file":
      return anotherFileError(path);
    case "changed":
    case "unkept":
      return changedError(path);
    case "needs-copy":
    case "backup-io-error":
      return cannotCopy("failed", refusal.message);
    case "backup-failed":
      // SQLite's message for SQLITE_FULL: "database or disk is full"
      return /full/.test(refusal.message)
        ? new UserError("no-space", `a copy of ${path} does not fit (${refusal.message})`, NO_SPACE_HINT)
        : cannotCopy("failed", refusal.message);
    case "hard-linked":
      return new UserError(
        "hard-linked",
        `${refusal.path} has ${refusal.links} names (hard links): another name may be another user's file`,
        "run it as the user that owns the database",
      );
    case "no-user":
      return new UserError(
        "no-permission",
        `root cannot become the user that owns ${path} here`,
        "run it as that user",
      );
    case "lost-companion":
      return new UserError(
        "no-such-file",
        `${path} was deleted while a process has it open`,
        "see which process: sqlock who-holds",
      );
    case "unseen-users":
      return new UserError(
        "separate-locks",
        `${path} is used where it cannot be seen from here, with locks that do not count here`,
        `see how: sqlock who-holds ${quotedPath(path)}`,
      );
    case "ignores-check-constraints": // only where a database is opened in place
    case "missing-collation": // only where one is checked
      throw new Error(`no copy was made: ${refusal.kind}`);
    case "not-a-database":
    case "failed":
      return cannotCopy(refusal.kind, refusal.message);
  }
}

export function changedError(path: string): UserError {
  return new UserError("changed", `${path} changes faster than it can be copied`, "try again");
}

const NO_SPACE_HINT = "free disk space, or choose another folder with --dir";

/** The database was corrupt before the load. */
export function corruptError(path: string, reason: string): UserError {
  const hint = `see all problems: sqlock integrity ${quotedPath(path)}`;
  return new UserError("corrupt", `${path} is already corrupt (${reason})`, hint);
}
