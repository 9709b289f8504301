/** An index of the targets' files, by which a scan of descriptors or locks recognises them under any name. */

import type { DatabaseFile, OtherView, Target } from "../model/snapshot.ts";
import { COMPANIONS, type Role } from "../sqlite/roles.ts";
import { deviceNumbers } from "./identify.ts";

export interface TargetFile {
  readonly target: Target;
  readonly role: Role;
  /** In /proc/locks, a file of another subvolume or layer may have the same device and inode number. */
  readonly ambiguous?: boolean;
  /** Where it is not the target's own file, but another view of it; left out for its own. */
  readonly view?: OtherView;
}

export interface TargetIndex {
  /** `device:inode` of stat(2) → the files. Several targets may share a file (hard links, bind mounts). */
  readonly byIdentity: ReadonlyMap<string, readonly TargetFile[]>;
  /** Inode numbers as doubles, for a quick first test: it has false hits, but no false misses. */
  readonly inodeNumbers: ReadonlySet<number>;
  /** Inode numbers, of stat(2) and of fdinfo, exactly. */
  readonly inodes: ReadonlySet<bigint>;
  /** The devices of the targets: a handle whose file lost its name can only be on one of them. */
  readonly devices: ReadonlySet<number>;
  /** What readlink(2) returns for a handle on a deleted file of a target → the file. */
  readonly deletedNames: ReadonlyMap<string, readonly TargetFile[]>;
  /** `major:minor:inode` as in /proc/locks → the files. */
  readonly byLockIdentity: ReadonlyMap<string, readonly TargetFile[]>;
  readonly lockInodes: ReadonlySet<string>;
}

export const DELETED_SUFFIX = " (deleted)";

/** `folderDevices`: the devices of the folders in which deleted targets lay. */
export function indexTargetFiles(targets: readonly Target[], folderDevices: readonly bigint[]): TargetIndex {
  const byIdentity = new Map<string, TargetFile[]>();
  const byLockIdentity = new Map<string, TargetFile[]>();
  const deletedNames = new Map<string, TargetFile[]>();
  const inodes = new Set<bigint>();
  const lockInodes = new Set<string>();
  const devices = new Set(folderDevices.map(Number));
  for (const target of targets) {
    const addFile = (file: DatabaseFile, view?: OtherView) => {
      const found = { target, role: file.role, ...(view === undefined ? {} : { view }) };
      add(byIdentity, `${file.device}:${file.inode}`, found);
      const ambiguous = deviceNumbers(file.device) !== file.lockDevice;
      add(byLockIdentity, `${file.lockDevice}:${file.lockInode}`, { ...found, ambiguous });
      inodes.add(file.inode).add(file.lockInode);
      lockInodes.add(String(file.lockInode));
      devices.add(Number(file.device));
    };
    for (const file of target.files) addFile(file);
    for (const view of target.views ?? []) for (const file of view.files) addFile(file, view);
    add(deletedNames, target.path + DELETED_SUFFIX, { target, role: "database" });
    for (const { role, suffix } of COMPANIONS)
      add(deletedNames, target.path + suffix + DELETED_SUFFIX, { target, role });
  }
  return {
    byIdentity,
    inodeNumbers: new Set([...inodes].map(Number)),
    inodes,
    devices,
    deletedNames,
    byLockIdentity,
    lockInodes,
  };
}

function add(files: Map<string, TargetFile[]>, key: string, file: TargetFile): void {
  const found = files.get(key);
  if (found === undefined) files.set(key, [file]);
  else found.push(file);
}

/**
 * Whether an open regular file may be a target's file that lost its name. A deleted file has no link left. A replaced
 * one may have a hard link elsewhere; a database is a whole number of pages.
 */
export function mayBeDeletedOrRenamed(file: { nlink: number; dev: number; size: number }, index: TargetIndex): boolean {
  if (file.nlink === 0) return true;
  return file.size > 0 && file.size % 512 === 0 && index.devices.has(file.dev);
}
