/**
 * Finds a table of pointers to functions in the data of a program: as words of the file, or as those that the loader
 * writes there first (R_X86_64_RELATIVE). Pure. Source: elf(5); System V ABI, AMD64 supplement, relocation.
 */
import { ElfError } from "./elf-error.ts";
import { codeOffset, type Elf, PT_DYNAMIC, PT_LOAD, type Segment } from "./header.ts";
import { PIECE_BYTES, placeAt, type Source } from "./source.ts";

/** Offsets in the file of the code that a word of the table points to; null: it points to none. */
export type Table = (index: number) => number | null;

const WORD = 8;

/** Tables that look like the wanted one: a program of 10 MB has hundreds. */
const MAX_TABLES = 5000;

/**
 * Tables of `length` words whose words `among` all point to code, to different places. At most 5,000: further ones are
 * not looked for. @throws ElfError
 */
export async function findTables(source: Source, elf: Elf, length: number, among: readonly number[]): Promise<Table[]> {
  const tables: Table[] = [];
  const take = (table: Table): void => {
    const places = new Set(among.map(table));
    if (!places.has(null) && places.size === among.length && tables.length < MAX_TABLES) tables.push(table);
  };
  const [first = 0] = among;
  for (const segment of elf.segments) {
    if (segment.type === PT_LOAD && !segment.executable) await inWords(source, elf, segment, length, first, take);
  }
  await inRelocations(source, elf, first, take);
  return tables;
}

async function inWords(
  source: Source,
  elf: Elf,
  { offset, size }: Segment,
  length: number,
  first: number,
  take: (table: Table) => void,
): Promise<void> {
  source.expect(size);
  const step = PIECE_BYTES - length * WORD;
  const aligned = (WORD - (offset % WORD)) % WORD;
  for (let start = aligned; start < size; start += step) {
    const piece = await source.upTo(offset + start, Math.min(PIECE_BYTES, size - start));
    if (piece.length === 0) return;
    const word = (at: number): number | null => {
      if (at + WORD > piece.length || piece.readUInt32LE(at + 4) > 0xffff) return null;
      return codeOffset(elf, placeAt(piece, at));
    };
    for (let at = 0; at < step && at + length * WORD <= piece.length; at += WORD) {
      if (word(at + first * WORD) !== null) take((index) => word(at + index * WORD));
    }
  }
}

const DT_RELA = 7;
const DT_RELASZ = 8;
const DYNAMIC_BYTES = 16;

const RELOCATION_BYTES = 24;
const R_X86_64_RELATIVE = 8;

/** A library of 10 MB has 26,000. */
const MAX_RELOCATIONS = 400_000;

async function inRelocations(source: Source, elf: Elf, first: number, take: (table: Table) => void): Promise<void> {
  const relocations = await readRelocations(source, elf);
  if (relocations === null) return;
  const { addresses, targets, count } = relocations;
  const word = (address: number): number | null => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((addresses[middle] ?? 0) < address) low = middle + 1;
      else high = middle;
    }
    return addresses[low] === address ? codeOffset(elf, targets[low] ?? 0) : null;
  };
  for (let at = 0; at < count; at++) {
    const base = (addresses[at] ?? 0) - first * WORD;
    if (codeOffset(elf, targets[at] ?? 0) !== null) take((index) => word(base + index * WORD));
  }
}

/** Linkers sort them by their addresses; null where they are not sorted, or there are none. */
async function readRelocations(source: Source, elf: Elf) {
  const [address, size] = [await dynamicValue(source, elf, DT_RELA), await dynamicValue(source, elf, DT_RELASZ)];
  const place = address === null ? null : dataOffset(elf, address);
  if (place === null || size === null) return null;
  if (size > MAX_RELOCATIONS * RELOCATION_BYTES) throw new ElfError("too-big");
  const addresses = new Float64Array(Math.floor(size / RELOCATION_BYTES));
  const targets = new Float64Array(addresses.length);
  let count = 0;
  const step = PIECE_BYTES - (PIECE_BYTES % RELOCATION_BYTES);
  for (let start = 0; start < addresses.length * RELOCATION_BYTES; start += step) {
    const left = addresses.length * RELOCATION_BYTES - start;
    const piece = await source.exactly(place + start, Math.min(step, left));
    for (let at = 0; at < piece.length; at += RELOCATION_BYTES) {
      // a place before the start of the program is written as a negative number
      if (piece.readUInt32LE(at + 8) !== R_X86_64_RELATIVE || piece.readUInt32LE(at + 20) > 0xffff) continue;
      addresses[count] = placeAt(piece, at);
      targets[count] = placeAt(piece, at + 16);
      if (count > 0 && (addresses[count - 1] ?? 0) >= (addresses[count] ?? 0)) return null;
      count++;
    }
  }
  return { addresses, targets, count };
}

async function dynamicValue(source: Source, elf: Elf, tag: number): Promise<number | null> {
  const segment = elf.segments.find(({ type }) => type === PT_DYNAMIC);
  if (segment === undefined) return null;
  const bytes = await source.upTo(segment.offset, Math.min(segment.size, PIECE_BYTES));
  for (let at = 0; at + DYNAMIC_BYTES <= bytes.length; at += DYNAMIC_BYTES) {
    if (bytes.readUInt32LE(at) === tag && bytes.readUInt32LE(at + 4) === 0) return placeAt(bytes, at + 8);
  }
  return null;
}

function dataOffset({ segments }: Elf, address: number): number | null {
  for (const { type, address: start, size, offset } of segments) {
    if (type === PT_LOAD && address >= start && address < start + size) return offset + address - start;
  }
  return null;
}
