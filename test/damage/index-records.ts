/**
 * The entries of index b-trees and of the leaves of tables, read and rewritten without SQLite. Format:
 * fileformat2.html, "B-tree Pages" and "Cell Payload Overflow Pages".
 */
import { readVarint, varint } from "./record.ts";

export interface DatabaseBytes {
  readonly bytes: Buffer;
  readonly pageSize: number;
  /** Bytes at the end of each page that SQLite leaves alone. */
  readonly reserved: number;
}

/** One entry of an index, or one row of a table. */
export interface Cell {
  /** Of an interior page: the page of the entries before it. */
  readonly child: number | null;
  /** Of a row of a table: its varint. */
  readonly rowid: Buffer | null;
  /** All of it, also what lies on overflow pages. */
  readonly payload: Buffer;
  readonly overflow: readonly number[];
}

export interface TreePage {
  readonly type: number;
  readonly cells: readonly Cell[];
  /** 0 on a leaf. */
  readonly rightChild: number;
}

/** Where a cell is. */
export interface Position {
  readonly page: number;
  readonly slot: number;
}

export interface Entry extends Position {
  readonly cell: Cell;
}

export const INDEX_INTERIOR = 2;
export const INDEX_LEAF = 10;
export const TABLE_LEAF = 13;
const TABLE_INTERIOR = 5;

function startOf({ pageSize }: DatabaseBytes, page: number): number {
  return (page - 1) * pageSize;
}

function exists(file: DatabaseBytes, page: number): boolean {
  return page > 1 && startOf(file, page + 1) <= file.bytes.length;
}

/** Bytes of a payload that lie in its cell. */
function localBytes({ pageSize, reserved }: DatabaseBytes, type: number, length: number): number {
  const usable = pageSize - reserved;
  const most = type === TABLE_LEAF ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const some = least + ((length - least) % (usable - 4));
  return some <= most ? some : least;
}

function headerBytes(type: number): number {
  return type === INDEX_INTERIOR || type === TABLE_INTERIOR ? 12 : 8;
}

/** Null where it is no page of an index and no leaf of a table, or damaged. Never page 1. */
export function readPage(file: DatabaseBytes, page: number): TreePage | null {
  if (!exists(file, page)) return null;
  const bytes = file.bytes.subarray(startOf(file, page), startOf(file, page + 1));
  const type = bytes[0] ?? 0;
  if (![INDEX_INTERIOR, INDEX_LEAF, TABLE_LEAF].includes(type)) return null;
  const count = bytes.readUInt16BE(3);
  const pointers = headerBytes(type);
  if (pointers + 2 * count > bytes.length) return null;
  const cells: Cell[] = [];
  for (let slot = 0; slot < count; slot++) {
    const cell = readCell(file, bytes, type, bytes.readUInt16BE(pointers + 2 * slot));
    if (cell === null) return null;
    cells.push(cell);
  }
  return { type, cells, rightChild: type === INDEX_INTERIOR ? bytes.readUInt32BE(8) : 0 };
}

function readCell(file: DatabaseBytes, page: Buffer, type: number, offset: number): Cell | null {
  if (offset + 4 > page.length) return null;
  const child = type === INDEX_INTERIOR ? page.readUInt32BE(offset) : null;
  const length = readVarint(page, child === null ? offset : offset + 4);
  if (length === null || length.value > file.bytes.length) return null;
  const from = type === TABLE_LEAF ? endOfVarint(page, length.end) : length.end;
  const rowid = type === TABLE_LEAF ? Buffer.from(page.subarray(length.end, from)) : null;
  const local = localBytes(file, type, length.value);
  const pieces = [page.subarray(from, from + local)];
  const overflow: number[] = [];
  const usable = file.pageSize - file.reserved;
  let left = length.value - local;
  if (from + local + (left > 0 ? 4 : 0) > usable) return null;
  for (let next = left > 0 ? page.readUInt32BE(from + local) : 0; left > 0; ) {
    if (!exists(file, next)) return null;
    overflow.push(next);
    const content = startOf(file, next) + 4;
    pieces.push(file.bytes.subarray(content, content + Math.min(left, usable - 4)));
    left -= usable - 4;
    next = file.bytes.readUInt32BE(startOf(file, next));
  }
  return { child, rowid, payload: Buffer.concat(pieces), overflow };
}

/** One of any length: nine bytes for a negative number. */
function endOfVarint(bytes: Buffer, offset: number): number {
  let end = offset;
  while (end < offset + 8 && (bytes[end] ?? 0) >= 0x80) end++;
  return end + 1;
}

/** @returns the cell as it lies on its page, and what goes to its overflow pages; null where they do not suffice. */
function layOut(file: DatabaseBytes, type: number, cell: Cell): { here: Buffer; beyond: Buffer } | null {
  const local = localBytes(file, type, cell.payload.length);
  const beyond = cell.payload.subarray(local);
  const perPage = file.pageSize - file.reserved - 4;
  if (Math.ceil(beyond.length / perPage) !== cell.overflow.length) return null;
  const child = Buffer.alloc(cell.child === null ? 0 : 4);
  if (cell.child !== null) child.writeUInt32BE(cell.child);
  const first = Buffer.alloc(cell.overflow[0] === undefined ? 0 : 4);
  if (cell.overflow[0] !== undefined) first.writeUInt32BE(cell.overflow[0]);
  const rowid = cell.rowid ?? Buffer.alloc(0);
  const here = Buffer.concat([child, varint(cell.payload.length), rowid, cell.payload.subarray(0, local), first]);
  // A freed cell must have room for a free block: SQLite never makes a smaller one.
  return { here: here.length < 4 ? Buffer.concat([here, Buffer.alloc(4 - here.length)]) : here, beyond };
}

/**
 * Lays the page out anew, without free blocks. Chains of overflow pages keep their pages.
 *
 * @returns false, with nothing changed, where it does not fit.
 */
export function writePage(file: DatabaseBytes, page: number, { type, cells, rightChild }: TreePage): boolean {
  const laidOut: { readonly here: Buffer; readonly beyond: Buffer }[] = [];
  for (const cell of cells) {
    const one = layOut(file, type, cell);
    if (one === null) return false;
    laidOut.push(one);
  }
  const pointers = headerBytes(type);
  const usable = file.pageSize - file.reserved;
  const total = laidOut.reduce((sum, { here }) => sum + here.length, 0);
  if (pointers + 2 * cells.length + total > usable) return false;
  const bytes = file.bytes.subarray(startOf(file, page), startOf(file, page) + usable);
  bytes.fill(0);
  bytes[0] = type;
  bytes.writeUInt16BE(cells.length, 3);
  bytes.writeUInt16BE((usable - total) % 65536, 5);
  if (type === INDEX_INTERIOR) bytes.writeUInt32BE(rightChild, 8);
  let at = usable;
  for (const [slot, { here, beyond }] of laidOut.entries()) {
    at -= here.length;
    here.copy(bytes, at);
    bytes.writeUInt16BE(at, pointers + 2 * slot);
    for (const [i, overflow] of (cells[slot]?.overflow ?? []).entries())
      beyond.subarray(i * (usable - 4), (i + 1) * (usable - 4)).copy(file.bytes, startOf(file, overflow) + 4);
  }
  return true;
}

/** The cells of an index in the order of its b-tree; of a table its rows. What is damaged is left out. */
export function entriesOf(file: DatabaseBytes, root: number): Entry[] {
  const entries: Entry[] = [];
  const seen = new Set<number>();
  const walk = (page: number): void => {
    if (seen.has(page) || !exists(file, page)) return;
    seen.add(page);
    if (file.bytes[startOf(file, page)] === TABLE_INTERIOR) for (const child of childrenOf(file, page)) walk(child);
    const { cells = [], rightChild = 0, type = 0 } = readPage(file, page) ?? {};
    for (const [slot, cell] of cells.entries()) {
      if (cell.child !== null) walk(cell.child);
      entries.push({ page, slot, cell });
    }
    if (type === INDEX_INTERIOR) walk(rightChild);
  };
  walk(root);
  return entries;
}

/** Of an interior page of a table, whose cells hold no payload. */
function childrenOf(file: DatabaseBytes, page: number): number[] {
  const bytes = file.bytes.subarray(startOf(file, page), startOf(file, page + 1));
  const count = Math.min(bytes.readUInt16BE(3), (bytes.length - 12) / 2);
  const children = Array.from({ length: count }, (_, slot) => {
    const offset = bytes.readUInt16BE(12 + 2 * slot);
    return offset + 4 <= bytes.length ? bytes.readUInt32BE(offset) : 0;
  });
  return [...children, bytes.readUInt32BE(8)];
}

export function cellAt(file: DatabaseBytes, { page, slot }: Position): Cell | null {
  return readPage(file, page)?.cells[slot] ?? null;
}

/** @returns false, with nothing changed, where it does not fit. */
export function putCell(file: DatabaseBytes, { page, slot }: Position, cell: Cell): boolean {
  const old = readPage(file, page);
  if (old?.cells[slot] === undefined) return false;
  return writePage(file, page, { ...old, cells: old.cells.with(slot, cell) });
}
