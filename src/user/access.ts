/**
 * What a user may do with a file: tried by opening it. access(2) asks for the real user, which stays root's while root
 * works as another user.
 */
import { accessSync, closeSync, constants, lstatSync, openSync } from "node:fs";
import { asUser } from "./as-user.ts";
import type { User } from "./user.ts";

/** `__O_TMPFILE` of Linux (include/uapi/asm-generic/fcntl.h): a file without a name, which nobody sees. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

const QUIETLY = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** The code of the system's error (`EACCES`, `EROFS`); null: it is allowed. */
export type Refused = string | null;

/** `user` null: the caller. True for a file that is gone: opening it then reports that. Only files are opened. */
export function mayRead(path: string, user: User | null): boolean {
  return allowed(refusedRead(path, user));
}

/** Reading as well. See {@link mayRead}. */
export function mayWrite(path: string, user: User | null): boolean {
  return allowed(refusedWrite(path, user));
}

function allowed(refused: Refused): boolean {
  return refused === null || refused === "ENOENT";
}

/** Why the user may not read the file. `user` null: the caller. */
export function refusedRead(path: string, user: User | null): Refused {
  return user === null ? access(path, constants.R_OK) : openFile(path, constants.O_RDONLY, user);
}

/** Reading as well. See {@link refusedRead}. */
export function refusedWrite(path: string, user: User | null): Refused {
  return user === null ? access(path, constants.R_OK | constants.W_OK) : openFile(path, constants.O_RDWR, user);
}

/** Why the user may not pass through the folder. `user` null: the caller. */
export function refusedSearch(folder: string, user: User | null): Refused {
  return asUser(user, () => codeOfError(() => lstatSync(`${folder}/.`)));
}

export function mayMakeFilesIn(folder: string, user: User | null): boolean {
  if (user === null) return access(folder, constants.W_OK | constants.X_OK) === null;
  const refused = tryNewFile(folder, user);
  // NFS and some FUSE file systems have no such files
  return refused === null || (!NOT_ALLOWED.has(refused) && allowsByMode(folder, user));
}

/**
 * Why no file can be made in the folder: tried with one that has no name, and that nobody sees. Also what access(2)
 * does not tell: a quota, or a file system that refuses writes after an error. `user` null: the caller.
 */
export function refusedNewFile(folder: string, user: User | null): Refused {
  const denied = user === null ? access(folder, constants.W_OK | constants.X_OK) : null;
  if (denied !== null && denied !== "ENOENT") return denied;
  const refused = tryNewFile(folder, user);
  if (refused === null || refused === "ENOSPC" || NOT_ALLOWED.has(refused)) return refused;
  return user === null || allowsByMode(folder, user) ? null : "EACCES";
}

function tryNewFile(folder: string, user: User | null): Refused {
  return asUser(user, () => codeOfError(() => closeSync(openSync(folder, O_TMPFILE | constants.O_RDWR, 0o600))));
}

const NOT_ALLOWED: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "ELOOP", "EDQUOT"]);

function access(path: string, mode: number): Refused {
  return codeOfError(() => accessSync(path, mode));
}

/** `ENOTSUP`: it is no regular file, and not opened. */
function openFile(path: string, flags: number, user: User): Refused {
  return asUser(user, () =>
    codeOfError(() => {
      if (!lstatSync(path).isFile()) return "ENOTSUP";
      closeSync(openSync(path, flags | QUIETLY));
      return null;
    }),
  );
}

/** Write and search permission by the bits alone. Source: path_resolution(7) */
function allowsByMode(folder: string, { uid, gid }: User): boolean {
  const stats = lstatSync(folder);
  const shift = stats.uid === uid ? 6 : stats.gid === gid ? 3 : 0;
  return ((stats.mode >> shift) & 0o3) === 0o3;
}

function codeOfError(work: () => unknown): Refused {
  try {
    const refused = work();
    return typeof refused === "string" ? refused : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code;
  }
}
