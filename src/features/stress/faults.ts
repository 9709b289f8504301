/** What keeps a load from running, in words. Pure. */
import { UserError } from "../../errors.ts";
import { shellQuoted } from "../../text/shell.ts";
import { FAULT_EXIT, type Fault, type Refusal } from "./protocol.ts";

const LIMITS: Record<string, string | undefined> = {
  EAGAIN: "no more processes are allowed",
  EMFILE: "no more open files are allowed",
  ENFILE: "the machine has no more open files",
  ENOMEM: "there is no memory left",
};

/** `why`: the code of an error of the system, or words. */
export function notStarted(why: string): UserError {
  const limit = LIMITS[why];
  const hint = "take fewer --writers and --readers, or more --threads in each; see ulimit -u and ulimit -n";
  return new UserError("cannot-start", `not all workers could be started: ${limit ?? why}`, hint);
}

/** @returns null where it was no limit of the system that kept a process from being started */
export function limitOf(error: unknown): UserError | null {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code !== undefined && code in LIMITS && syscall?.startsWith("spawn") === true ? notStarted(code) : null;
}

const FULL = /^(?:SQLITE_FULL|SQLITE_IOERR_SHM|SQLITE_IOERR_WRITE$|ENOSPC|EDQUOT)/;

export function ofFault({ code, message }: Fault): UserError {
  if (FULL.test(code))
    return new UserError(
      "no-space",
      `no room is left for the load (${message})`,
      "make room, choose another folder with --dir, or a shorter --duration",
    );
  if (/^(?:ENOENT|SQLITE_IOERR_(?:DELETE_NOENT|FSTAT)|SQLITE_READONLY_DBMOVED)$/.test(code)) {
    return new UserError(
      "gone",
      `the database was taken away while it ran (${message})`,
      "is the folder tidied by something? choose another with --dir",
    );
  }
  if (/^SQLITE_(?:READONLY|CANTOPEN|PERM)|^E(?:ROFS|ACCES|PERM)$/.test(code)) {
    const hint = "see the permissions of the file and of its folder; or choose a folder for a copy with --dir";
    return new UserError("cannot-write", `the database cannot be written (${message})`, hint);
  }
  return new UserError(
    "failed",
    `SQLite gave up: ${message} (${code})`,
    "see what is wrong with the database: sqlock integrity",
  );
}

/** `path`: as the person knows it. `holders`: who has it locked, in words; null where nobody was seen. */
export function ofRefusal(refusal: Refusal, path: string, holders: string | null): UserError {
  switch (refusal.kind) {
    case "busy":
      return new UserError(
        "locked",
        `${path} is locked${holders === null ? "" : ` by ${holders}`}`,
        `see who holds it: sqlock who-holds ${shellQuoted(path)}`,
      );
    case "no-space": {
      const { neededBytes, freeBytes } = refusal;
      return new UserError(
        "no-space",
        `a copy of ${path} does not fit: it needs ${neededBytes} bytes, and ${freeBytes} are free`,
        NO_ROOM,
      );
    }
    case "no-folder":
      return new UserError("cannot-write", refusal.why, "choose a folder with --dir that you may write to");
    case "gone":
      return new UserError("no-such-file", `${path} has gone meanwhile`, "check the path");
    case "denied":
      return new UserError(
        "no-permission",
        `no permission to read ${refusal.path}`,
        "run with sudo, or as the user that owns it",
      );
    case "other-mode":
      return new UserError(
        "other-mode",
        `${path} is in journal mode ${refusal.mode}, and --in-place changes no mode`,
        "leave --journal-mode out, or --in-place",
      );
    case "sqlite":
      if (refusal.code.startsWith("SQLITE_BUSY")) return ofRefusal({ kind: "busy" }, path, holders);
      if (refusal.code.startsWith("SQLITE_CORRUPT")) return corruptAlready(path, refusal.message);
      return ofFault(refusal);
    case "changed":
    case "unkept":
      return new UserError("changed", `${path} changes faster than it can be copied`, "try again");
    case "needs-copy":
      return new UserError(
        "failed",
        `${path} cannot be copied: ${refusal.message}`,
        "see what is wrong: sqlock integrity",
      );
    case "ignores-check-constraints": // only where a database is opened in place
      throw new Error(`no copy was made: ${refusal.kind}`);
    case "backup-failed":
      if (/full/.test(refusal.message))
        return new UserError("no-space", `a copy of ${path} does not fit (${refusal.message})`, NO_ROOM);
      return new UserError(
        "failed",
        `${path} cannot be copied: ${refusal.message}`,
        "see what is wrong: sqlock integrity",
      );
    case "not-a-database":
    case "failed":
      return new UserError(
        refusal.kind,
        `${path} cannot be copied: ${refusal.message}`,
        "see what is wrong: sqlock integrity",
      );
  }
}

/** The load is not to be blamed for it. */
export function corruptAlready(path: string, why: string): UserError {
  return new UserError(
    "corrupt",
    `${path} is corrupt already (${why})`,
    `see all of it: sqlock integrity ${shellQuoted(path)}`,
  );
}

const NO_ROOM = "make room, or choose another folder with --dir";

/** Of a worker that ended before its time. `early`: before it was ready. */
export function ofEnd(stderr: string, exitCode: number | undefined, signal: string | undefined, early: boolean): Error {
  if (exitCode === FAULT_EXIT) {
    const line = stderr.split("\n").find((each) => each.startsWith("{"));
    if (line !== undefined) return ofFault(JSON.parse(line) as Fault);
  }
  const why = signal === undefined ? `it ended with ${exitCode}` : `it was ended by ${signal}`;
  if (early) return notStarted(`${why}${stderr === "" ? "" : `: ${stderr.trim().split("\n").at(-1)}`}`);
  return exitCode === FAULT_EXIT
    ? new UserError("worker-ended", `a worker ended: ${why}`, "try again")
    : new Error(stderr || why);
}
