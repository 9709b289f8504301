/**
 * SQLite, run by root, gives the -wal and -shm that it opens to the owner of the database (`os_unix.c`, robustFchown):
 * whoever made them may then be shut out. A worker that is somebody else for the time leaves them alone.
 */
import { statSync } from "node:fs";

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom to be, so that the owners of the companion files stay as they are; null where nothing would change, or nobody
 * but root has them.
 */
export function userToBe(database: string): User | null {
  if (process.geteuid?.() !== 0) return null;
  const [owner, ...others] = [database, `${database}-wal`, `${database}-shm`].flatMap((path) => userOf(path) ?? []);
  if (owner === undefined || others.every(({ uid, gid }) => uid === owner.uid && gid === owner.gid)) return null;
  return [...others, owner].find(({ uid }) => uid !== 0) ?? null;
}

function userOf(path: string): User | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? null : { uid: stats.uid, gid: stats.gid };
  } catch {
    return null; // a name that is too long: there is none
  }
}

/** In the worker: from now on. */
export function become({ uid, gid }: User): void {
  process.setegid?.(gid);
  process.seteuid?.(uid);
}
