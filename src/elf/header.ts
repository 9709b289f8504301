/** The header of an ELF file, its segments and its sections. Pure. Source: elf(5), 64 bits, little-endian. */
import { ElfError } from "./elf-error.ts";
import { placeAt, type Source } from "./source.ts";

export interface Segment {
  readonly type: number;
  readonly executable: boolean;
  readonly writable: boolean;
  readonly offset: number;
  readonly address: number;
  /** Of its bytes in the file. */
  readonly size: number;
  readonly alignment: number;
}

export interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** Of another section: of the names, for a table of symbols. */
  readonly link: number;
  readonly entrySize: number;
}

export interface Elf {
  /** E_machine: {@link X86_64}, … */
  readonly machine: number;
  readonly segments: readonly Segment[];
  /** Without those that no code of this folder asks for. Empty where they were stripped. */
  readonly sections: ReadonlyMap<number, Section>;
}

export const X86_64 = 62;

export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_NOTE = 4;

export const SHT_SYMTAB = 2;
export const SHT_STRTAB = 3;
export const SHT_DYNSYM = 11;

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const SECTION_BYTES = 64;

/** Programs have 8 to 16 segments, and 30 to 50 sections. */
const MAX_SEGMENTS = 256;
const MAX_SECTIONS = 4096;

/** @throws ElfError */
export async function readElf(source: Source): Promise<Elf> {
  const header = await source.upTo(0, HEADER_BYTES);
  if (header.length < 4 || header.readUInt32BE(0) !== 0x7f454c46) throw new ElfError("not-elf");
  if (header.length < HEADER_BYTES) throw new ElfError("cut-short");
  if (header[4] !== 2) throw new ElfError("other-class");
  if (header[5] !== 1) throw new ElfError("other-byte-order");
  return {
    machine: header.readUInt16LE(18),
    segments: await readSegments(source, header),
    sections: await readSections(source, header),
  };
}

async function readSegments(source: Source, header: Buffer): Promise<Segment[]> {
  const count = header.readUInt16LE(56);
  if (count > MAX_SEGMENTS) throw new ElfError("too-big");
  if (count > 0 && header.readUInt16LE(54) !== SEGMENT_BYTES) throw new ElfError("malformed");
  const table = await source.exactly(placeAt(header, 32), count * SEGMENT_BYTES);
  const segments: Segment[] = [];
  for (let at = 0; at < table.length; at += SEGMENT_BYTES) {
    const type = table.readUInt32LE(at);
    if (type !== PT_LOAD && type !== PT_NOTE && type !== PT_DYNAMIC) continue;
    const flags = table.readUInt32LE(at + 4);
    segments.push({
      type,
      executable: (flags & 1) !== 0,
      writable: (flags & 2) !== 0,
      offset: placeAt(table, at + 8),
      address: placeAt(table, at + 16),
      size: placeAt(table, at + 32),
      alignment: placeAt(table, at + 48),
    });
  }
  return segments;
}

async function readSections(source: Source, header: Buffer): Promise<Map<number, Section>> {
  const sections = new Map<number, Section>();
  const offset = placeAt(header, 40);
  if (offset === 0) return sections;
  if (header.readUInt16LE(58) !== SECTION_BYTES) throw new ElfError("malformed");
  // more than 65,279 of them are counted in the first one
  const count = header.readUInt16LE(60) || placeAt(await source.exactly(offset, SECTION_BYTES), 32);
  if (count > MAX_SECTIONS) throw new ElfError("too-big");
  const table = await source.exactly(offset, count * SECTION_BYTES);
  for (let index = 0; index < count; index++) {
    const at = index * SECTION_BYTES;
    const type = table.readUInt32LE(at + 4);
    if (type !== SHT_SYMTAB && type !== SHT_DYNSYM && type !== SHT_STRTAB) continue;
    sections.set(index, {
      type,
      offset: placeAt(table, at + 24),
      size: placeAt(table, at + 32),
      link: table.readUInt32LE(at + 40),
      entrySize: placeAt(table, at + 56),
    });
  }
  return sections;
}

/**
 * Where in the file the code of an address is; null: in no executable segment, or, as no linker leaves it, in two at
 * different places.
 */
export function codeOffset({ segments }: Pick<Elf, "segments">, address: number): number | null {
  let found: number | null = null;
  for (const segment of segments) {
    if (segment.type !== PT_LOAD || !segment.executable) continue;
    const within = address - segment.address;
    if (within < 0 || within >= segment.size) continue;
    const offset = segment.offset + within;
    if (!Number.isSafeInteger(offset) || (found !== null && found !== offset)) return null;
    found = offset;
  }
  return found;
}
