import fc from "fast-check";
import { expect, test } from "vitest";
import { parseWalIndex, WAL_INDEX_BYTES } from "../../../src/sqlite/wal-index.ts";

/** walChecksumBytes() of wal.c over the first 40 bytes of a copy of the header. */
function sign(view: DataView, copy: number, littleEndian: boolean): void {
  let [s1, s2] = [0, 0];
  for (let at = copy; at < copy + 40; at += 8) {
    s1 = (s1 + view.getUint32(at, littleEndian) + s2) >>> 0;
    s2 = (s2 + view.getUint32(at + 4, littleEndian) + s1) >>> 0;
  }
  view.setUint32(copy + 40, s1, littleEndian);
  view.setUint32(copy + 44, s2, littleEndian);
}

/** The first bytes of a -shm whose header says so. */
function walIndex(littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(WAL_INDEX_BYTES);
  const view = new DataView(bytes.buffer);
  for (const copy of [0, 48]) {
    view.setUint32(copy, 3007000, littleEndian);
    view.setUint32(copy + 8, 41, littleEndian);
    bytes[copy + 12] = 1; // isInit
    view.setUint16(copy + 14, 1, littleEndian); // pages of 65536 bytes
    bytes.set([1, 2, 3, 4, 5, 6, 7, 8], copy + 32); // the salts, as the -wal has them
    view.setUint32(copy + 16, 3021, littleEndian);
    view.setUint32(copy + 20, 12, littleEndian);
    sign(view, copy, littleEndian);
  }
  view.setUint32(96, 512, littleEndian);
  [0, 3021, 512, 0xffffffff, 0xffffffff].forEach((mark, k) => {
    view.setUint32(100 + 4 * k, mark, littleEndian);
  });
  return bytes;
}

test.each([true, false])("reads the header (little-endian: %s)", (littleEndian) => {
  expect(parseWalIndex(walIndex(littleEndian), littleEndian)).toEqual({
    kind: "ok",
    changeCounter: 41,
    pageSize: 65536,
    salt: [0x01020304, 0x05060708],
    mxFrame: 3021,
    pageCount: 12,
    nBackfill: 512,
    readMarks: [0, 3021, 512, null, null],
  });
});

test("reads it at an offset of a larger buffer", () => {
  const buffer = new Uint8Array(WAL_INDEX_BYTES + 3);
  buffer.set(walIndex(), 3);
  expect(parseWalIndex(buffer.subarray(3), true)).toMatchObject({ kind: "ok", mxFrame: 3021 });
});

test("property: two copies that differ anywhere are torn", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = walIndex();
      bytes[at] = (bytes[at] ?? 0) ^ change;
      expect(parseWalIndex(bytes, true)).toEqual({ kind: "torn" });
    }),
  );
});

test("a header whose checksum does not fit, or with more frames copied back than there are, is not believed", () => {
  const nonsense = walIndex();
  for (const copy of [0, 48]) new DataView(nonsense.buffer).setUint32(copy + 16, 0x7fffffff, true);
  expect(parseWalIndex(nonsense, true)).toEqual({ kind: "torn" });
  const ahead = walIndex();
  new DataView(ahead.buffer).setUint32(96, 3022, true);
  expect(parseWalIndex(ahead, true)).toEqual({ kind: "uninitialised" });
});

test("a short or blank -shm is not initialised yet", () => {
  for (const length of [0, 3, WAL_INDEX_BYTES - 1])
    expect(parseWalIndex(walIndex().subarray(0, length), true)).toEqual({ kind: "uninitialised" });
  expect(parseWalIndex(new Uint8Array(32768), true)).toEqual({ kind: "uninitialised" });
});

test("property: no bytes make it throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, littleEndian) => {
      expect(["ok", "torn", "uninitialised"]).toContain(parseWalIndex(bytes, littleEndian).kind);
    }),
  );
});
