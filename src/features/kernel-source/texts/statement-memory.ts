/**
 * The text of a statement, read from the memory of its process: the kernel copies only its first bytes. The program is
 * not stopped and does not notice. Source: proc_pid_mem(5); struct Vdbe of SQLite begins with its connection.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { valueOr } from "../../../proc/read.ts";
import { readStat } from "../../../proc/stat.ts";
import { keyOf64 } from "../../../recording/source-event.ts";

export interface StatementPlace {
  /** sqlite3_stmt* and sqlite3*, as the keys of the events: they are the addresses, below 2^53. */
  readonly statement: number;
  readonly connection: number;
  /** Of the pointer to the text, in the statement. */
  readonly sqlOffset: number;
}

/** The whole text, or its beginning where `bytes` is only a lower bound. */
export interface ReadText {
  /** Its first bytes. */
  readonly start: Buffer;
  /** Its length; `atLeast`: no end was found. */
  readonly bytes: number;
  readonly atLeast: boolean;
}

/** So much of a text is kept: what is shown is made of it. */
const KEPT_BYTES = 32 * 1024;

/** So far its end is looked for: SQLite's own limit, which a program may raise. Source: SQLITE_MAX_SQL_LENGTH */
export const MAX_BYTES = 1_000_000;

const PAGE = 4096;
const PIECE = 64 * 1024;

/** User space ends there, but on machines that were asked for more. */
const MAX_ADDRESS = 2 ** 47;

/** What reads from an address: the number of bytes that it could read. */
export type ReadMemory = (into: Buffer, length: number, address: number) => number;

/** Null: there is no such statement, or another text than the one that begins so. */
export function readStatement(read: ReadMemory, place: StatementPlace, start: Buffer): ReadText | null {
  const address = textAddress(read, place);
  if (address === null) return null;
  const kept: Buffer[] = [];
  let bytes = 0;
  let end = -1;
  while (end < 0 && bytes < MAX_BYTES) {
    const at = address + bytes;
    const wanted = bytes === 0 ? PAGE - (at % PAGE) : Math.min(PIECE - (at % PAGE), MAX_BYTES - bytes);
    const got = read(piece, wanted, at);
    if (got === 0) return null; // no text ends so
    end = piece.subarray(0, got).indexOf(0);
    const length = end < 0 ? got : end;
    if (bytes < KEPT_BYTES) kept.push(Buffer.from(piece.subarray(0, Math.min(length, KEPT_BYTES - bytes))));
    bytes += length;
  }
  const text = Buffer.concat(kept);
  if (text.length < start.length || text.compare(start, 0, start.length, 0, start.length) !== 0) return null;
  return textAddress(read, place) === address ? { start: text, bytes, atLeast: end < 0 } : null;
}

const piece = Buffer.alloc(PIECE);
const word = Buffer.alloc(8);

function textAddress(read: ReadMemory, { statement, connection, sqlOffset }: StatementPlace): number | null {
  if (wordAt(read, statement) !== connection) return null;
  const address = wordAt(read, statement + sqlOffset);
  return address === null || address === 0 ? null : address;
}

function wordAt(read: ReadMemory, address: number): number | null {
  if (address >= MAX_ADDRESS || read(word, 8, address) !== 8) return null;
  const value = keyOf64(word.readUInt32LE(0), word.readUInt32LE(4));
  return value < MAX_ADDRESS ? value : null;
}

/**
 * The memory of a process, by one of its threads. `startTicks`: which process it is, read while its memory is held.
 * Null: it has ended, or may not be read.
 */
export function withMemory<T>(pid: number, use: (read: ReadMemory, startTicks: bigint) => T): T | null {
  let fd: number;
  try {
    fd = openSync(`/proc/${pid}/mem`, "r");
  } catch {
    return null;
  }
  try {
    const startTicks = valueOr(readStat(`/proc/${pid}`), null)?.startTicks;
    if (startTicks === undefined) return null;
    const read: ReadMemory = (into, length, address) => {
      try {
        return readSync(fd, into, 0, length, address);
      } catch {
        return 0; // nothing is mapped there
      }
    };
    return use(read, startTicks);
  } finally {
    closeSync(fd);
  }
}
