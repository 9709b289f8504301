/** A small ELF file, byte by byte, to be bent by tests. */

export interface TestSymbol {
  readonly name: string;
  readonly address: number;
  readonly size?: number;
  /** Default: a function. */
  readonly type?: number;
  /** Default: 1; 0 is "not here". */
  readonly section?: number;
}

export interface TestElf {
  readonly machine?: number;
  readonly dynamic?: readonly TestSymbol[];
  readonly local?: readonly TestSymbol[];
  /** What stands in the executable segment, which is at CODE_OFFSET in the file and at CODE_ADDRESS in memory. */
  readonly code?: Uint8Array;
  readonly buildId?: string;
  /** The note is that of Go's linker. */
  readonly go?: true;
  /** In the table of strings, before the names. */
  readonly strings?: string;
}

export const CODE_OFFSET = 0x400;
export const CODE_ADDRESS = 0x401400;

const SYMBOL_BYTES = 24;

export function elfFile(given: TestElf): Buffer {
  const { machine = 62, code = Buffer.alloc(64), buildId = "" } = given;
  const [type, owner] = given.go === true ? [4, "Go\0\0"] : [3, "GNU\0"];
  const note = Buffer.concat([words(4, buildId.length / 2, type), Buffer.from(owner), Buffer.from(buildId, "hex")]);
  const parts: Buffer[] = [Buffer.alloc(CODE_OFFSET), Buffer.from(code)];
  const place = (bytes: Buffer): { offset: number; size: number } => {
    const offset = parts.reduce((sum, part) => sum + part.length, 0);
    parts.push(bytes);
    return { offset, size: bytes.length };
  };
  const sections: { type: number; offset: number; size: number; link: number; entry: number }[] = [
    { type: 0, offset: 0, size: 0, link: 0, entry: 0 },
  ];
  for (const [type, list] of [
    [11, given.dynamic],
    [2, given.local],
  ] as const) {
    if (list === undefined) continue;
    const names = Buffer.from(`\0${given.strings ?? ""}${list.map(({ name }) => `${name}\0`).join("")}`, "latin1");
    const table = Buffer.concat(list.map((symbol) => entryOf(symbol, names)));
    sections.push({ type, ...place(table), link: sections.length + 1, entry: SYMBOL_BYTES });
    sections.push({ type: 3, ...place(names), link: 0, entry: 0 });
  }
  const noteAt = place(note);
  const sectionsAt = place(
    Buffer.concat(
      sections.map(({ type, offset, size, link, entry }) =>
        Buffer.concat([words(0, type), longs(0, 0, offset, size), words(link, 0), longs(8, entry)]),
      ),
    ),
  );
  const file = Buffer.concat(parts);
  file.set(Buffer.from("7f454c4602010100", "hex"), 0);
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(machine, 18);
  file.set(longs(64, sectionsAt.offset), 32);
  file.set([64, 0, 56, 0, 3, 0, 64, 0, sections.length, 0], 52);
  file.set(segment(1, 4, 0, 0x400000, 64), 64);
  file.set(segment(1, 5, CODE_OFFSET, CODE_ADDRESS, code.length), 64 + 56);
  file.set(segment(4, 4, noteAt.offset, 0, note.length), 64 + 112);
  return file;
}

function entryOf({ name, address, size = 16, type = 2, section = 1 }: TestSymbol, names: Buffer): Buffer {
  const entry = Buffer.alloc(SYMBOL_BYTES);
  entry.writeUInt32LE(names.indexOf(`\0${name}\0`, 0, "latin1") + 1, 0);
  entry[4] = 0x10 | type;
  entry.writeUInt16LE(section, 6);
  entry.set(longs(address, size), 8);
  return entry;
}

function segment(type: number, flags: number, offset: number, address: number, size: number): Buffer {
  return Buffer.concat([words(type, flags), longs(offset, address, address, size, size, 4)]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
}

function longs(...values: number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * index);
  return bytes;
}

/** Reads from memory, as a file is read: less at its end. Counts. */
export function readerOf(file: Uint8Array) {
  const counted = { reads: 0, bytes: 0 };
  const read = (offset: number, length: number): Uint8Array => {
    counted.reads++;
    counted.bytes += length;
    return file.subarray(offset, offset + length);
  };
  return { read, counted };
}
