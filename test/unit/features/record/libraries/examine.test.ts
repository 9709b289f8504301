import { expect, test } from "vitest";
import { examine, hasSqliteText } from "../../../../../src/features/record/libraries/examine.ts";
import { CODE_ADDRESS, elfFile, readerOf, type TestElf } from "../../../elf/elf-file.ts";

const of = (elf: TestElf) => examine(readerOf(elfFile(elf)).read);

/** As gcc -O2 makes them: of sqlite3_sql at 0, of another layout at 32, of sqlite3_db_handle at 64. */
const CODE = Buffer.alloc(128, 0xcc);
CODE.set(Buffer.from("4885ff740b488b87f8000000c30f1f0031c0c3", "hex"), 0);
CODE.set(Buffer.from("4885ff740b488b8710010000c30f1f0031c0c3", "hex"), 32);
CODE.set(Buffer.from("4885ff7404488b07c331c0c3", "hex"), 64);

const at = (name: string, offset: number, size = 19) => ({ name, address: CODE_ADDRESS + offset, size });

const NEEDED = [at("sqlite3_step", 100), at("sqlite3_prepare_v2", 104)];
const LAYOUT = [at("sqlite3_sql", 0), at("sqlite3_db_handle", 64, 12)];

function fetched(examined: Awaited<ReturnType<typeof of>>): Record<string, string> {
  if (examined.kind !== "sqlite") throw new Error(examined.kind);
  return Object.fromEntries(
    examined.probes.map(({ functionName, fetch }) => [
      functionName,
      fetch.map(({ name, what }) => `${name}=${what}`).join(" "),
    ]),
  );
}

test("a library: its probes, and what of their arguments is fetched", async () => {
  const others = [at("sqlite3_close", 108), at("sqlite3_exec", 112), at("sqlite3_prepare16_v2", 116)];
  const examined = await of({ dynamic: [...NEEDED, ...LAYOUT, ...others], code: CODE, buildId: "0102" });
  expect(examined).toMatchObject({
    kind: "sqlite",
    buildId: "0102",
    layout: { sqlOffset: 0xf8, connectionOffset: 0 },
  });
  expect(fetched(examined)).toEqual({
    sqlite3_step: "sp=%sp stmt=%di db=+0(%di) text=+248(%di) sql=+0(+248(%di)):string",
    sqlite3_prepare_v2: "sp=%sp db=%di text=%si sql=+0(%si):string bytes=%dx:s32 start=+0(%si):x64[16]",
    sqlite3_close: "sp=%sp db=%di",
    sqlite3_exec: "sp=%sp db=%di text=%si sql=+0(%si):string start=+0(%si):x64[16]",
    sqlite3_prepare16_v2: "sp=%sp db=%di",
  });
});

test("without a layout that is understood, a step has no text", async () => {
  const examined = await of({ dynamic: [...NEEDED, at("sqlite3_sql", 96)], code: CODE });
  expect(fetched(examined)["sqlite3_step"]).toBe("sp=%sp stmt=%di");
  const short = await of({ dynamic: [...NEEDED, at("sqlite3_sql", 0, 12)], code: CODE });
  expect(fetched(short)["sqlite3_step"]).toBe("sp=%sp stmt=%di");
});

test("two SQLites in one file: both are probed, and a text is fetched if both have it at one place", async () => {
  const second = [at("sqlite3_step", 120), at("sqlite3_sql", 32)];
  const examined = await of({ local: [...NEEDED, ...LAYOUT, ...second], code: CODE });
  expect(examined).toMatchObject({ layout: { sqlOffset: null, connectionOffset: 0 } });
  expect(examined).toHaveProperty("probes.length", 3);
});

test("names that share one place: of one call they are one, of two they are not what they say", async () => {
  expect(await of({ dynamic: [...NEEDED, at("sqlite3_prepare_v3", 104)], code: CODE })).toHaveProperty(
    "probes.length",
    2,
  );
  expect(await of({ dynamic: [...NEEDED, at("sqlite3_close", 100)], code: CODE })).toEqual({ kind: "not-verified" });
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
