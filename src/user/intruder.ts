/**
 * Whether a folder, and all above it, can be changed by root and one user alone: then no name below it can be led
 * elsewhere by anybody else. Pure.
 */
export interface FolderRights {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  /** The permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
}

/** Who else may put another file under a name in it. */
export type Intruder =
  | { readonly kind: "owner"; readonly folder: string; readonly uid: number }
  | { readonly kind: "group"; readonly folder: string; readonly gid: number }
  | { readonly kind: "everybody"; readonly folder: string };

const STICKY = 0o1000;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/** For whom a folder is safe. `gid`: a group that is trusted as well; null: none is. */
export interface Trusting {
  readonly uid: number;
  readonly gid: number | null;
}

/** No group: the bits of the group are also the mask of an ACL (acl(5)), which may name anybody. */
const ROOT: Trusting = { uid: 0, gid: null };

/**
 * The first folder in which another user than root and `user` can rename what is theirs; null: none. In a sticky folder
 * only the owner of a name can.
 */
export function intruderOf(folders: readonly FolderRights[], user: Trusting = ROOT): Intruder | null {
  for (const folder of folders) {
    if (folder.uid !== 0 && folder.uid !== user.uid) return { kind: "owner", folder: folder.path, uid: folder.uid };
    const writer = (folder.mode & STICKY) === 0 ? otherWriterOf(folder, user) : null;
    if (writer !== null) return writer;
  }
  return null;
}

/** Who else than root, `user` and its owner may make a file in a folder, sticky or not; null: nobody. */
export function otherWriterOf({ path, gid, mode }: FolderRights, user: Trusting = ROOT): Intruder | null {
  if ((mode & OTHERS_WRITE) !== 0) return { kind: "everybody", folder: path };
  return (mode & GROUP_WRITES) !== 0 && gid !== user.gid ? { kind: "group", folder: path, gid } : null;
}

/**
 * Who else than root and the user may put a companion file beside what lies in the last folder, or another folder in
 * its place; null: nobody. The user's own group is trusted: it works there with the user's own programs.
 */
export function planterOf(folders: readonly FolderRights[], user: Trusting): Intruder | null {
  const folder = folders.at(-1);
  return intruderOf(folders, user) ?? (folder === undefined ? null : otherWriterOf(folder, user));
}
