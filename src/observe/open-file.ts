/**
 * Opens a file of a database to read it: the very file that was looked at, whatever its path leads to by now. First a
 * descriptor that opens nothing (O_PATH), which cannot wait for a pipe nor wake a device; when that is the file, it is
 * opened through it.
 *
 * This process has no other descriptor of the file that holds a lock, so that closing these drops none.
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isDescriptorPath } from "../proc/descriptor-path.ts";
import { O_PATH } from "../proc/fdinfo.ts";
import { failure, type Reading } from "../proc/read.ts";
import { asUser } from "../user/as-user.ts";
import type { User } from "../user/user.ts";
import type { FileIdentity } from "./same-file.ts";

export interface OpenFile {
  readonly fd: number;
  readonly stats: BigIntStats;
}

/** `gone`: also where another file has its name by now. `denied`: also what is no regular file. */
export type Opened = Reading<OpenFile>;

const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Links are not followed: the path is a resolved one, or `/proc/PID/fd/N`. `expected`: the file that was looked at;
 * null: any. `user`: who opens it, where root may not; null: this process.
 */
export function openFile(path: string | Buffer, expected: FileIdentity | null, user: User | null = null): Opened {
  return asUser(user, () => open(path, expected));
}

function open(path: string | Buffer, expected: FileIdentity | null): Opened {
  try {
    if (process.platform !== "linux") return opened(openSync(path, READ | constants.O_NOFOLLOW), expected);
    const name = openSync(path, isDescriptorPath(path) ? O_PATH : O_PATH | constants.O_NOFOLLOW);
    try {
      const refusal = refusalOf(fstatSync(name, { bigint: true }), expected);
      return refusal ?? opened(reopen(name, path), expected);
    } finally {
      closeSync(name);
    }
  } catch (error) {
    return failure(error);
  }
}

/** By the path once more where there is no /proc: then without waiting, and compared afterwards. */
function reopen(fd: number, path: string | Buffer): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, READ);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return openSync(path, READ | constants.O_NOFOLLOW);
  }
}

function opened(fd: number, expected: FileIdentity | null): Opened {
  let refusal: Opened | null = { kind: "denied" };
  try {
    const stats = fstatSync(fd, { bigint: true });
    refusal = refusalOf(stats, expected);
    return refusal ?? { kind: "ok", value: { fd, stats } };
  } finally {
    if (refusal !== null) closeSync(fd);
  }
}

function refusalOf(stats: BigIntStats, expected: FileIdentity | null): Opened | null {
  if (expected !== null && (stats.dev !== expected.device || BigInt.asUintN(64, stats.ino) !== expected.inode))
    return { kind: "gone" };
  return stats.isFile() ? null : { kind: "denied" };
}

/** What `read` returns; the file is closed again. A read error counts as denied. */
export function withOpenFile<T>(
  path: string | Buffer,
  expected: FileIdentity | null,
  user: User | null,
  read: (file: OpenFile) => T,
): Reading<T> {
  const file = openFile(path, expected, user);
  if (file.kind !== "ok") return file;
  try {
    return { kind: "ok", value: read(file.value) };
  } catch (error) {
    return failure(error);
  } finally {
    closeSync(file.value.fd);
  }
}

/** Bytes from `offset`; fewer at the end of the file. */
export function readBytes(
  path: string | Buffer,
  offset: number,
  length: number,
  expected: FileIdentity | null = null,
  user: User | null = null,
): Reading<Uint8Array> {
  return withOpenFile(path, expected, user, ({ fd }) => readFrom(fd, offset, length));
}

/** Bytes of an open file, from `offset`; fewer at its end. */
export function readFrom(fd: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const got = readSync(fd, bytes, filled, length - filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  return bytes.subarray(0, filled);
}
