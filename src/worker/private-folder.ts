/** Private folders for copies and links: no other user may enter them, and they are removed when this process exits. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const REASONS: Record<string, string | undefined> = {
  ENOENT: "it does not exist",
  ENOTDIR: "it is not a folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
};

const folders = new Set<string>();

/** A folder with mode 0700. @returns the reason where none can be made. Source: mkdtemp(3) */
export function makePrivateFolder(parent = tmpdir()): string | { readonly why: string } {
  try {
    const folder = mkdtempSync(join(parent, "sqlock-"));
    if (folders.size === 0) process.on("exit", removeAll);
    folders.add(folder);
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { why: `no folder for temporary files can be made in ${parent} (${REASONS[code] ?? code})` };
  }
}

/** This process no longer removes it. */
export function releasePrivateFolder(folder: string): void {
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
}

/** With retries: a worker that was killed a moment ago may still be making a file in it. */
export function removePrivateFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  releasePrivateFolder(folder);
}

function removeAll(): void {
  for (const folder of folders) removePrivateFolder(folder);
}
