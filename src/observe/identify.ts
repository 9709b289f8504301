/**
 * Which file a path names, found with a descriptor that does not open the file (O_PATH). Such a descriptor needs no
 * read permission, waits for no pipe or device, and closing it drops no lock (the close trap: `locks_remove_posix` is
 * not called for it, `fs/open.c`).
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, statSync } from "node:fs";
import type { DatabaseFile, FileSystem, Rights } from "../model/snapshot.ts";
import { isDescriptorPath } from "../proc/descriptor-path.ts";
import { O_PATH, readFdInfo } from "../proc/fdinfo.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { isHostShare, isNetworkType } from "../proc/mountinfo.ts";
import { type Denied, failure, valueOr } from "../proc/read.ts";
import type { Role } from "../sqlite/roles.ts";
import { asUser } from "../user/as-user.ts";
import type { User } from "../user/user.ts";

export interface IdentifiedFile {
  readonly stats: BigIntStats;
  readonly mountId: number | null;
  /** As /proc/locks has it. */
  readonly inode: bigint;
}

/** The inode number of stat(2). Node.js reads it as a signed number, and overlayfs sets the highest bit. */
export function inodeOf(stats: BigIntStats): bigint {
  return BigInt.asUintN(64, stats.ino);
}

/** Undefined where there is no file at `path`, or it may not be looked at. A link is not followed, a descriptor is. */
export function statIfPresent(path: string, user: User | null = null): BigIntStats | undefined {
  try {
    const options = { bigint: true, throwIfNoEntry: false } as const;
    return asUser(user, () => (isDescriptorPath(path) ? statSync(path, options) : lstatSync(path, options)));
  } catch (error) {
    failure(error);
    return undefined;
  }
}

/**
 * By what stat(2) returns for no other file: inode, device, birth. Null where there is none at `path`. Of a link
 * itself: what it leads to may be a mount that never answers, and SQLite opens no link as a companion.
 */
export function identityAt(path: string): string | null {
  const stats = statIfPresent(path);
  return stats === undefined ? null : `${inodeOf(stats)} ${stats.dev} ${stats.birthtimeNs}`;
}

/** `loop`: of symbolic links, where they are followed. `disconnected`: the daemon of its FUSE mount has died. */
export type Identified =
  | { kind: "ok"; value: IdentifiedFile }
  | { kind: "gone" }
  | Denied
  | { kind: "loop" }
  | { kind: "disconnected" };

interface IdentifyOptions {
  readonly follow?: boolean;
  /** Who looks, where root may not. */
  readonly user?: User | null;
}

/**
 * The file at `path`. A link stays a link, unless `follow`: then it may lead to a mount that does not answer, and
 * somebody has to have asked that mount before (real-path.ts).
 */
export function identify(path: string, { follow = false, user = null }: IdentifyOptions = {}): Identified {
  if (process.platform !== "linux") return identifyByName(path, follow);
  let fd: number;
  try {
    fd = asUser(user, () => openSync(path, follow ? O_PATH : O_PATH | constants.O_NOFOLLOW));
  } catch (error) {
    return failureToIdentify(error);
  }
  try {
    const stats = asUser(user, () => fstatSync(fd, { bigint: true }));
    const info = valueOr(readFdInfo("/proc/self", String(fd)), null);
    return { kind: "ok", value: { stats, mountId: info?.mountId ?? null, inode: info?.inode ?? inodeOf(stats) } };
  } catch (error) {
    // a FUSE mount whose daemon has died
    return (error as NodeJS.ErrnoException).code === "ENOTCONN" ? { kind: "disconnected" } : failure(error);
  } finally {
    closeSync(fd);
  }
}

/** Whether a file exists at `path`, also one that may not be looked at; links are followed. */
export function pathExists(path: string): boolean {
  const found = identify(path, { follow: true });
  return found.kind === "ok" || found.kind === "denied";
}

function failureToIdentify(error: unknown): Exclude<Identified, { kind: "ok" }> {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOTDIR" || code === "ENAMETOOLONG") return { kind: "gone" };
  return code === "ELOOP" ? { kind: "loop" } : failure(error);
}

/** Without O_PATH (on BSD and macOS the number has other meanings) no descriptor is opened at all. */
function identifyByName(path: string, follow: boolean): Identified {
  try {
    const stats = follow ? statSync(path, { bigint: true }) : lstatSync(path, { bigint: true });
    return { kind: "ok", value: { stats, mountId: null, inode: inodeOf(stats) } };
  } catch (error) {
    return failureToIdentify(error);
  }
}

/**
 * A file beside a database, with fewer system calls: on the same file system it has the same mount, and on most file
 * systems stat(2) and /proc/locks have the same inode number. Null where there is none, or it cannot be identified.
 */
export function identifyBeside(
  path: string,
  database: IdentifiedFile,
  mounts: readonly Mount[],
  user: User | null,
): IdentifiedFile | null {
  const stats = statIfPresent(path, user);
  if (stats === undefined) return null;
  const overlay = mounts.find((mount) => mount.id === database.mountId)?.type === "overlay";
  if (stats.dev === database.stats.dev && database.inode === database.stats.ino && !overlay)
    return { stats, mountId: database.mountId, inode: stats.ino };
  const found = identify(path, { user });
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
    ...(isHostShare(mount.type) ? { host: true } : {}),
    readOnly: mount.readOnly,
  };
}
