import fc from "fast-check";
import { expect, test } from "vitest";
import { FRAME_HEADER_BYTES, WAL_HEADER_BYTES } from "../../../src/sqlite/wal.ts";
import {
  countUncommittedFrames,
  generationAfter,
  isOfGeneration,
  offsetOfFrame,
  type WalGeneration,
} from "../../../src/sqlite/wal-uncommitted.ts";

const NOW: WalGeneration = { pageSize: 512, salt: [7, 99] };
const OLD: WalGeneration = { pageSize: 512, salt: [6, 98] };

function frameHeader({ salt }: WalGeneration, pageNumber = 1): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, pageNumber);
  view.setUint32(8, salt[0]);
  view.setUint32(12, salt[1]);
  return bytes;
}

/** A file with so many frames of this -wal, those whose salts are left to the commit, and those of an earlier one. */
function file(now: number, open: number, old: number) {
  const headers = [
    ...Array.from({ length: now }, () => frameHeader(NOW)),
    ...Array.from({ length: open }, () => frameHeader({ ...NOW, salt: [0, 0] })),
    ...Array.from({ length: old }, () => frameHeader(OLD)),
  ];
  const at = new Map(headers.map((bytes, i) => [offsetOfFrame(NOW, i + 1), bytes]));
  let reads = 0;
  return {
    sizeBytes: WAL_HEADER_BYTES + headers.length * (FRAME_HEADER_BYTES + NOW.pageSize),
    readHeader: (offset: number) => {
      reads++;
      return at.get(offset) ?? new Uint8Array(0);
    },
    reads: () => reads,
  };
}

test("property: those of this -wal after the last commit, whatever follows; a few headers tell", () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.nat(300), fc.nat(300), (committed, written, open, old) => {
      const { sizeBytes, readHeader, reads } = file(committed + written, open, old);
      expect(countUncommittedFrames(NOW, committed, sizeBytes, readHeader)).toBe(written + open);
      expect(reads()).toBeLessThanOrEqual(22);
    }),
  );
});

test("a file that is shorter than its committed frames has none after them", () => {
  expect(countUncommittedFrames(NOW, 5, 0, () => new Uint8Array(0))).toBe(0);
});

test("a frame of this -wal has its salts and a page", () => {
  expect(isOfGeneration(NOW, frameHeader(NOW))).toBe(true);
  expect(isOfGeneration(NOW, frameHeader(OLD))).toBe(false);
  expect(isOfGeneration(NOW, frameHeader(NOW, 0))).toBe(false);
  expect(isOfGeneration(NOW, frameHeader({ ...NOW, salt: [0, 0] }))).toBe(true);
  expect(isOfGeneration(NOW, frameHeader({ ...NOW, salt: [0, 0] }, 0))).toBe(false); // a hole
  expect(isOfGeneration(NOW, frameHeader(NOW).subarray(1))).toBe(false);
});

test.each<[string, WalGeneration & { mxFrame: number }, WalGeneration | null, WalGeneration | null]>([
  [
    "committed frames: the salts of the wal-index",
    { ...NOW, mxFrame: 3 },
    OLD,
    { ...NOW, mxFrame: 3 } as WalGeneration,
  ],
  ["none, and no header: nobody has written yet", { ...NOW, mxFrame: 0 }, null, null],
  ["none, and a header of before the restart", { ...NOW, mxFrame: 0 }, OLD, null],
  ["none, and a writer that has begun with the salts of the restart", { ...NOW, mxFrame: 0 }, NOW, NOW],
  [
    "none, and a writer with salts of its own",
    { ...NOW, mxFrame: 0 },
    { pageSize: 512, salt: [500, 1] },
    { pageSize: 512, salt: [500, 1] },
  ],
  ["none, a wal-index that was never written", { pageSize: 0, salt: [0, 0], mxFrame: 0 }, OLD, OLD],
])("whose frames follow: %s", (_, index, header, expected) => {
  expect(generationAfter(index, header)).toEqual(expected);
});
