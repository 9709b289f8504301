/** The folders on a path, with their owners and modes. */
import { lstatSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { FolderRights } from "./intruder.ts";

/** The real path of the folder and of all above it, the root first. @throws the system's error */
export function foldersTo(folder: string): FolderRights[] {
  const real = realpathSync.native(folder);
  const rights: FolderRights[] = [];
  for (let path = real; ; path = dirname(path)) {
    const { uid, gid, mode } = lstatSync(path);
    rights.unshift({ path, uid, gid, mode: mode & 0o7777 });
    if (path === dirname(path)) return rights;
  }
}
