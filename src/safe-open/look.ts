/** A look at a database before it is opened: the report of who-holds, and its first bytes. */
import { closeSync, fstatSync, lstatSync, type Stats, statSync } from "node:fs";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../inspect/inspect.ts";
import { unfinishedUnder } from "../model/other-names.ts";
import { type DatabaseReport, isPathError, type PathError } from "../model/report.ts";
import { openFile, readFrom } from "../observe/open-file.ts";
import { failure, type Reading, type Trouble } from "../proc/read.ts";
import { HEADER_BYTES, hasDatabaseMagic } from "../sqlite/header.ts";
import { FILES_WITH_PAGES } from "../sqlite/roles.ts";
import { hasEncryptedRest } from "./header.ts";

/** How often the start of a file that grows is read. */
const MAX_READS = 10;

export interface DatabaseLook {
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
  /** Not every process could be inspected: "no process" means "no visible process". */
  readonly partialView: boolean;
}

/** Why a path leads to no database that could be opened. */
export type LookFailure =
  | { readonly kind: "path-error"; readonly path: string; readonly error: PathError["error"] }
  | { readonly kind: "folder"; readonly path: string }
  /** The file is deleted, and a process still has it open. */
  | { readonly kind: "deleted"; readonly path: string }
  /** SQLite would try to open it as a companion file, and wait for a pipe. */
  | { readonly kind: "odd-companion"; readonly path: string; readonly companion: string; readonly type: FileType }
  /** `other`: a name of the same file beside which a transaction waits to be undone. */
  | { readonly kind: "unfinished-elsewhere"; readonly path: string; readonly other: string }
  | { readonly kind: "denied"; readonly path: string; readonly trouble?: Trouble };

export type FileType = "link" | "folder" | "pipe" | "other";

export function isLookFailure(look: DatabaseLook | LookFailure): look is LookFailure {
  return "kind" in look;
}

export async function look(givenAs: string): Promise<DatabaseLook | LookFailure> {
  return lookIn(givenAs, await reportOf(givenAs));
}

interface PathReport {
  readonly database: DatabaseReport | PathError;
  readonly partialView: boolean;
}

/** What the report of who-holds leaves out is read now. */
export function lookIn(givenAs: string, { database: first, partialView }: PathReport): DatabaseLook | LookFailure {
  if (isPathError(first)) {
    return first.error.code === "no-databases-in-folder"
      ? { kind: "folder", path: givenAs }
      : { kind: "path-error", path: givenAs, error: first.error };
  }
  const { path } = first;
  if (path !== givenAs && isFolder(givenAs)) return { kind: "folder", path: givenAs };
  if (first.sizeBytes === null) return { kind: "deleted", path };
  const odd = first.descriptor === undefined ? oddCompanion(path) : null;
  if (odd !== null) return { kind: "odd-companion", path, ...odd };
  const other = unfinishedUnder(first);
  if (other !== null) return { kind: "unfinished-elsewhere", path, other };
  const start = readStart(first.descriptor ?? path);
  if (start.kind !== "ok") return { ...start, kind: "denied", path };
  const { header, sizeBytes } = start.value;
  const hasHeader = header.length === HEADER_BYTES && hasDatabaseMagic(header) && !hasEncryptedRest(header);
  const restored = header.length > 0 && (mayBeRolledBack(first) || mayHaveFrames(first));
  return { database: { ...first, sizeBytes }, header, hasHeader, isDatabase: hasHeader || restored, partialView };
}

function mayBeRolledBack({ journal }: DatabaseReport): boolean {
  return journal !== null && journal.header === "valid" && journal.hot !== false;
}

function mayHaveFrames({ wal }: DatabaseReport): boolean {
  return wal !== null && (wal.frames > 0 || !wal.complete);
}

export interface FileStart {
  readonly header: Uint8Array;
  readonly sizeBytes: number;
}

/** Of one file, though the path may lead to another one by now: its first bytes, and its size at that moment. */
export function readStart(path: string): Reading<FileStart> {
  const opened = openFile(path, null);
  if (opened.kind !== "ok") return opened;
  const { fd } = opened.value;
  try {
    for (let reads = 1; ; reads++) {
      const before = fstatSync(fd).size;
      const header = readFrom(fd, 0, HEADER_BYTES);
      if (fstatSync(fd).size === before || reads === MAX_READS)
        return { kind: "ok", value: { header, sizeBytes: before } };
    }
  } catch (error) {
    return failure(error);
  } finally {
    closeSync(fd);
  }
}

/** The same database, some time later; as it was before where it can no longer be looked at. */
export async function lookAgain({ database }: DatabaseLook): Promise<DatabaseReport> {
  const { database: later } = await reportOf(database.descriptor ?? database.path);
  return isPathError(later) ? database : later;
}

/** How it is looked at before it is opened. */
export const LOOK_OPTIONS = {
  locksOnly: false,
  staleAfterMs: DEFAULT_STALE_AFTER_MS,
  anyFile: true,
  opens: true,
} as const;

async function reportOf(path: string): Promise<PathReport> {
  const { databases, unseen } = await inspect([path], LOOK_OPTIONS);
  const nothing: PathError = {
    givenAs: path,
    error: { code: "failed", message: `nothing is known about ${path}`, hint: "report it" },
  };
  return { database: databases[0] ?? nothing, partialView: unseen !== null };
}

/** Something that is not a file where SQLite opens a companion file. */
function oddCompanion(path: string): { readonly companion: string; readonly type: FileType } | null {
  for (const { suffix } of FILES_WITH_PAGES) {
    if (suffix === "") continue; // the database itself
    const companion = path + suffix;
    try {
      const stats = lstatSync(companion, { throwIfNoEntry: false }); // SQLite follows no link here
      if (stats !== undefined && !stats.isFile()) return { companion, type: typeOf(stats) };
    } catch {
      // no permission: SQLite reports it
    }
  }
  return null;
}

function typeOf(stats: Stats): FileType {
  if (stats.isSymbolicLink()) return "link";
  return stats.isDirectory() ? "folder" : stats.isFIFO() ? "pipe" : "other";
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false; // a name that is no path
  }
}
