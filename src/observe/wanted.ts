/**
 * What a pass over all descriptors looks for: the files of all targets, under whatever name, and their deleted names.
 */

import type { Target } from "../model/snapshot.ts";
import { COMPANIONS, type Role } from "../sqlite/roles.ts";
import { deviceNumbers } from "./identify.ts";

export interface WantedFile {
  readonly target: Target;
  readonly role: Role;
  /**
   * /proc/locks cannot tell it from a file of another subvolume or layer, which may have the same inode number there.
   */
  readonly ambiguous?: boolean;
}

export interface Wanted {
  /** `device:inode` of stat(2) → the files: one may be several targets' (hard links, bind mounts). */
  readonly byIdentity: ReadonlyMap<string, readonly WantedFile[]>;
  /** Inode numbers as a double has them: a quick first test that never misses, and is made sure of after it. */
  readonly inodeNumbers: ReadonlySet<number>;
  /** Inode numbers, of stat(2) and of fdinfo, exactly. */
  readonly inodes: ReadonlySet<bigint>;
  /** Devices that the targets lie on: a handle whose file lost its name can only be on one of them. */
  readonly devices: ReadonlySet<number>;
  /** What readlink(2) says of a handle on a file of ours that was deleted → the file. */
  readonly deletedNames: ReadonlyMap<string, readonly WantedFile[]>;
  /** `major:minor:inode` as /proc/locks has them → the files. */
  readonly byLockIdentity: ReadonlyMap<string, readonly WantedFile[]>;
  readonly lockInodes: ReadonlySet<string>;
}

export const DELETED_SUFFIX = " (deleted)";

export function wantedFiles(targets: readonly Target[], folderDevices: readonly bigint[]): Wanted {
  const byIdentity = new Map<string, WantedFile[]>();
  const byLockIdentity = new Map<string, WantedFile[]>();
  const deletedNames = new Map<string, WantedFile[]>();
  const inodes = new Set<bigint>();
  const lockInodes = new Set<string>();
  const devices = new Set(folderDevices.map(Number));
  for (const target of targets) {
    for (const file of target.files) {
      add(byIdentity, `${file.device}:${file.inode}`, { target, role: file.role });
      const ambiguous = deviceNumbers(file.device) !== file.lockDevice;
      add(byLockIdentity, `${file.lockDevice}:${file.lockInode}`, { target, role: file.role, ambiguous });
      inodes.add(file.inode).add(file.lockInode);
      lockInodes.add(String(file.lockInode));
      devices.add(Number(file.device));
    }
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

function add(files: Map<string, WantedFile[]>, key: string, file: WantedFile): void {
  const found = files.get(key);
  if (found === undefined) files.set(key, [file]);
  else found.push(file);
}

/**
 * Whether an open regular file may be a wanted one that lost its name. One that was deleted has no link left; one with
 * a hard link elsewhere still lost the name it was opened by, and a database is a whole number of pages.
 */
export function mayHaveLostItsName(file: { nlink: number; dev: number; size: number }, wanted: Wanted): boolean {
  if (file.nlink === 0) return true;
  return file.size > 0 && file.size % 512 === 0 && wanted.devices.has(file.dev);
}
