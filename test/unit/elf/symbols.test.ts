import { expect, test } from "vitest";
import { readBuildId } from "../../../src/elf/build-id.ts";
import type { ElfProblem } from "../../../src/elf/elf-error.ts";
import { readElf } from "../../../src/elf/header.ts";
import { type Read, Source } from "../../../src/elf/source.ts";
import { findFunctions } from "../../../src/elf/symbols.ts";
import { CODE_ADDRESS, CODE_OFFSET, elfFile, readerOf, type TestElf } from "./elf-file.ts";

const NAMES = new Set(["sqlite3_step", "sqlite3_sql"]);

async function functionsOf(read: Read): Promise<Record<string, { offset: number; size: number }[]>> {
  const source = new Source(read);
  const elf = await readElf(source);
  const found = await findFunctions(source, elf, "sqlite3_", NAMES);
  return Object.fromEntries([...found].map(([name, functions]) => [name, [...functions]]));
}

const inFile = (elf: TestElf) => functionsOf(readerOf(elfFile(elf)).read);

const STEP = { name: "sqlite3_step", address: CODE_ADDRESS + 8, size: 20 };
const SQL = { name: "sqlite3_sql", address: CODE_ADDRESS + 32, size: 19 };

const found = (within: number, size: number) => ({ offset: CODE_OFFSET + within, size });

test("functions of both tables, by their places in the file", async () => {
  expect(await inFile({ dynamic: [STEP, SQL] })).toEqual({
    sqlite3_step: [found(8, 20)],
    sqlite3_sql: [found(32, 19)],
  });
  expect(await inFile({ local: [STEP] })).toEqual({ sqlite3_step: [found(8, 20)] });
  expect(await inFile({ dynamic: [STEP], local: [SQL, STEP] })).toEqual({
    sqlite3_step: [found(8, 20)],
    sqlite3_sql: [found(32, 19)],
  });
});

test("two functions of one name, as of two SQLites in one program", async () => {
  const second = { ...STEP, address: CODE_ADDRESS + 40 };
  expect(await inFile({ local: [STEP, second] })).toEqual({ sqlite3_step: [found(8, 20), found(40, 20)] });
});

test("a name that stands at the end of a longer one: linkers store both once", async () => {
  const file = elfFile({ dynamic: [{ ...SQL, name: "my_sqlite3_step" }, STEP] });
  const names = file.indexOf("\0my_sqlite3_step\0");
  const secondEntry = names - 24;
  file.writeUInt32LE("\0my_".length, secondEntry);
  file.write("gone", names + "\0my_sqlite3_step\0".length, "latin1"); // its own copy of the name
  expect(await functionsOf(readerOf(file).read)).toEqual({ sqlite3_step: [found(8, 20)] });
});

test.each([
  ["asked for, and not there", { section: 0 }],
  ["no function", { type: 1 }],
  ["chosen at the start of the program (IFUNC)", { type: 10 }],
  ["outside of all code", { address: 0x400010 }],
  ["behind the end of the code", { address: CODE_ADDRESS + 64 }],
  ["another's, by its name", { name: "wxsqlite3_step" }],
  ["another's, by the end of its name", { name: "sqlite3_step_v2" }],
  ["another version's", { name: "sqlite3_step@@V1" }],
])("left out: what is %s", async (_, change) => {
  expect(await inFile({ dynamic: [{ ...STEP, ...change }] })).toEqual({});
});

test("a program without tables has none", async () => {
  expect(await inFile({})).toEqual({});
});

test("names on the border of two pieces are found", async () => {
  const piece = 256 * 1024;
  for (const before of [piece - 30, piece - 14, piece - 13, piece - 1, piece, 2 * piece - 28, 2 * piece - 20])
    expect(await inFile({ local: [STEP], strings: `${"x".repeat(before)}\0` })).toEqual({
      sqlite3_step: [found(8, 20)],
    });
});

test("the build's number", async () => {
  const id = "5221b80bd99650e3e55370b0e24f4b4dbe81264f";
  const source = new Source(readerOf(elfFile({ buildId: id })).read);
  expect(await readBuildId(source, await readElf(source))).toBe(id);
  const without = new Source(readerOf(elfFile({})).read);
  expect(await readBuildId(without, await readElf(without))).toBeNull();
});

/** Files that no linker makes, by what is changed in one that has STEP in its dynamic table. */
const BENT: readonly (readonly [string, ElfProblem, (file: Buffer, sections: number) => void])[] = [
  ["no magic number", "not-elf", (file) => file.fill(0, 0, 4)],
  ["32 bits", "other-class", (file) => file.fill(1, 4, 5)],
  ["big-endian", "other-byte-order", (file) => file.fill(2, 5, 6)],
  ["65,535 segments", "too-big", (file) => file.writeUInt16LE(0xffff, 56)],
  ["segments of another size", "malformed", (file) => file.writeUInt16LE(32, 54)],
  ["segments behind the end", "cut-short", (file) => file.writeUInt32LE(0x7fffffff, 32)],
  ["a place beyond 2^48", "malformed", (file) => file.writeUInt32LE(0x10000, 36)],
  ["65,535 sections", "too-big", (file) => file.writeUInt16LE(0xffff, 60)],
  [
    "no number of sections, and a wild one in the first",
    "too-big",
    (file, at) => {
      file.writeUInt16LE(0, 60);
      file.writeUInt32LE(0x7fffffff, at + 32);
    },
  ],
  ["sections of another size", "malformed", (file) => file.writeUInt16LE(40, 58)],
  ["sections behind the end", "cut-short", (file) => file.writeUInt32LE(0x7fffffff, 40)],
  ["a table of symbols without an end", "too-big", (file, at) => file.writeUInt32LE(0xffff, at + 64 + 36)],
  ["a table of symbols behind the end", "cut-short", (file, at) => file.writeUInt32LE(0x7fffff, at + 64 + 32)],
  ["symbols of size 0", "malformed", (file, at) => file.writeUInt32LE(0, at + 64 + 56)],
  ["names in a section that is not there", "malformed", (file, at) => file.writeUInt32LE(9, at + 64 + 40)],
  ["names in the table itself", "malformed", (file, at) => file.writeUInt32LE(1, at + 64 + 40)],
  ["names without an end", "too-big", (file, at) => file.writeUInt32LE(0xffff, at + 128 + 36)],
  ["names behind the end", "cut-short", (file, at) => file.writeUInt32LE(0x7fffffff, at + 128 + 24)],
  ["two dynamic tables", "malformed", (file, at) => file.copy(file, at, at + 64, at + 128)],
];

test.each(BENT)("%s: %s, at little cost", async (_, problem, bend) => {
  const file = elfFile({ dynamic: [STEP] });
  bend(file, file.readUInt32LE(40));
  const { read, counted } = readerOf(file);
  await expect(functionsOf(read)).rejects.toMatchObject({ name: "ElfError", problem });
  expect(counted.reads).toBeLessThan(10);
});

test("a table of strings that is full of wanted names", async () => {
  const { read } = readerOf(elfFile({ local: [STEP], strings: "sqlite3_step\0".repeat(5000) }));
  await expect(functionsOf(read)).rejects.toMatchObject({ problem: "too-big" });
});

test("a table of symbols that is full of wanted ones", async () => {
  const many = Array.from({ length: 5000 }, () => STEP);
  await expect(inFile({ local: many })).rejects.toMatchObject({ problem: "too-big" });
});

test("two executable segments at one address: the code may be in either, and is in none", async () => {
  const file = elfFile({ dynamic: [STEP] });
  file.copy(file, 64, 64 + 56, 64 + 112);
  file.writeUInt32LE(0x100, 64 + 8);
  expect(await functionsOf(readerOf(file).read)).toEqual({});
});
