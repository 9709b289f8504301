/**
 * Where functions begin, by their names. Pure. First the names are searched for in the table of strings, then the
 * places where they stand in the table of symbols: a table of 30 MB costs its reading, and is never in memory.
 *
 * Source: elf(5), Elf64_Sym.
 */
import { ElfError } from "./elf-error.ts";
import { codeOffset, type Elf, type Section, SHT_DYNSYM, SHT_STRTAB, SHT_SYMTAB } from "./header.ts";
import { PIECE_BYTES, placeAt, type Source } from "./source.ts";

export interface FunctionSymbol {
  /** Of its code in the file. */
  readonly offset: number;
  /** Of its code, in bytes; 0 where the table does not tell. */
  readonly size: number;
}

const SYMBOL_BYTES = 24;

const STT_FUNC = 2;
const SHN_UNDEF = 0;

/** Places in a table of strings where a wanted name may begin: a program that is full of such names has 5,000. */
const MAX_HITS = 500_000;

/** Symbols of wanted names: each stands in one or both of the tables. */
const MAX_SYMBOLS = 1000;

/**
 * The functions of these names, each at every place in the file where one begins; a name that has none is left out.
 * Not those that the file only asks for, and not those that are chosen at the start of the program (IFUNC).
 *
 * `prefix`: all names begin with it. @throws ElfError
 */
export async function findFunctions(
  source: Source,
  elf: Elf,
  prefix: string,
  names: ReadonlySet<string>,
): Promise<Map<string, readonly FunctionSymbol[]>> {
  const found = new Map<string, FunctionSymbol[]>();
  const budget = { hits: MAX_HITS, symbols: MAX_SYMBOLS };
  for (const type of [SHT_DYNSYM, SHT_SYMTAB]) {
    const tables = [...elf.sections.values()].filter((section) => section.type === type);
    if (tables.length > 1) throw new ElfError("malformed");
    for (const table of tables) {
      const strings = elf.sections.get(table.link);
      if (table.entrySize !== SYMBOL_BYTES || strings?.type !== SHT_STRTAB) throw new ElfError("malformed");
      const places = await placesOf(source, strings, prefix, names, budget);
      if (places.size > 0) await collect(source, elf, table, places, found, budget);
    }
  }
  return found;
}

interface Budget {
  hits: number;
  symbols: number;
}

/**
 * Where wanted names stand in a table of strings. Also at the end of longer ones: linkers store `step` in `one_step`.
 */
async function placesOf(
  source: Source,
  { offset, size }: Section,
  prefix: string,
  names: ReadonlySet<string>,
  budget: Budget,
): Promise<Map<number, string>> {
  const longest = Math.max(0, ...Array.from(names, (name) => name.length));
  const places = new Map<number, string>();
  source.expect(size);
  // what begins near the end of a piece is looked at in the next one
  const step = PIECE_BYTES - longest - 1;
  for (let start = 0; start < size; start += step) {
    const piece = await source.exactly(offset + start, Math.min(PIECE_BYTES, size - start));
    for (let at = piece.indexOf(prefix, 0, "latin1"); at !== -1 && at < step; ) {
      if (budget.hits-- === 0) throw new ElfError("too-big");
      const end = piece.subarray(at, at + longest + 1).indexOf(0);
      const name = end === -1 ? null : piece.toString("latin1", at, at + end);
      if (name !== null && names.has(name)) places.set(start + at, name);
      if (places.size > MAX_SYMBOLS) throw new ElfError("too-big");
      at = piece.indexOf(prefix, at + 1, "latin1");
    }
  }
  return places;
}

async function collect(
  source: Source,
  elf: Elf,
  table: Section,
  places: ReadonlyMap<number, string>,
  found: Map<string, FunctionSymbol[]>,
  budget: Budget,
): Promise<void> {
  const step = PIECE_BYTES - (PIECE_BYTES % SYMBOL_BYTES);
  const size = table.size - (table.size % SYMBOL_BYTES);
  source.expect(size);
  for (let start = 0; start < size; start += step) {
    const piece = await source.exactly(table.offset + start, Math.min(step, size - start));
    for (let at = 0; at < piece.length; at += SYMBOL_BYTES) {
      const name = places.get(piece.readUInt32LE(at));
      if (name === undefined || (piece.readUInt8(at + 4) & 15) !== STT_FUNC) continue;
      if (piece.readUInt16LE(at + 6) === SHN_UNDEF) continue;
      if (budget.symbols-- === 0) throw new ElfError("too-big");
      const code = codeOffset(elf, placeAt(piece, at + 8));
      const here = found.get(name) ?? [];
      if (code === null || here.some(({ offset }) => offset === code)) continue;
      here.push({ offset: code, size: placeAt(piece, at + 16) });
      found.set(name, here);
    }
  }
}
