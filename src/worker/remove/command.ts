/**
 * Root removes a user's folder as that user, but starts no program as him: he may trace such a process, and take what
 * it inherits from root (descriptors, keys of its session, its mounts). So this program starts as root and becomes him.
 */
import { join } from "node:path";
import type { User } from "../../user/user.ts";

const PROGRAM = join(import.meta.dirname, "../workers/remove.cjs");

/** The arguments of the program. */
export interface Removal {
  readonly folder: string;
  readonly user: User;
}

/** It exits with 0 where nothing of the folder is left. Whoever starts it sets a limit of time. */
export function removeCommand({ folder, user: { uid, gid, name } }: Removal): [string, ...string[]] {
  return [process.execPath, PROGRAM, folder, String(uid), String(gid), name ?? ""];
}

/** For a shell that outlives this process. `user`: whose it is, and who removes it; null: the caller. */
export function commandToRemove(folder: string, user: User | null): readonly [string, ...string[]] {
  return user === null ? ["rm", "-rf", "--", folder] : removeCommand({ folder, user });
}

/** @throws Error where they are not those of {@link removeCommand} */
export function parseRemoval([folder = "", uid, gid, name = ""]: readonly string[]): Removal {
  const user = { uid: Number(uid), gid: Number(gid), name: name === "" ? null : name };
  if (folder === "" || !(user.uid > 0) || !(user.gid >= 0)) throw new Error("no folder, or no user but root");
  return { folder, user };
}
