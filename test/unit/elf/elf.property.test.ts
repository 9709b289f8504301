/** Whatever the bytes are: the one error, within bounds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readBuildId } from "../../../src/elf/build-id.ts";
import { ElfError } from "../../../src/elf/elf-error.ts";
import { readElf } from "../../../src/elf/header.ts";
import { Source } from "../../../src/elf/source.ts";
import { findFunctions } from "../../../src/elf/symbols.ts";
import { CODE_ADDRESS, elfFile, readerOf } from "./elf-file.ts";

const NAMES = new Set(["sqlite3_step", "sqlite3_prepare_v2", "sqlite3_sql"]);

/** Many small reads of the file as given: its size in pieces, thrice, is more than enough for tables that overlap. */
async function readsWithin(file: Uint8Array, maxReads: number): Promise<void> {
  const { read, counted } = readerOf(file);
  try {
    const source = new Source(read);
    const elf = await readElf(source);
    await findFunctions(source, elf, "sqlite3_", NAMES);
    await readBuildId(source, elf);
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
  }
  expect(counted.reads).toBeLessThan(maxReads);
}

const SMALL = elfFile({
  dynamic: [{ name: "sqlite3_step", address: CODE_ADDRESS }],
  local: [{ name: "sqlite3_sql", address: CODE_ADDRESS + 8 }],
  buildId: "0123456789abcdef",
});

test("property: random bytes, with and without a header", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.uint8Array({ maxLength: 600 }).map((rest) => Buffer.concat([SMALL.subarray(0, 24), rest])),
  );
  await fc.assert(
    fc.asyncProperty(bytes, (file) => readsWithin(file, 400)),
    { numRuns: 1000 },
  );
});

const change = fc.record({
  at: fc.nat(),
  value: fc.oneof(
    fc.constantFrom(0n, 1n, 0xffffn, 0xffff_ffffn, 0xffff_ffff_ffff_ffffn),
    fc.bigInt(0n, 2n ** 64n - 1n),
  ),
  width: fc.constantFrom(1, 2, 4, 8),
});

function changed(
  file: Buffer,
  changes: readonly { at: number; value: bigint; width: number }[],
  places: number[],
): Buffer {
  const copy = Buffer.from(file);
  for (const { at, value, width } of changes) {
    const offset = places[at % places.length] ?? 0;
    for (let index = 0; index < width && offset + index < copy.length; index++)
      copy[offset + index] = Number((value >> BigInt(8 * index)) & 0xffn);
  }
  return copy;
}

test("property: a small file with some numbers changed, or cut off", async () => {
  const everywhere = Array.from({ length: SMALL.length }, (_, index) => index);
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.nat(SMALL.length),
      fc.boolean(),
      (changes, end, cut) => readsWithin(changed(SMALL, changes, everywhere).subarray(0, cut ? end : undefined), 400),
    ),
    { numRuns: 2000 },
  );
});

test("property: a real library with some numbers of its tables changed", async () => {
  const real = readFileSync(join(process.cwd(), "node_modules/better-sqlite3/build/Release/better_sqlite3.node"));
  const sections = Number(real.readBigUInt64LE(40));
  const heads = [...range(0, 64), ...range(64, 56 * 10), ...range(sections, 64 * real.readUInt16LE(60))];
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) =>
      readsWithin(changed(real, changes, heads), 500),
    ),
    { numRuns: 150 },
  );
});

function range(start: number, length: number): number[] {
  return Array.from({ length }, (_, index) => start + index);
}
