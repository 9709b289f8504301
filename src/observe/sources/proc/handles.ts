/** The descriptors of one process on the files of the targets, under whatever name it opened them. */
import { type BigIntStats, readlinkSync, statSync } from "node:fs";
import type { HandleSeen, Target } from "../../../model/snapshot.ts";
import { type FdInfo, readFdInfo } from "../../../proc/fdinfo.ts";
import { type Mount, mayHang, readMountinfo } from "../../../proc/mountinfo.ts";
import { failure, readNames, valueOr } from "../../../proc/read.ts";
import { namesOfLock } from "../../../sqlite/lock-bytes.ts";
import { type Role, roleOfPath } from "../../../sqlite/roles.ts";
import { inodeOf } from "../../identify.ts";
import { DELETED_SUFFIX, type Wanted, type WantedFile } from "../../wanted.ts";
import type { Hit } from "./scan.ts";

interface OpenFile {
  readonly fd: string;
  /** What readlink(2) says. */
  readonly link: string;
  readonly path: string;
  /** Null on a mount that may hang: there fdinfo alone says which file it is. */
  readonly stats: BigIntStats | null;
  readonly info: FdInfo | null;
  readonly file: string;
  readonly wanted: readonly WantedFile[];
}

export interface HandlesOfProcess {
  readonly handles: ReadonlyMap<Target, readonly HandleSeen[]>;
  /** How many files it has open. */
  readonly openFiles: number;
}

/** Null when the process is gone or closed. Opens none of the files. */
export function readHandles(hit: Hit, wanted: Wanted): HandlesOfProcess | null {
  const fds = readNames(`${hit.directory}/fd`);
  if (fds.kind !== "ok") return null;
  const mounts = hit.careful ? valueOr(readMountinfo(hit.directory), []) : null;
  const files = fds.value.flatMap((fd) => openFile(hit.directory, fd, wanted, mounts) ?? []);
  const handles = new Map<Target, HandleSeen[]>();
  for (const target of new Set(targetsOf(files))) {
    const found = handlesOnTarget(hit.directory, files, target);
    if (found.length > 0) handles.set(target, found);
  }
  return { handles, openFiles: fds.value.length };
}

function openFile(directory: string, fd: string, wanted: Wanted, mounts: readonly Mount[] | null): OpenFile | null {
  let link = "";
  try {
    link = readlinkSync(`${directory}/fd/${fd}`);
    if (!link.startsWith("/")) return null;
  } catch (error) {
    // A path longer than a page cannot be read: the file may still be told by its inode.
    if ((error as NodeJS.ErrnoException).code !== "ENAMETOOLONG") {
      failure(error);
      return null;
    }
  }
  const path = link.endsWith(DELETED_SUFFIX) ? link.slice(0, -DELETED_SUFFIX.length) : link;
  if (mounts !== null) {
    const info = valueOr(readFdInfo(directory, fd), null);
    const mount = mounts.find((each) => each.id === info?.mountId);
    if (mount === undefined || mayHang(mount.type)) {
      const file = `${mount?.device}:${info?.inode}`;
      return {
        fd,
        link,
        path,
        stats: null,
        info,
        file,
        wanted: wanted.byLockIdentity.get(file) ?? wanted.deletedNames.get(link) ?? [],
      };
    }
  }
  try {
    const stats = statSync(`${directory}/fd/${fd}`, { bigint: true });
    if (!stats.isFile()) return null;
    const file = `${stats.dev}:${inodeOf(stats)}`;
    const found =
      wanted.byIdentity.get(file) ??
      (stats.nlink === 0n || link.endsWith(DELETED_SUFFIX) ? wanted.deletedNames.get(link) : undefined);
    const literal = path !== link && isSameFile(stats, statNow(`${directory}/root${link}`)); // a real name that ends in " (deleted)"
    return { fd, link, path: literal ? link : path, stats, info: null, file, wanted: found ?? [] };
  } catch (error) {
    failure(error);
    return null;
  }
}

function targetsOf(files: readonly OpenFile[]): Target[] {
  return files.flatMap((file) => file.wanted.map((each) => each.target));
}

function handlesOnTarget(directory: string, files: readonly OpenFile[], target: Target): HandleSeen[] {
  const roleHere = (file: OpenFile) => file.wanted.find((each) => each.target === target)?.role;
  const handles = files.flatMap((file) => {
    const role = roleHere(file);
    return role === undefined ? [] : [toHandle(directory, file, role, target, false)];
  });
  // Companion files lie beside the name by which the process opened the database, which may be another than ours.
  const names = new Set([
    target.path,
    ...files.filter((file) => roleHere(file) === "database").map((file) => file.path),
  ]);
  for (const file of files) {
    if (roleHere(file) !== undefined) continue;
    for (const name of names) {
      const role = roleOfPath(name, file.path);
      if (role === null || (role === "database" && !file.link.endsWith(DELETED_SUFFIX))) continue;
      handles.push(toHandle(directory, file, role, target, false));
      break;
    }
  }
  const has = (...roles: Role[]) => handles.some((handle) => roles.includes(handle.role));
  const known = (file: OpenFile) => handles.some((handle) => String(handle.fd) === file.fd);
  if (has("wal", "shm") && !has("database"))
    handles.push(
      ...movedDatabases(
        directory,
        files.filter((file) => !known(file)),
        target,
      ),
    );
  if (has("database") && !has("wal", "shm"))
    handles.push(
      ...companionsOfOldName(
        directory,
        files.filter((file) => !known(file)),
        target,
      ),
    );
  return handles.sort((a, b) => a.fd - b.fd);
}

function isSqlites(handle: HandleSeen): boolean {
  return (
    handle.info?.locks.some((lock) => !namesOfLock(handle.role, lock.api, lock.type, lock).includes("FOREIGN")) === true
  );
}

/** Its -wal or -shm is open, but not its database: the one that is was moved away (mv db old; mv new db). */
function movedDatabases(directory: string, files: readonly OpenFile[], target: Target): HandleSeen[] {
  return files.map((file) => toHandle(directory, file, "database", target, true)).filter(isSqlites);
}

/**
 * Its database is open, but no -shm beside it: it was renamed (mv old db), and -shm and -wal kept the old name. Only
 * where one alone can be meant.
 */
function companionsOfOldName(directory: string, files: readonly OpenFile[], target: Target): HandleSeen[] {
  const paths = new Set(files.map((file) => file.path));
  const orphans = files.filter((file) => file.path.endsWith("-shm") && !paths.has(file.path.slice(0, -"-shm".length)));
  const found = orphans
    .map((file) => ({ file, handle: toHandle(directory, file, "shm", target, true) }))
    .filter(({ handle }) => isSqlites(handle));
  const [shm, ...more] = found;
  if (shm === undefined || more.length > 0) return [];
  const wal = `${shm.file.path.slice(0, -"-shm".length)}-wal`;
  return [
    shm.handle,
    ...files.filter((file) => file.path === wal).map((file) => toHandle(directory, file, "wal", target, true)),
  ];
}

function toHandle(directory: string, file: OpenFile, role: Role, target: Target, moved: boolean): HandleSeen {
  const reading = file.info === null ? readFdInfo(directory, file.fd) : null;
  return {
    fd: Number(file.fd),
    role,
    path: file.path === "" ? (target.files.find((each) => each.role === role)?.path ?? target.path) : file.path,
    info: file.info ?? (reading?.kind === "ok" ? reading.value : null),
    deleted: isDeleted(directory, file),
    moved,
    file: file.file,
  };
}

/**
 * No link is left, or the kernel says " (deleted)" and no file or another one has that path now (a hard-linked backup
 * keeps a link).
 */
function isDeleted(directory: string, file: OpenFile): boolean {
  if (file.stats?.nlink === 0n) return true;
  if (file.path === file.link) return false;
  if (file.stats === null) return true; // on a mount that is not to be asked
  return !isSameFile(file.stats, statNow(`${directory}/root${file.path}`));
}

function isSameFile(one: BigIntStats, other: BigIntStats | undefined): boolean {
  return one.dev === other?.dev && one.ino === other.ino;
}

function statNow(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    failure(error);
    return undefined;
  }
}
