import { expect, test } from "vitest";
import { examine, hasSqliteText } from "../../../../../src/features/kernel-source/libraries/examine.ts";
import { CODE_ADDRESS, CODE_OFFSET, elfFile, readerOf, type TestElf } from "../../../elf/elf-file.ts";

const of = (elf: TestElf) => examine(readerOf(elfFile(elf)).read);

/** As gcc -O2 makes them: of sqlite3_sql at 0, of another layout at 32, of sqlite3_db_handle at 64. */
const CODE = Buffer.alloc(128, 0xcc);
CODE.set(Buffer.from("4885ff740b488b87f8000000c30f1f0031c0c3", "hex"), 0);
CODE.set(Buffer.from("4885ff740b488b8710010000c30f1f0031c0c3", "hex"), 32);
CODE.set(Buffer.from("4885ff7404488b07c331c0c3", "hex"), 64);

const at = (name: string, offset: number, size = 19) => ({ name, address: CODE_ADDRESS + offset, size });

const CONNECTION = at("sqlite3_db_handle", 64, 12);
const NEEDED = [at("sqlite3_step", 100), at("sqlite3_prepare_v2", 104), CONNECTION];
const SQL = at("sqlite3_sql", 0);

test("a library: its probes by their places, and the layout of its statements", async () => {
  const others = [at("sqlite3_close", 116), at("sqlite3_exec", 112), at("sqlite3_prepare16_v2", 108)];
  const examined = await of({ dynamic: [...NEEDED, SQL, ...others], code: CODE, buildId: "0102" });
  const probe = (functionName: string, place: number) => ({ functionName, offset: CODE_OFFSET + place });
  expect(examined).toEqual({
    kind: "sqlite",
    buildId: "0102",
    layout: { sqlOffset: 0xf8, stateOffset: null },
    probes: [
      probe("sqlite3_step", 100),
      probe("sqlite3_prepare_v2", 104),
      probe("sqlite3_prepare16_v2", 108),
      probe("sqlite3_exec", 112),
      probe("sqlite3_close", 116),
    ],
  });
});

test("the byte that says whether a statement runs, where each SQLite of the file has that function", async () => {
  const [sql, busy] = [SQL, at("sqlite3_stmt_busy", 32, 20)];
  const code = Buffer.from(CODE);
  code.set(Buffer.from("31c04885ff740c31c080bfc7000000020f94c0c3", "hex"), 32);
  expect(await of({ dynamic: [...NEEDED, sql, busy], code })).toMatchObject({ layout: { stateOffset: 0xc7 } });
  const second = at("sqlite3_step", 120);
  expect(await of({ local: [...NEEDED, sql, busy, second], code })).toMatchObject({ layout: { stateOffset: null } });
});

test("without a getter that is understood, there is no layout", async () => {
  const unknown = { sqlOffset: null };
  expect(await of({ dynamic: [...NEEDED, at("sqlite3_sql", 96)], code: CODE })).toMatchObject({ layout: unknown });
  expect(await of({ dynamic: [...NEEDED, at("sqlite3_sql", 0, 12)], code: CODE })).toMatchObject({ layout: unknown });
});

test("a statement that does not begin with its connection, or is not known to, is not SQLite's", async () => {
  const functions = NEEDED.filter((symbol) => symbol !== CONNECTION);
  for (const other of [[], [at("sqlite3_db_handle", 0)], [at("sqlite3_db_handle", 96)]])
    expect(await of({ dynamic: [...functions, ...other], code: CODE })).toEqual({ kind: "not-verified" });
});

test("two SQLites in one file: both are probed, and have a layout only where it is the same", async () => {
  const second = [at("sqlite3_step", 120), at("sqlite3_sql", 32)];
  const examined = await of({ local: [...NEEDED, SQL, ...second], code: CODE });
  expect(examined).toMatchObject({ layout: { sqlOffset: null } });
  expect(examined).toHaveProperty("probes.length", 3);
});

test("names that share one place: of one call they are one, of two they are not what they say", async () => {
  expect(await of({ dynamic: [...NEEDED, at("sqlite3_prepare_v3", 104)], code: CODE })).toHaveProperty(
    "probes.length",
    2,
  );
  for (const name of ["sqlite3_close", "sqlite3_prepare16"])
    expect(await of({ dynamic: [...NEEDED, at(name, 104)], code: CODE })).toEqual({ kind: "not-verified" });
});

test.each<[string, TestElf, string]>([
  ["only asks for SQLite's functions", { dynamic: NEEDED.map((symbol) => ({ ...symbol, section: 0 })) }, "none"],
  ["has one of them", { dynamic: [at("sqlite3_step", 100)] }, "none"],
  ["is stripped", {}, "none"],
  ["is for another processor", { machine: 183, dynamic: NEEDED }, "other-processor"],
])("a file that %s", async (_, elf, kind) => {
  expect(await of({ code: CODE, ...elf })).toEqual({ kind });
});

test("files that are no program, of 32 bits, cut off", async () => {
  expect(await examine(readerOf(Buffer.from("#!/bin/sh\n")).read)).toEqual({ kind: "none" });
  const small = elfFile({ dynamic: NEEDED, code: CODE });
  small[4] = 1;
  expect(await examine(readerOf(small).read)).toEqual({ kind: "other-processor" });
  expect(await examine(readerOf(elfFile({ dynamic: NEEDED }).subarray(0, 700)).read)).toEqual({ kind: "malformed" });
});

test("what reading throws is thrown", async () => {
  const read = () => {
    throw new Error("EIO");
  };
  await expect(examine(read)).rejects.toThrow("EIO");
  await expect(hasSqliteText(read)).rejects.toThrow("EIO");
});

const MARK = "unable to close due to unfinalized statements or unfinished backups";

test("a stripped SQLite is known by a text of its own", async () => {
  const code = Buffer.alloc(600_000);
  for (const place of [0, 256 * 1024 - 40, 256 * 1024 - MARK.length, 500_000]) {
    code.fill(0).write(MARK, place, "latin1");
    expect(await hasSqliteText(readerOf(elfFile({ code })).read)).toBe(true);
  }
  const go = { code, buildId: "01".repeat(83), go: true } as const;
  expect(await hasSqliteText(readerOf(elfFile(go)).read)).toBe("go");
  code.fill(0).write("SQLite format 3\0", 500, "latin1");
  expect(await hasSqliteText(readerOf(elfFile({ code })).read)).toBe(false);
});

test("the search of a file that says to be endless ends", async () => {
  const file = elfFile({ code: Buffer.alloc(64) });
  file.writeUInt32LE(0xffff, 64 + 56 + 36);
  const { read, counted } = readerOf(file);
  expect(await hasSqliteText(read)).toBe(false);
  expect(counted.reads).toBeLessThan(10);
});
