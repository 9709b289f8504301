/**
 * Run by root, SQLite changes the owner of the -wal and -shm that it opens to that of the database (`os_unix.c`,
 * robustFchown); the program that made them may then no longer open them. A worker that runs as another user does not.
 */
import { statSync } from "node:fs";
import { companionsOfMode } from "../sqlite/roles.ts";

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The user as whom a worker keeps the owners as they are; null where nothing would change, or where all are root's. */
export function ownerToRunAs(database: string): User | null {
  if (process.geteuid?.() !== 0) return null;
  const companions = companionsOfMode("wal").map(({ suffix }) => database + suffix);
  const [owner, ...others] = [database, ...companions].flatMap((path) => userOf(path) ?? []);
  if (owner === undefined || others.every(({ uid, gid }) => uid === owner.uid && gid === owner.gid)) return null;
  return [...others, owner].find(({ uid }) => uid !== 0) ?? null;
}

function userOf(path: string): User | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? null : { uid: stats.uid, gid: stats.gid };
  } catch {
    return null; // the name is too long: no such file exists
  }
}

/** In the worker. */
export function runAs({ uid, gid }: User): void {
  process.setegid?.(gid);
  process.seteuid?.(uid);
}
