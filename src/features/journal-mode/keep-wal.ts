/** Keeps the bytes of a -wal that SQLite has deleted, and that this process still has open, under another name. */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { readFrom } from "../../observe/open-file.ts";

/** How many names are tried for a -wal that is kept. */
const MAX_KEPT = 10;

const COPY_BYTES = 2 ** 20;

/** `end`: of the frames that count; what follows may be a hole of any size. @returns its name; null: it failed */
export function keepWal(wal: number, end: number, database: string): string | null {
  for (let i = 1; i <= MAX_KEPT; i++) {
    const kept = `${database}-wal.kept${i === 1 ? "" : `-${i}`}`;
    const outcome = keepAs(wal, end, kept);
    if (outcome === "kept") return kept;
    if (outcome === "failed") return null;
  }
  return null;
}

function keepAs(wal: number, end: number, path: string): "kept" | "exists" | "failed" {
  let copy: number;
  try {
    copy = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    return codeOf(error) === "EEXIST" ? "exists" : "failed";
  }
  try {
    copyBytes(wal, end, copy);
    return "kept";
  } catch (error) {
    codeOf(error);
    return "failed"; // what there was room for stays
  } finally {
    closeSync(copy);
  }
}

function copyBytes(wal: number, end: number, copy: number): void {
  for (let at = 0; at < end; at += COPY_BYTES) {
    const bytes = readFrom(wal, at, Math.min(COPY_BYTES, end - at));
    for (let done = 0; done < bytes.length; ) done += writeSync(copy, bytes, done, bytes.length - done, at + done);
  }
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return code;
}
