/**
 * The state of a database that a connection reads, as its files have it: for reading its pages without SQLite, through
 * SQLite's own descriptors (the close trap).
 */
import { readSync } from "node:fs";
import { endianness } from "node:os";
import type Database from "better-sqlite3";
import { readFrom } from "../../../../observe/open-file.ts";
import { failure } from "../../../../proc/read.ts";
import { statOf } from "../../../../safe-open/worker/stat.ts";
import { HEADER_BYTES } from "../../../../sqlite/header.ts";
import { FRAME_HEADER_BYTES, WAL_HEADER_BYTES } from "../../../../sqlite/wal.ts";
import { parseWalIndex, WAL_INDEX_BYTES, type WalIndex } from "../../../../sqlite/wal-index.ts";
import { openFiles } from "../../../../worker/descriptors.ts";
import { codeOf } from "../../../../worker/sqlite-error.ts";

/** Equal for two connections that read the same state, while one of them keeps it. */
export type State =
  /** The file as it is, under SQLite's read lock. */
  | { readonly kind: "file" }
  /** The first frames of the -wal, up to a commit; those of an earlier file or of a later commit do not count. */
  | {
      readonly kind: "wal";
      readonly salt: readonly [number, number];
      readonly frames: number;
      readonly copiedBack: boolean;
    };

/** What a connection reads from now on. `state` is null where that cannot be told. */
export interface Content {
  readonly state: State | null;
  readonly pageBytes: number;
  /** Of a page, without its reserved bytes. */
  readonly usableBytes: number;
  readonly pages: number;
  /** Reads a page, by its number from 1, into a buffer of `pageBytes`. False: there is no such page. */
  readonly readPage: (page: number, into: Buffer) => boolean;
}

/** Begins the read transaction anew as often, until no other program has committed meanwhile. */
const MAX_BEGINS = 100;

const RESERVED_BYTES_AT = 20;

/**
 * `path`: of the database that SQLite has open. The connection is in a read transaction, in which it has read nothing
 * that counts. Null: it is too damaged, or its files are not those of that path.
 */
export function contentOf(db: Database.Database, path: string): Content | null {
  try {
    return readContent(db, path);
  } catch (error) {
    if (codeOf(error) === "") throw error;
    if (!db.inTransaction) db.exec("BEGIN");
    return null;
  }
}

function readContent(db: Database.Database, path: string): Content | null {
  const database = descriptorOf(path);
  const pageBytes = Number(db.pragma("page_size", { simple: true }));
  if (database === null) return null;
  const state =
    db.pragma("journal_mode", { simple: true }) === "wal" ? walState(db, path) : ({ kind: "file" } as const);
  const frames = state?.kind === "wal" && !state.copiedBack ? framesOf(path, state.frames, pageBytes) : new Map();
  const wal = frames === null || frames.size === 0 ? null : descriptorOf(`${path}-wal`);
  const pages = Number(db.pragma("page_count", { simple: true }));
  const readPage = (page: number, into: Buffer): boolean => {
    if (page < 1 || page > pages) return false;
    const frame = frames?.get(page);
    if (frame === undefined) return fills(database, into, (page - 1) * pageBytes);
    const at = WAL_HEADER_BYTES + (frame - 1) * (FRAME_HEADER_BYTES + pageBytes) + FRAME_HEADER_BYTES;
    return wal !== null && fills(wal, into, at);
  };
  const first = Buffer.alloc(pageBytes);
  const readable = frames !== null && pageBytes >= HEADER_BYTES && readPage(1, first);
  const usableBytes = pageBytes - (first[RESERVED_BYTES_AT] ?? 0);
  return { state: readable ? state : null, pageBytes, usableBytes, pages, readPage };
}

function fills(fd: number, into: Buffer, at: number): boolean {
  try {
    return readSync(fd, into, 0, into.length, at) === into.length;
  } catch (error) {
    failure(error);
    return false;
  }
}

/**
 * Which frames the connection reads. A commit between the two readings of the wal-index would leave that open: then the
 * transaction begins anew. Where all frames were in the database already, the file alone is read (`wal.c`,
 * walTryBeginRead): a -wal that is written anew then does not matter. Else this reader's mark keeps both files.
 */
function walState(db: Database.Database, path: string): State | null {
  const index = descriptorOf(`${path}-shm`);
  if (index === null) return null;
  for (let begins = 0; begins < MAX_BEGINS; begins++) {
    const before = indexOf(index);
    db.exec("COMMIT; BEGIN");
    db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
    const after = indexOf(index);
    if (before.kind !== "ok" || after.kind !== "ok") continue;
    const same =
      before.changeCounter === after.changeCounter &&
      before.mxFrame === after.mxFrame &&
      before.nBackfill === after.nBackfill &&
      before.salt.every((part, i) => part === after.salt[i]);
    if (same)
      return { kind: "wal", salt: after.salt, frames: after.mxFrame, copiedBack: after.nBackfill === after.mxFrame };
  }
  return null;
}

function indexOf(fd: number): WalIndex {
  return parseWalIndex(readFrom(fd, 0, WAL_INDEX_BYTES), endianness() === "LE");
}

/** By page: the last of the first `count` frames that has it. Null where the -wal is shorter. */
function framesOf(path: string, count: number, pageBytes: number): ReadonlyMap<number, number> | null {
  const frames = new Map<number, number>();
  const fd = descriptorOf(`${path}-wal`);
  if (fd === null) return count === 0 ? frames : null;
  const number = Buffer.alloc(4);
  for (let frame = 1; frame <= count; frame++) {
    if (!fills(fd, number, WAL_HEADER_BYTES + (frame - 1) * (FRAME_HEADER_BYTES + pageBytes))) return null;
    frames.set(number.readUInt32BE(0), frame);
  }
  return frames;
}

/** Null: SQLite has no such file open. */
function descriptorOf(path: string): number | null {
  const stats = statOf(path);
  if (stats === null) return null;
  return openFiles().find(({ dev, ino }) => dev === stats.dev && ino === stats.ino)?.fd ?? null;
}
