import { expect, test } from "vitest";
import type { HiddenFile, Listing, Maker, SegmentFile } from "../../../../../src/features/record/segments/listing.ts";
import { segmentOf } from "../../../../../src/features/record/segments/names.ts";
import { planOf } from "../../../../../src/features/record/segments/plan.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const [OLD, MINE] = ["20260301T000000000Z", "20260302T000000000Z"];

function file(name: string, ageMs = 0): SegmentFile {
  const segment = segmentOf(name);
  if (segment === null) throw new Error(name);
  return { name, segment, bytes: 100, writtenMs: NOW - ageMs };
}

const hidden = (name: string, run: string | null, maker: Maker, ageMs = 0): HiddenFile => ({
  ...{ name, run, maker, bytes: 0, writtenMs: NOW - ageMs },
});

const plan = (listing: Partial<Listing>, over: readonly string[] = []) =>
  planOf({ segments: [], hidden: [], ...listing }, MINE, `sqlock-${MINE}-0002.jsonl`, new Set(over), NOW);

test("what no recorder writes is finished, in the order of time; what is not compressed will be", () => {
  const names = [`sqlock-${MINE}-0002.jsonl`, `sqlock-${MINE}-0001.jsonl`, `sqlock-${OLD}-10000.jsonl`];
  const { finished, uncompressed, leftovers } = plan({
    segments: [...names, `sqlock-${OLD}-9999.jsonl.gz`].map((name) => file(name, 2 * HOUR)),
  });
  expect(finished.map(({ name }) => name)).toEqual([`sqlock-${OLD}-9999.jsonl.gz`, names[2], names[1]]);
  expect(uncompressed).toEqual([names[2], names[1]]);
  expect(leftovers).toEqual([]);
});

test("of one that is there twice, the compressed one is whole", () => {
  const segments = [file(`sqlock-${OLD}-0001.jsonl`, 2 * HOUR), file(`sqlock-${OLD}-0001.jsonl.gz`)];
  const { finished, uncompressed, leftovers } = plan({ segments });
  expect(finished.map(({ name }) => name)).toEqual([`sqlock-${OLD}-0001.jsonl.gz`]);
  expect([uncompressed, leftovers]).toEqual([[], [`sqlock-${OLD}-0001.jsonl`]]);
});

test("without its marker, a recorder may be writing what is young; not one that is known to have ended", () => {
  const [young, old] = [`sqlock-${OLD}-0002.jsonl`, `sqlock-${OLD}-0001.jsonl`];
  for (const ageMs of [0, 90_000, -90_000]) {
    const segments = [file(young, ageMs), file(old, 130_000)];
    expect(plan({ segments }).uncompressed).toEqual([old]);
    expect(plan({ segments }).finished.map(({ name }) => name)).toEqual([old]);
    expect(plan({ segments }, [OLD]).uncompressed).toEqual([old, young]);
  }
});

test("what another machine may be writing is left alone for an hour", () => {
  const elsewhere = hidden("marker", OLD, { kind: "elsewhere" }, 2 * HOUR);
  const segments = [file(`sqlock-${OLD}-0001.jsonl`, 2 * HOUR), file(`sqlock-${OLD}-0002.jsonl`, HOUR / 2)];
  const { finished, uncompressed, leftovers } = plan({ segments, hidden: [elsewhere] });
  expect(finished.map(({ name }) => name)).toEqual([`sqlock-${OLD}-0001.jsonl`]);
  expect(uncompressed).toEqual([`sqlock-${OLD}-0001.jsonl`]);
  expect(leftovers).toEqual([]);
});

test.each<[string, HiddenFile, boolean]>([
  ["a marker of one that has ended", hidden("x", OLD, { kind: "gone", pid: 1 }), true],
  ["a marker of one that runs", hidden("x", OLD, { kind: "here", pid: 1 }, 99 * HOUR), false],
  ["our own marker", hidden("x", MINE, { kind: "elsewhere" }, 99 * HOUR), false],
  ["what one that has ended was compressing", hidden("x", null, { kind: "gone", pid: 1 }), true],
  ["what is being compressed here", hidden("x", null, { kind: "here", pid: 1 }, 99 * HOUR), false],
  ["the same elsewhere, just now", hidden("x", null, { kind: "elsewhere" }, HOUR / 2), false],
  ["the same elsewhere, long ago", hidden("x", null, { kind: "elsewhere" }, 2 * HOUR), true],
  ["a marker elsewhere, of today", hidden("x", OLD, { kind: "elsewhere" }, 23 * HOUR), false],
  ["a marker elsewhere, of yesterday", hidden("x", OLD, { kind: "elsewhere" }, 25 * HOUR), true],
])("%s", (_, each, isLeft) => {
  expect(plan({ hidden: [each] }).leftovers).toEqual(isLeft ? ["x"] : []);
});
