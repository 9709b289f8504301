/**
 * Which file a path is: by a descriptor that opens nothing (O_PATH). Such a descriptor needs no read permission, waits
 * for no pipe or device, and closing it drops no lock (the close trap: `locks_remove_posix` is not called for it,
 * `fs/open.c`).
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import type { DatabaseFile, FileSystem, Rights } from "../model/snapshot.ts";
import { readFdInfo } from "../proc/fdinfo.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { isNetworkType } from "../proc/mountinfo.ts";
import { failure, valueOr } from "../proc/read.ts";
import type { Role } from "../sqlite/roles.ts";

const O_PATH = 0o10000000;

export interface IdentifiedFile {
  readonly stats: BigIntStats;
  readonly mountId: number | null;
  /** As /proc/locks has it. */
  readonly inode: bigint;
}

/** The inode number of stat(2), which Node.js takes for a signed one: overlayfs sets the highest bit. */
export function inodeOf(stats: BigIntStats): bigint {
  return BigInt.asUintN(64, stats.ino);
}

export type Identified =
  | { kind: "ok"; value: IdentifiedFile }
  | { kind: "gone" }
  | { kind: "denied" }
  | { kind: "loop" }
  | { kind: "disconnected" };

/** What lies at `path` (symbolic links followed). */
export function identify(path: string): Identified {
  if (process.platform !== "linux") return identifyByName(path);
  let fd: number;
  try {
    fd = openSync(path, O_PATH);
  } catch (error) {
    return whyNotIdentified(error);
  }
  try {
    const stats = fstatSync(fd, { bigint: true });
    const info = valueOr(readFdInfo("/proc/self", String(fd)), null);
    return { kind: "ok", value: { stats, mountId: info?.mountId ?? null, inode: info?.inode ?? inodeOf(stats) } };
  } catch (error) {
    // FUSE, and its daemon has died
    return (error as NodeJS.ErrnoException).code === "ENOTCONN" ? { kind: "disconnected" } : failure(error);
  } finally {
    closeSync(fd);
  }
}

function whyNotIdentified(error: unknown): Exclude<Identified, { kind: "ok" }> {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOTDIR" || code === "ENAMETOOLONG") return { kind: "gone" };
  return code === "ELOOP" ? { kind: "loop" } : failure(error);
}

/** Where there is no O_PATH (its number means other things on BSD and macOS) nothing is opened at all. */
function identifyByName(path: string): Identified {
  try {
    const stats = statSync(path, { bigint: true });
    return { kind: "ok", value: { stats, mountId: null, inode: inodeOf(stats) } };
  } catch (error) {
    return whyNotIdentified(error);
  }
}

/**
 * What lies beside a database, for less: on the same file system it has the same mount, and most have one inode number
 * for all uses.
 */
export function identifyBeside(
  path: string,
  database: IdentifiedFile,
  mounts: readonly Mount[],
): IdentifiedFile | null {
  let stats: BigIntStats | undefined;
  try {
    stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    failure(error);
    return null;
  }
  if (stats === undefined) return null;
  const overlay = mounts.find((mount) => mount.id === database.mountId)?.type === "overlay";
  if (stats.dev === database.stats.dev && database.inode === database.stats.ino && !overlay)
    return { stats, mountId: database.mountId, inode: stats.ino };
  const found = identify(path);
  return found.kind === "ok" ? found.value : null;
}

export function toDatabaseFile(role: Role, path: string, file: IdentifiedFile, mounts: readonly Mount[]): DatabaseFile {
  const mount = mounts.find((each) => each.id === file.mountId);
  return {
    role,
    path,
    sizeBytes: file.stats.size,
    device: file.stats.dev,
    inode: inodeOf(file.stats),
    lockDevice: mount?.device ?? deviceNumbers(file.stats.dev),
    lockInode: file.inode,
    mountId: file.mountId,
    rights: rightsOf(file.stats),
    links: Number(file.stats.nlink),
    bornMs: file.stats.birthtimeNs > 0n ? Number(file.stats.birthtimeNs) / 1e6 : null,
    writtenMs: Number(file.stats.mtimeNs) / 1e6,
    changedMs: Number(file.stats.ctimeNs) / 1e6,
  };
}

export function rightsOf(stats: BigIntStats): Rights {
  return { mode: Number(stats.mode & 0o7777n), uid: Number(stats.uid), gid: Number(stats.gid) };
}

/** `major:minor` of a device number of stat(2). Source: gnu_dev_major(3). */
export function deviceNumbers(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

export function fileSystemOf(mountId: number | null, mounts: readonly Mount[]): FileSystem | null {
  const mount = mounts.find((each) => each.id === mountId);
  if (mount === undefined) return null;
  return {
    type: mount.type,
    mountPoint: mount.mountPoint,
    network: isNetworkType(mount.type),
    readOnly: mount.readOnly,
  };
}

/**
 * Bytes of a regular file, from `offset`; fewer at its end. This process has the file open in no other way, so closing
 * drops no lock. O_NONBLOCK: were the file replaced by a pipe in between, nothing waits.
 */
export function readBytes(
  path: string | Buffer,
  offset: number,
  length: number,
): { kind: "ok"; value: Uint8Array } | { kind: "gone" } | { kind: "denied" } {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      return { kind: "ok", value: readFrom(fd, offset, length) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return failure(error);
  }
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
