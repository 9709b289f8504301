import fc from "fast-check";
import { expect, test } from "vitest";
import { ElfError } from "../../../src/elf/elf-error.ts";
import { readElf } from "../../../src/elf/header.ts";
import { findTables } from "../../../src/elf/pointer-table.ts";
import { Source } from "../../../src/elf/source.ts";
import { CODE_ADDRESS, CODE_OFFSET, elfFile, readerOf } from "./elf-file.ts";

/** A table of four words in the data of a program, at a place that is a multiple of 8. */
function withTable(words: readonly number[], before = 64): Buffer {
  const data = Buffer.alloc(before + 8 * words.length + 64, 0xff);
  for (const [index, word] of words.entries()) data.writeBigUInt64LE(BigInt(word), before + 8 * index);
  const file = elfFile({});
  // the first segment, which is no code, has the data behind the end of the file
  const at = Math.ceil(file.length / 8) * 8;
  file.writeUInt32LE(at, 64 + 8);
  file.writeUInt32LE(data.length, 64 + 32);
  return Buffer.concat([file, Buffer.alloc(at - file.length), data]);
}

async function tablesIn(file: Buffer, among: readonly number[] = [0, 2, 3]): Promise<(number | null)[][]> {
  const source = new Source(readerOf(file).read);
  const tables = await findTables(source, await readElf(source), 4, among);
  return tables.map((table) => [0, 1, 2, 3].map(table));
}

const at = (within: number) => CODE_ADDRESS + within;

test("a table whose words point to code, wherever it is in a piece", async () => {
  const places = [CODE_OFFSET, null, CODE_OFFSET + 8, CODE_OFFSET + 16];
  for (const before of [0, 64, 256 * 1024 - 40, 256 * 1024 - 32, 256 * 1024 - 8, 256 * 1024, 600_000])
    expect(await tablesIn(withTable([at(0), 0, at(8), at(16)], before))).toEqual([places]);
});

test("no table: a word that points elsewhere, or two to one place", async () => {
  expect(await tablesIn(withTable([at(0), 0, at(8), 0x10]))).toEqual([]);
  expect(await tablesIn(withTable([at(0), 0, at(8), at(8)]))).toEqual([]);
});

test("property: whatever is changed in the file, there is no other error, and an end", async () => {
  const file = withTable([at(0), 0, at(8), at(16)]);
  // a dynamic segment: relocations are looked for, too
  file.writeUInt32LE(2, 64 + 112);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 20 }), async (changes) => {
      const changed = Buffer.from(file);
      for (const [place, value] of changes) changed[place] = value;
      await tablesIn(changed).catch((error) => expect(error).toBeInstanceOf(ElfError));
    }),
    { numRuns: 500 },
  );
});
