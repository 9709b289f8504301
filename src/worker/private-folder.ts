/** Folders of our own for copies: nobody else may enter them, and none is left behind. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WHY: Record<string, string | undefined> = {
  ENOENT: "it does not exist",
  ENOTDIR: "it is no folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
};

const folders = new Set<string>();

/**
 * `parent`: where it is made. The mode of a folder of mkdtemp(3) is 0700. @returns why there is none, where none can be
 * made.
 */
export function makePrivateFolder(parent = tmpdir()): string | { readonly why: string } {
  if (folders.size === 0) process.on("exit", removeAll);
  try {
    const folder = mkdtempSync(join(parent, "sqlock-"));
    folders.add(folder);
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (folders.size === 0) process.off("exit", removeAll);
    return { why: `no folder for temporary files can be made in ${parent} (${WHY[code] ?? code})` };
  }
}

/** From now on it is somebody else's to remove. */
export function keepPrivateFolder(folder: string): void {
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
}

/** A worker that was killed a moment ago may still be making a file in it. */
export function removePrivateFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
}

function removeAll(): void {
  for (const folder of folders) removePrivateFolder(folder);
}
