/** A look at a database before it is checked: who-holds', and its first bytes. */
import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { uncheckedEntry } from "../features/integrity/assemble.ts";
import { entryOfDenied, entryOfFolder, entryOfPathError } from "../features/integrity/path-reasons.ts";
import type { DatabaseCheck } from "../features/integrity/report.ts";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../inspect/inspect.ts";
import { type DatabaseReport, isPathError, type PathError } from "../model/report.ts";
import { readFrom } from "../observe/identify.ts";
import { failure } from "../proc/read.ts";
import { HEADER_BYTES, hasDatabaseMagic } from "../sqlite/header.ts";
import { hasEncryptedRest } from "./header.ts";

/** How often the start of a file that grows meanwhile is read. */
const MOST_READS = 10;

export interface Seen {
  readonly database: DatabaseReport;
  /** The first 100 bytes; fewer where there are no more. */
  readonly header: Uint8Array;
  /** Its first bytes are those of a database, whole. */
  readonly hasHeader: boolean;
  /**
   * SQLite is to be asked: it has a header, or a journal or WAL lies beside it that may hold its first page (a commit
   * was cut off while that page was written).
   */
  readonly isDatabase: boolean;
}

/** @returns what was seen, or the entry of a path that leads to nothing to check. */
export async function look(givenAs: string): Promise<Seen | DatabaseCheck> {
  const first = await askWhoHolds(givenAs);
  if (isPathError(first)) return entryOfPathError(first);
  if (first.path !== givenAs && isFolder(givenAs)) return entryOfFolder(givenAs);
  if (first.sizeBytes === null) {
    const reason = `${first.path} was deleted, and somebody still has it open`;
    return uncheckedEntry(first.path, givenAs, "no-such-file", reason, "see who: sqlock who-holds");
  }
  const odd = oddCompanion(first.path);
  if (odd !== null)
    return uncheckedEntry(
      first.path,
      givenAs,
      "not-a-file",
      odd,
      "SQLite cannot open the database so: see what put it there, and move it away",
    );
  const start = startOf(first.path);
  if (start === null) return entryOfDenied(first.path);
  const { header, sizeBytes } = start;
  const hasHeader = header.length === HEADER_BYTES && hasDatabaseMagic(header) && !hasEncryptedRest(header);
  const restored = header.length > 0 && (first.journal?.hot === true || (first.wal?.frames ?? 0) > 0);
  return { database: { ...first, sizeBytes }, header, hasHeader, isDatabase: hasHeader || restored };
}

export interface Start {
  readonly header: Uint8Array;
  readonly sizeBytes: number;
}

/**
 * Of one file, though the path may lead to another one by now: its first bytes, and its size at that moment. Null where
 * it cannot be read.
 */
export function startOf(path: string): Start | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    failure(error);
    return null;
  }
  try {
    for (let tries = 1; ; tries++) {
      const before = fstatSync(fd).size;
      const header = readFrom(fd, 0, HEADER_BYTES);
      if (fstatSync(fd).size === before || tries === MOST_READS) return { header, sizeBytes: before };
    }
  } finally {
    closeSync(fd);
  }
}

/** The same database, some time later; as it was before where it can no longer be looked at. */
export async function lookAgain({ database }: Seen): Promise<DatabaseReport> {
  const later = await askWhoHolds(database.path);
  return isPathError(later) ? database : later;
}

async function askWhoHolds(path: string): Promise<DatabaseReport | PathError> {
  const { databases } = await inspect([path], {
    locksOnly: false,
    staleAfterMs: DEFAULT_STALE_AFTER_MS,
    anyFile: true,
  });
  return (
    databases[0] ?? {
      givenAs: path,
      error: { code: "failed", message: `nothing is known of ${path}`, hint: "report it" },
    }
  );
}

/** A -wal or -journal that is no file, which SQLite would try to open, and wait for where it is a pipe. */
function oddCompanion(path: string): string | null {
  for (const companion of [`${path}-wal`, `${path}-journal`]) {
    try {
      const stats = statSync(companion, { throwIfNoEntry: false });
      if (stats !== undefined && !stats.isFile())
        return (
          `${companion} is ` + (stats.isDirectory() ? "a folder" : stats.isFIFO() ? "a named pipe" : "no regular file")
        );
    } catch {
      // closed to us: SQLite says so itself
    }
  }
  return null;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false; // a name that is no path
  }
}
