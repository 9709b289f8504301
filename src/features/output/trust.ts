/** Whether another user could redirect the output to a file of his choice, by what is on the path to it. Pure. */
import { intruderOf } from "../../user/intruder.ts";

/** What is at one name of the path. */
export interface OnPath {
  readonly path: string;
  readonly kind: "folder" | "link" | "file" | "device";
  readonly uid: number;
  readonly gid: number;
  /** The permission bits, S_ISVTX among them. */
  readonly mode: number;
  /** Who has mounted the file system, and says whose its files are (FUSE); null: root. */
  readonly mountedBy: number | null;
}

/**
 * `shared`: a folder where others may exchange names. `mount`: the file system is another user's own program.
 * `elsewhere`: a link of /proc into what another process sees.
 */
export interface Distrust {
  readonly path: string;
  readonly kind: OnPath["kind"] | "shared" | "mount" | "elsewhere";
  readonly uid: number;
}

const ROOT = 0;

/** S_IWGRP and S_IWOTH. */
const OTHERS_WRITE = 0o022;

/** S_ISVTX: only who owns an entry, or the folder, may rename or delete it. */
const STICKY = 0o1000;

/**
 * `parent`: the folder in which it lies, which has been looked at before; null for "/". Root trusts what root owns, in
 * folders where nobody else may exchange it. Others trust all but what the kernel itself keeps them from in folders
 * such as /tmp. Source: protected_symlinks, protected_regular, protected_fifos in proc_sys_fs(5).
 */
export function distrustOf(entry: OnPath, parent: OnPath | null, me: number): Distrust | null {
  const { path, kind, uid, mountedBy } = entry;
  if (me === ROOT) {
    if (mountedBy !== null) return { path, kind: "mount", uid: mountedBy };
    if (uid !== ROOT) return { path, kind, uid };
    return kind === "folder" && intruderOf([entry]) !== null ? { path, kind: "shared", uid } : null;
  }
  const inTmp = parent !== null && isShared(parent) && isSticky(parent);
  return inTmp && kind !== "folder" && uid !== me && uid !== parent.uid ? { path, kind, uid } : null;
}

/** Of a folder: others may make names in it. */
export function isShared({ mode }: Pick<OnPath, "mode">): boolean {
  return (mode & OTHERS_WRITE) !== 0;
}

/** Of a folder: nobody may rename or delete what is another's. */
export function isSticky({ mode }: Pick<OnPath, "mode">): boolean {
  return (mode & STICKY) !== 0;
}

/** `me` owns what is replaced: its rights stay, and no more than rights to read and write. Null: a new file's. */
export function modeOfReport(replaced: Pick<OnPath, "uid" | "mode"> | null, me: number): number | null {
  if (replaced === null) return null;
  return replaced.uid === me ? replaced.mode & 0o666 : 0o600;
}

/** A clause about what is distrusted, and what it could do. */
/** Of a folder of another user, where root writes with the rights of that user, if these suffice. */
export function noRightsText({ path, uid }: Distrust): string {
  return `${path} is a folder of user ${uid}, with whose rights it would be written; they do not suffice`;
}

export function distrustText({ path, kind, uid }: Distrust): string {
  switch (kind) {
    case "link":
      return `${path} is a link of user ${uid}, which can lead to any file`;
    case "folder":
      return `${path} is a folder of user ${uid}, who could make it replace another file`;
    case "shared":
      return `other users can write to the folder ${path}, and could make it replace another file`;
    case "file":
      return `${path} is a file of user ${uid}`;
    case "device":
      return `${path} is a device or a pipe of user ${uid}`;
    case "elsewhere":
      return `${path} leads to what another process sees, where the same path can be another file`;
    case "mount":
      return `${path} is on a file system that belongs to user ${uid}`;
  }
}
