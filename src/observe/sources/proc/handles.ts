/** The descriptors of one process on the files of the targets, under whatever name it opened them. */
import { type BigIntStats, readlinkSync, statSync } from "node:fs";
import { locksOfHandle } from "../../../model/lock.ts";
import type { HandleSeen, Target } from "../../../model/snapshot.ts";
import { type FdInfo, readFdInfo } from "../../../proc/fdinfo.ts";
import { lookUpMayHang, type Mount, mayHang, mountOfPath } from "../../../proc/mountinfo.ts";
import { failure, linkOf, readNames, valueOr } from "../../../proc/read.ts";
import { namesOfLock } from "../../../sqlite/lock-bytes.ts";
import { isWriteLock } from "../../../sqlite/locks.ts";
import { companionsOfMode, databaseOfCompanion, type Role, roleOfPath } from "../../../sqlite/roles.ts";
import { inodeOf, statIfPresent } from "../../identify.ts";
import { DELETED_SUFFIX, type TargetFile, type TargetIndex } from "../../target-index.ts";
import type { MatchedProcess } from "./descriptor-scan.ts";

interface OpenFile {
  readonly fd: string;
  /** What readlink(2) returns; "" where it cannot. */
  readonly link: string;
  /** The link without " (deleted)". */
  readonly path: string;
  /** Null on a mount that may hang: there fdinfo alone identifies the file. */
  readonly stats: BigIntStats | null;
  readonly info: FdInfo | null;
  /** `device:inode`. */
  readonly file: string;
  readonly targetFiles: readonly TargetFile[];
  /** See MatchedProcess. */
  readonly mounts: readonly Mount[] | null;
}

export interface HandlesOfProcess {
  readonly handles: ReadonlyMap<Target, readonly HandleSeen[]>;
  /** How many files it has open. */
  readonly openFiles: number;
  /** It serves a FUSE file system. */
  readonly servesFuse: boolean;
}

/** Null when the process is gone, or access is denied. Opens none of the files. */
export function readHandles(match: MatchedProcess, index: TargetIndex): HandlesOfProcess | null {
  const fds = readNames(`${match.directory}/fd`);
  if (fds.kind !== "ok") return null;
  const files = fds.value.flatMap((fd) => openFile(match.directory, fd, index, match.mounts) ?? []);
  const handles = new Map<Target, HandleSeen[]>();
  for (const target of new Set(targetsOf(files))) {
    const found = handlesOnTarget(match.directory, files, target);
    if (found.length > 0) handles.set(target, found);
  }
  const servesFuse = handles.size > 0 && fds.value.some((fd) => linkOf(`${match.directory}/fd/${fd}`) === "/dev/fuse");
  return { handles, openFiles: fds.value.length, servesFuse };
}

function openFile(directory: string, fd: string, index: TargetIndex, mounts: readonly Mount[] | null): OpenFile | null {
  let link = "";
  try {
    link = readlinkSync(`${directory}/fd/${fd}`);
    if (!link.startsWith("/")) return null;
  } catch (error) {
    // A path longer than a page cannot be read, but its inode may still identify the file.
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
        targetFiles: index.byLockIdentity.get(file) ?? index.deletedNames.get(link) ?? [],
        mounts,
      };
    }
  }
  try {
    const stats = statSync(`${directory}/fd/${fd}`, { bigint: true });
    if (!stats.isFile()) return null;
    const file = `${stats.dev}:${inodeOf(stats)}`;
    const found =
      index.byIdentity.get(file) ??
      (stats.nlink === 0n || link.endsWith(DELETED_SUFFIX) ? index.deletedNames.get(link) : undefined);
    // a file whose real name ends in " (deleted)"
    const literal = path !== link && isSameFile(stats, statIn(directory, link, mounts));
    return { fd, link, path: literal ? link : path, stats, info: null, file, targetFiles: found ?? [], mounts };
  } catch (error) {
    failure(error);
    return null;
  }
}

function targetsOf(files: readonly OpenFile[]): Target[] {
  return files.flatMap((file) => file.targetFiles.map((each) => each.target));
}

function handlesOnTarget(directory: string, files: readonly OpenFile[], target: Target): HandleSeen[] {
  const roleByIdentity = (file: OpenFile) => file.targetFiles.find((each) => each.target === target)?.role;
  const handles = files.flatMap((file) => {
    const role = roleByIdentity(file);
    return role === undefined ? [] : [toHandle(directory, file, role, target, false)];
  });
  // Companion files lie beside the name by which the process opened the database, which may be another than ours.
  const names = new Set([
    target.path,
    ...files.filter((file) => roleByIdentity(file) === "database").map((file) => file.path),
  ]);
  for (const file of files) {
    if (roleByIdentity(file) !== undefined) continue;
    for (const name of names) {
      const role = roleOfPath(name, file.path);
      if (role === null || (role === "database" && !file.link.endsWith(DELETED_SUFFIX))) continue;
      handles.push(toHandle(directory, file, role, target, false));
      break;
    }
  }
  const hasDatabase = handles.some((handle) => handle.role === "database");
  const hasWalCompanion = handles.some((handle) => WAL_COMPANIONS.some(({ role }) => role === handle.role));
  if (hasDatabase !== hasWalCompanion) {
    const others = files.filter((file) => !handles.some((handle) => String(handle.fd) === file.fd));
    if (hasDatabase) handles.push(...companionsOfOldName(directory, others, target));
    else handles.push(...movedDatabases(directory, others, target));
  } else if (!hasDatabase && !hasWalCompanion && handles.some(isJournalOfWriter)) {
    const paths = new Set(files.map((file) => file.path));
    const others = files.filter((file) => !paths.has(`${file.path}-journal`));
    handles.push(...movedDatabases(directory, others, target).filter(hasWriteLock));
  }
  return handles.sort((a, b) => a.fd - b.fd);
}

const WAL_COMPANIONS = companionsOfMode("wal");

function hasLocksOfSqlite(handle: HandleSeen): boolean {
  return (
    handle.info?.locks.some((lock) => !namesOfLock(handle.role, lock.api, lock.type, lock).includes("FOREIGN")) === true
  );
}

function isJournalOfWriter({ role, info, deleted }: HandleSeen): boolean {
  return role === "journal" && !deleted && info?.access === "read-write";
}

/** SQLite in rollback mode opens its journal after it has taken RESERVED. */
function hasWriteLock(handle: HandleSeen): boolean {
  return locksOfHandle(handle).some(isWriteLock);
}

/**
 * It has the target's -wal, -shm or -journal open, but not the database: the database it opened was moved (mv db old;
 * mv new db).
 */
function movedDatabases(directory: string, files: readonly OpenFile[], target: Target): HandleSeen[] {
  return files.map((file) => toHandle(directory, file, "database", target, true)).filter(hasLocksOfSqlite);
}

/**
 * It has the database open, but no companion file of WAL mode beside it: the database was renamed (mv old db), and its
 * companion files kept the old name. They are recognised by SQLite's locks; only where just one old name is possible.
 */
function companionsOfOldName(directory: string, files: readonly OpenFile[], target: Target): HandleSeen[] {
  const paths = new Set(files.map((file) => file.path));
  const oldNames = new Set(
    files.flatMap((file) => {
      const companion = databaseOfCompanion(file.path);
      const row = WAL_COMPANIONS.find(({ role, locked }) => locked && role === companion?.role);
      if (companion === null || row === undefined || paths.has(companion.database)) return [];
      return hasLocksOfSqlite(toHandle(directory, file, row.role, target, true)) ? [companion.database] : [];
    }),
  );
  const [oldName] = oldNames;
  if (oldName === undefined || oldNames.size > 1) return [];
  return files.flatMap((file) => {
    const row = WAL_COMPANIONS.find(({ suffix }) => file.path === oldName + suffix);
    return row === undefined ? [] : [toHandle(directory, file, row.role, target, true)];
  });
}

function toHandle(directory: string, file: OpenFile, role: Role, target: Target, moved: boolean): HandleSeen {
  const view = file.targetFiles.find((each) => each.target === target && each.role === role)?.view;
  const reading = file.info === null ? readFdInfo(directory, file.fd) : null;
  return {
    fd: Number(file.fd),
    role,
    path: file.path === "" ? (target.files.find((each) => each.role === role)?.path ?? target.path) : file.path,
    info: file.info ?? (reading?.kind === "ok" ? reading.value : null),
    deleted: isDeleted(directory, file),
    moved,
    file: file.file,
    ...(view === undefined ? {} : { view }),
  };
}

/**
 * No link is left; or the kernel adds " (deleted)", and that path is now free or another file's (a hard-linked backup
 * keeps a link).
 */
function isDeleted(directory: string, file: OpenFile): boolean {
  if (file.stats?.nlink === 0n) return true;
  if (file.path === file.link) return false;
  if (file.stats === null) return true; // on a mount that may hang: not asked
  return !isSameFile(file.stats, statIn(directory, file.path, file.mounts));
}

/** What lies at a path of the process; undefined where asking may hang. */
function statIn(directory: string, path: string, mounts: readonly Mount[] | null): BigIntStats | undefined {
  const mount = mounts === null ? null : mountOfPath(mounts, path);
  return mount !== null && lookUpMayHang(mount.type) ? undefined : statIfPresent(`${directory}/root${path}`);
}

function isSameFile(one: BigIntStats, other: BigIntStats | undefined): boolean {
  return one.dev === other?.dev && one.ino === other.ino;
}
