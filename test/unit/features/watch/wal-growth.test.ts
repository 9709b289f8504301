/** How fast a -wal grows, and when the disk is full at that rate. */
import { describe, expect, test } from "vitest";
import { WalGrowths } from "../../../../src/features/watch/wal-growth.ts";

const [KIB, MIB, GIB] = [2 ** 10, 2 ** 20, 2 ** 30];
const SECOND = 1000;

/** A size per second, on a disk of its own unless it is said. */
function add(growths: WalGrowths, path: string, sizes: readonly number[], device = 1n, availableBytes = 60 * MIB) {
  for (const [second, sizeBytes] of sizes.entries())
    growths.add(path, { atMs: second * SECOND, sizeBytes, disk: { device, availableBytes } });
}

function growthOf(sizes: readonly number[]) {
  const growths = new WalGrowths();
  add(growths, "/a", sizes);
  return growths.of("/a");
}

/** From 0 on, `step` bytes more per second. */
const rising = (seconds: number, step: number, from = 0) =>
  Array.from({ length: seconds + 1 }, (_, second) => from + second * step);
const flat = (seconds: number, size: number) => Array.from({ length: seconds }, () => size);

test("nothing is known of a database that was never looked at", () => {
  expect(new WalGrowths().of("/a")).toBeNull();
});

describe("the rate", () => {
  test.each<[string, number[], number | null]>([
    ["no -wal at all", flat(30, 0), 0],
    ["a steady growth", rising(20, MIB / 60), MIB],
    ["not measured for long enough", rising(9, MIB), null],
    ["just long enough", rising(10, MIB / 60), MIB],
    ["frames that are written over old ones", flat(60, 4 * MIB), 0],
    ["that of the last minute alone", [...rising(100, MIB), ...flat(61, 100 * MIB)], 0],
    ["cut off: measured anew", [...rising(60, MIB), ...rising(5, MIB)], null],
    ["cut off, and grown again", [...rising(60, MIB), ...rising(20, 2 * KIB)], 120 * KIB],
    ["gone with the last connection", [...rising(60, MIB), ...flat(20, 0)], 0],
  ])("%s", (_, sizes, expected) => {
    expect(growthOf(sizes)?.perMinuteBytes).toBe(expected);
  });

  test("two looks, a minute apart", () => {
    const growths = new WalGrowths();
    growths.add("/a", { atMs: 0, sizeBytes: 0, disk: null });
    growths.add("/a", { atMs: 60_000, sizeBytes: MIB, disk: null });
    expect(growths.of("/a")).toEqual({ sizeBytes: MIB, perMinuteBytes: MIB, measuredMs: 60_000, diskFullInMs: null });
  });
});

describe("until the disk is full", () => {
  const HOUR = 3_600_000;
  test.each<[string, number[], number | null]>([
    ["60 MiB are free, 1 MiB per minute", rising(60, MIB / 60), HOUR],
    ["it does not grow", flat(60, MIB), null],
    ["not measured for long enough", rising(9, MIB), null],
    ["one large transaction: no rate follows", [...flat(30, MIB), ...flat(30, 50 * MIB)], null],
    ["it has stopped", [...rising(30, MIB / 60), ...flat(31, MIB / 2)], null],
    ["cut off, and not yet as large as before", [...rising(30, MIB), ...rising(20, MIB)], null],
    ["cut off, and larger than before: what is needed beyond", [...rising(10, MIB), ...rising(20, MIB)], 126_000],
  ])("%s", (_, sizes, expected) => {
    expect(growthOf(sizes)?.diskFullInMs).toBe(expected);
  });

  test("several -wal files on one disk fill it together, one elsewhere does not", () => {
    const growths = new WalGrowths();
    add(growths, "/a", rising(60, MIB / 60));
    add(growths, "/b", rising(60, MIB / 60));
    add(growths, "/c", rising(60, MIB / 60), 2n, GIB);
    expect(["/a", "/b", "/c"].map((path) => growths.of(path)?.diskFullInMs)).toEqual([
      HOUR / 2,
      HOUR / 2,
      1024 * 60_000,
    ]);
  });

  test("one whose disk was not asked", () => {
    const growths = new WalGrowths();
    for (const [second, sizeBytes] of rising(60, MIB).entries())
      growths.add("/a", { atMs: second * SECOND, sizeBytes, disk: null });
    expect(growths.of("/a")).toMatchObject({ perMinuteBytes: 60 * MIB, diskFullInMs: null });
  });
});

test("told once per minute, after it has grown for a minute", () => {
  const growths = new WalGrowths();
  const told: number[] = [];
  for (const [second, sizeBytes] of [...rising(150, KIB), ...flat(100, 150 * KIB)].entries()) {
    growths.add("/a", { atMs: second * SECOND, sizeBytes, disk: null });
    if (growths.toTell("/a", second * SECOND) !== null) told.push(second);
  }
  expect(told).toEqual([60, 120, 180]);
});

test("the summary: at the start, at most, at the end; databases that never had a -wal are left out", () => {
  const growths = new WalGrowths();
  add(growths, "/a", [3 * MIB, 9 * MIB, MIB]);
  add(growths, "/b", [0, 0, 0]);
  expect(growths.summary()).toEqual([
    {
      path: "/a",
      sizeAtStartBytes: 3 * MIB,
      largestBytes: 9 * MIB,
      sizeBytes: MIB,
      perMinuteBytes: null,
      measuredMs: 0,
      diskFullInMs: null,
    },
  ]);
});
