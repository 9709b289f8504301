/** A folder, as no program may change it. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Listed {
  readonly name: string;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly mode: bigint;
  readonly nlink: bigint;
  readonly sha256: string | null;
}

/** The folder itself and everything in it that a program could change. */
export function listing(folder: string): Listed[] {
  return [".", ...readdirSync(folder).sort()].map((name) => {
    const stats = statSync(join(folder, name), { bigint: true });
    const { ino, size, mtimeNs, ctimeNs, mode, nlink } = stats;
    const sha256 = stats.isFile()
      ? createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex")
      : null;
    return { name, ino, size, mtimeNs, ctimeNs, mode, nlink, sha256 };
  });
}

/**
 * As the promise has it for a live database: a wal-index may change, and a reader that is root sets the owner of -wal
 * and -journal anew (ctime).
 */
export function asOfLive(files: readonly Listed[]): Partial<Listed>[] {
  return files.map((file) => {
    if (file.name.endsWith("-shm")) return { name: file.name, ino: file.ino, size: file.size, mode: file.mode };
    return /-(wal|journal)$/.test(file.name) ? { ...file, ctimeNs: 0n } : file;
  });
}
