/** Folders of our own for copies: nobody else may enter them, and none is left behind. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors.ts";

const folders = new Set<string>();

/** The mode of a folder of mkdtemp(3) is 0700. @throws UserError */
export function makePrivateFolder(): string {
  if (folders.size === 0) process.on("exit", removeAll);
  try {
    const folder = mkdtempSync(join(tmpdir(), "sqlock-integrity-"));
    folders.add(folder);
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError("cannot-write", `no folder for a private copy can be made in ${tmpdir()} (${code})`, "set TMPDIR to a folder that you may write to");
  }
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
