/** The locks on some files, from the text of /proc/locks, which is read every few milliseconds. Pure. */
import { ParseError } from "../../errors.ts";
import { parseLockLine } from "../../proc/locks.ts";
import { namesOfLock } from "../../sqlite/lock-bytes.ts";
import type { Role } from "../../sqlite/roles.ts";
import type { HeldLock } from "./episodes.ts";

/** A file of a database, as /proc/locks names it. */
export interface WatchedFile {
  /** Of the database. */
  readonly path: string;
  readonly role: Role;
  /** `major:minor:inode`, the device decimal. */
  readonly file: string;
  /** Decimal. */
  readonly inode: string;
}

/**
 * The lines with one of these inode numbers, in order, without the line number, which changes with every lock on the
 * machine.
 */
export function linesOf(text: string, inodes: ReadonlySet<string>): string[] {
  const found = new Map<number, string>();
  for (const inode of inodes) {
    const needle = `:${inode} `;
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
      const start = text.lastIndexOf("\n", at) + 1;
      const end = text.indexOf("\n", at);
      found.set(start, text.slice(text.indexOf(":", start), end < 0 ? undefined : end));
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([, line]) => line);
}

/**
 * The POSIX locks that other processes than `ownPid` hold (waiters are left out). /proc/locks names no process for OFD
 * locks, and for an flock the process that took it, which may have ended.
 */
export function locksOf(lines: readonly string[], files: readonly WatchedFile[], ownPid: number): HeldLock[] {
  return lines.flatMap((line) => {
    const lock = parsed(`0${line}`);
    if (lock === null || lock.waiting || lock.api !== "posix" || lock.pid === null || lock.pid === ownPid) return [];
    const { pid, type, api, start, end } = lock;
    const identity = `${lock.device}:${lock.inode}`;
    return files
      .filter(({ file }) => file === identity)
      .flatMap(({ path, role, file }) =>
        namesOfLock(role, api, type, lock).map((name) => ({
          path,
          pid,
          lock: name,
          role,
          type,
          api,
          file,
          start,
          end,
        })),
      );
  });
}

/** Null for a line that is not in the documented form. */
function parsed(line: string) {
  try {
    return parseLockLine(line, "/proc/locks");
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return null;
  }
}
