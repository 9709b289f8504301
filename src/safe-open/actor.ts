/**
 * As whom SQLite opens a database when root runs sqlock: root looks, the owner acts. SQLite run by root would follow
 * what the owner puts beside his database, and would change the owner of companion files (`os_unix.c`, robustFchown).
 * Pure.
 */
import { type FolderRights, type Intruder, planterOf } from "../user/intruder.ts";
import type { User } from "../user/user.ts";

export type Actor =
  /** Not root; or all is root's, and no other user can change what the names mean. */
  | { readonly kind: "caller" }
  /** The owner of the database; or of its companion files, where the database is root's in a folder of root's. */
  | {
      readonly kind: "owner";
      readonly uid: number;
      readonly of: "database" | "companion";
      /** The owner of the folder, where that is another user; null otherwise. */
      readonly folderUid: number | null;
    }
  /** An unused user id, on a private copy that root makes: its owner cannot open it, or it is not safe to. */
  | { readonly kind: "isolated"; readonly why: IsolationReason };

export type OpenedAs = Omit<Extract<Actor, { kind: "owner" }>, "kind">;

export type IsolationReason =
  /** This owner cannot read `path`: a folder above that he may not enter, a mode without r, an ACL. */
  | { readonly kind: "out-of-reach"; readonly uid: number; readonly path: string }
  /**
   * Somebody else than its owner (`uid`) can put another file in its place, or a companion file beside it: root lends
   * nobody that owner's rights.
   */
  | { readonly kind: "folder-of-others"; readonly uid: number; readonly intruder: Intruder };

export interface OwnedFiles {
  /** Of the database. */
  readonly uid: number;
  /** Of each companion file that is there. */
  readonly companionUids: readonly number[];
  /** All folders on the real path, the root first. */
  readonly folders: readonly FolderRights[];
}

/** Root's choice, by owners alone: whether that owner can read the files shows only when he tries. */
export function actorOf({ uid, companionUids, folders }: OwnedFiles): Actor {
  // The database's owner counts, not the folder's: SQLite gives companion files to him.
  const folder = folders.at(-1);
  const owner = (id: number, of: "database" | "companion"): Actor => {
    const folderUid = folder === undefined || folder.uid === id ? null : folder.uid;
    return { kind: "owner", uid: id, of, folderUid };
  };
  if (uid !== 0) return owner(uid, "database");
  // In a folder like /tmp nobody can exchange root's database, but everybody can put a -journal or -wal beside it,
  // which SQLite plays back: a journal names a file that is deleted then (`pager.c`, pager_delsuper).
  const intruder = planterOf(folders, ROOT);
  if (intruder !== null) return { kind: "isolated", why: { kind: "folder-of-others", uid, intruder } };
  const other = companionUids.find((each) => each !== 0);
  return other === undefined ? { kind: "caller" } : owner(other, "companion");
}

const ROOT = { uid: 0, gid: null };

/**
 * For what changes the database: the owner's folder must be closed to others as well, since they choose the moment at
 * which root has SQLite play back what they put there.
 */
export function writerOf(actor: Actor, user: User | null, folders: readonly FolderRights[]): Actor {
  const intruder = actor.kind !== "owner" || user === null ? null : planterOf(folders, user);
  return intruder === null || actor.kind !== "owner"
    ? actor
    : { kind: "isolated", why: { kind: "folder-of-others", uid: actor.uid, intruder } };
}

export function openedAsOf(actor: Actor): OpenedAs | null {
  return actor.kind === "owner" ? { uid: actor.uid, of: actor.of, folderUid: actor.folderUid } : null;
}
