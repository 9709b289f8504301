/** The errors of a path that cannot be looked at. */
import { UserError } from "../errors.ts";
import type { Denied } from "../proc/read.ts";
import { shellQuoted } from "../text/shell.ts";
import { troubleText } from "../text/trouble.ts";
import type { IdentifiedFile } from "./identify.ts";

/** `literal`: there is a file of that name. */
export function memoryError(givenAs: string, literal: boolean): UserError {
  return new UserError(
    "in-memory",
    `${givenAs} is an in-memory database: it lives inside one process and no other process can see or lock it${
      literal ? "; but there is a file of that name here: a program opened the name without uri=True" : ""
    }`,
    literal
      ? `to inspect that file: sqlock who-holds ${shellQuoted(`./${givenAs}`)}`
      : 'a "database is locked" on it comes from inside the program itself',
  );
}

export function notUtf8(path: string): UserError {
  return new UserError(
    "not-utf8",
    `${path}: a name that is not UTF-8 cannot be inspected`,
    "use a link or a folder with another name",
  );
}

/** `root`: sudo would not help (a squashed or a FUSE mount). */
export function permissionError(path: string, root = process.geteuid?.() === 0): UserError {
  return new UserError(
    "permission-denied",
    `no permission to inspect ${path}`,
    `run ${root ? "" : "with sudo, or "}as the user that owns it`,
  );
}

/** What may not be looked at, or cannot. */
export function deniedError(path: string, { trouble }: Denied): UserError {
  if (trouble === undefined) return permissionError(path);
  const { message, hint } = troubleText(trouble, path);
  return new UserError(trouble === "no-descriptor" ? "too-many-open-files" : "io-error", message, hint);
}

export function notAFile(path: string, file: IdentifiedFile): UserError {
  const { stats } = file;
  const kind = stats.isFIFO()
    ? "a named pipe"
    : stats.isSocket()
      ? "a socket"
      : stats.isBlockDevice()
        ? "a block device"
        : "a character device";
  return new UserError("not-a-file", `${path} is ${kind}, not a database file`, "give the path of a database file");
}

export function loopError(path: string): UserError {
  return new UserError(
    "no-such-file",
    `${path} is a loop of symbolic links`,
    "give the path of the database file itself",
  );
}
