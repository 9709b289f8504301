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

/** `user` null: the caller. True for a file that is gone: opening it then reports that. Only files are opened. */
export function mayRead(path: string, user: User | null): boolean {
  return user === null ? allows(path, constants.R_OK) : opensFile(path, constants.O_RDONLY, user);
}

/** Reading as well. See {@link mayRead}. */
export function mayWrite(path: string, user: User | null): boolean {
  return user === null ? allows(path, constants.R_OK | constants.W_OK) : opensFile(path, constants.O_RDWR, user);
}

export function mayMakeFilesIn(folder: string, user: User | null): boolean {
  if (user === null) return allows(folder, constants.W_OK | constants.X_OK);
  return asUser(user, () => {
    try {
      closeSync(openSync(folder, O_TMPFILE | constants.O_RDWR, 0o600));
      return true;
    } catch (error) {
      // NFS and some FUSE file systems have no such files
      return !NOT_ALLOWED.has(codeOf(error)) && allowsByMode(folder, user);
    }
  });
}

const NOT_ALLOWED: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "ELOOP", "EDQUOT"]);

function allows(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch (error) {
    return codeOf(error) === "ENOENT";
  }
}

function opensFile(path: string, flags: number, user: User): boolean {
  return asUser(user, () => {
    try {
      if (!lstatSync(path).isFile()) return false;
      closeSync(openSync(path, flags | QUIETLY));
      return true;
    } catch (error) {
      return codeOf(error) === "ENOENT";
    }
  });
}

/** Write and search permission by the bits alone. Source: path_resolution(7) */
function allowsByMode(folder: string, { uid, gid }: User): boolean {
  const stats = lstatSync(folder);
  const shift = stats.uid === uid ? 6 : stats.gid === gid ? 3 : 0;
  return ((stats.mode >> shift) & 0o3) === 0o3;
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return code;
}
