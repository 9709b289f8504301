/** The faults of a header, compared with what SQLite does with a file that has it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type HeaderFault,
  hasEncryptedRest,
  headerFaults,
  isHeaderWithoutMagic,
  isPartlyEncrypted,
  isReadOnce,
  isRefusedBySqlite,
  isWalMode,
} from "../../../src/safe-open/header.ts";
import { HEADER_BYTES } from "../../../src/sqlite/header.ts";
import { tempFolder } from "../../support/temp.ts";

let good: Buffer;

/** Four pages of 4096 bytes. */
beforeAll(() => {
  const db = new Database(":memory:");
  db.exec("CREATE TABLE t (a PRIMARY KEY, b); INSERT INTO t VALUES (1, 'x'), (2, 'y'); CREATE INDEX i ON t (b)");
  good = db.serialize();
  db.close();
});

function changed(change: (bytes: Buffer) => Buffer | undefined): Buffer {
  const bytes = Buffer.from(good);
  return change(bytes) ?? bytes;
}

function faultsOf(bytes: Buffer) {
  return headerFaults(bytes.subarray(0, HEADER_BYTES), { sizeBytes: bytes.length, sizeMoves: false });
}

/** Whether SQLite opens the file and reads its schema, or what it says. */
function opened(bytes: Buffer): true | string {
  const path = join(tempFolder(), "db");
  writeFileSync(path, bytes);
  const db = new Database(path);
  try {
    db.pragma("schema_version");
    db.prepare("SELECT 1 FROM sqlite_schema").get();
    return true;
  } catch (error) {
    return (error as Error).message;
  } finally {
    db.close();
  }
}

const u32 = (offset: number, value: number) => (bytes: Buffer) => {
  bytes.writeUInt32BE(value, offset);
  return undefined;
};
const u8 = (offset: number, value: number) => (bytes: Buffer) => {
  bytes[offset] = value;
  return undefined;
};
const u16 = (offset: number, value: number) => (bytes: Buffer) => {
  bytes.writeUInt16BE(value, offset);
  return undefined;
};
const both =
  (...changes: ((bytes: Buffer) => Buffer | undefined)[]) =>
  (bytes: Buffer) =>
    changes.reduce<Buffer>((now, change) => change(now) ?? now, bytes);

const REFUSED: Record<string, [(bytes: Buffer) => Buffer | undefined, HeaderFault]> = {
  "a damaged magic": [u8(3, 0x21), { code: "magic" }],
  "a page size of 0": [u16(16, 0), { code: "page-size", stored: 0 }],
  "a page size of 256": [u16(16, 256), { code: "page-size", stored: 256 }],
  "a page size of 1000": [u16(16, 1000), { code: "page-size", stored: 1000 }],
  "a page size of 65535": [u16(16, 65535), { code: "page-size", stored: 65535 }],
  "a greater page size": [u16(16, 32768), { code: "cut-off", pages: 4, pageSize: 32768, sizeBytes: 16384 }],
  "pages of 65536": [u16(16, 1), { code: "cut-off", pages: 4, pageSize: 65536, sizeBytes: 16384 }],
  "a read version of 3": [u8(19, 3), { code: "read-version", version: 3 }],
  "both versions 3": [both(u8(18, 3), u8(19, 3)), { code: "read-version", version: 3 }],
  "too many reserved bytes": [both(u16(16, 512), u8(20, 33)), { code: "reserved-bytes", reserved: 33, pageSize: 512 }],
  "a first fraction of 65": [u8(21, 65), { code: "payload-fractions", fractions: [65, 32, 32] }],
  "a second fraction of 31": [u8(22, 31), { code: "payload-fractions", fractions: [64, 31, 32] }],
  "a third fraction of 33": [u8(23, 33), { code: "payload-fractions", fractions: [64, 32, 33] }],
  "a schema format of 5": [u32(44, 5), { code: "schema-format", format: 5 }],
  "one page too many": [u32(28, 5), { code: "cut-off", pages: 5, pageSize: 4096, sizeBytes: 16384 }],
  "a lost page": [
    (bytes) => bytes.subarray(0, 3 * 4096),
    { code: "cut-off", pages: 4, pageSize: 4096, sizeBytes: 12288 },
  ],
  "a lost half": [(bytes) => bytes.subarray(0, 600), { code: "cut-off", pages: 4, pageSize: 4096, sizeBytes: 600 }],
};

describe("what SQLite refuses", () => {
  test.each(Object.entries(REFUSED))("%s", (_, [change, fault]) => {
    const bytes = changed(change);
    expect(opened(bytes)).not.toBe(true);
    expect(faultsOf(bytes).filter(isRefusedBySqlite)).toEqual([fault]);
  });
});

const ACCEPTED: Record<string, [(bytes: Buffer) => Buffer | undefined, HeaderFault]> = {
  "a read version of 0": [both(u8(18, 0), u8(19, 0)), { code: "read-version-zero" }],
  "a write version of 3": [u8(18, 3), { code: "write-version", version: 3 }],
  "versions that differ": [u8(18, 2), { code: "versions-differ", write: 2, read: 1 }],
  "a text encoding of 4": [u32(56, 4), { code: "text-encoding", encoding: 4 }],
  "a text encoding of 0": [u32(56, 0), { code: "text-encoding", encoding: 0 }],
  "unused bytes": [u8(72, 9), { code: "unused-bytes", first: 72, last: 91 }],
  "a page behind its end": [
    (bytes) => Buffer.concat([bytes, Buffer.alloc(4096)]),
    { code: "too-long", pages: 4, pageSize: 4096, sizeBytes: 20480 },
  ],
  "a byte behind its end": [
    (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
    { code: "torn-page", pageSize: 4096, sizeBytes: 16385 },
  ],
  "a lost byte": [
    (bytes) => bytes.subarray(0, bytes.length - 1),
    { code: "torn-page", pageSize: 4096, sizeBytes: 16383 },
  ],
  "a page count of another time": [u32(92, 7777), { code: "outdated-page-count" }],
};

describe("what SQLite accepts", () => {
  test.each(Object.entries(ACCEPTED))("%s", (_, [change, fault]) => {
    const bytes = changed(change);
    expect(opened(bytes)).toBe(true);
    expect(faultsOf(bytes)).toEqual([fault]);
    expect(isRefusedBySqlite(fault)).toBe(false);
  });
});

test("nothing is said of a header as SQLite writes it", () => {
  expect(opened(good)).toBe(true);
  expect(faultsOf(good)).toEqual([]);
  expect(faultsOf(changed(both(u8(18, 2), u8(19, 2))))).toEqual([]);
  expect(faultsOf(changed(u32(28, 0)))).toEqual([]); // SQLite before 3.7.0 wrote none
  expect(faultsOf(changed(u32(60, 42)))).toEqual([]); // user_version
});

test("a size that moves says nothing", () => {
  const bytes = changed(u32(28, 5));
  expect(headerFaults(bytes.subarray(0, HEADER_BYTES), { sizeBytes: bytes.length, sizeMoves: true })).toEqual([]);
});

test("a database with a damaged magic is distinguished from other files", () => {
  const damaged = changed(u8(0, 0));
  expect(isHeaderWithoutMagic(damaged.subarray(0, HEADER_BYTES))).toBe(true);
  expect(isHeaderWithoutMagic(good.subarray(0, HEADER_BYTES))).toBe(false);
  expect(isHeaderWithoutMagic(damaged.subarray(0, HEADER_BYTES - 1))).toBe(false);
  expect(isHeaderWithoutMagic(changed(both(u8(0, 0), u8(21, 1))).subarray(0, HEADER_BYTES))).toBe(false);
  expect(isHeaderWithoutMagic(changed(both(u8(0, 0), u8(80, 1))).subarray(0, HEADER_BYTES))).toBe(false);
});

test("an encrypted database that keeps bytes 16 to 23 is distinguished from a damaged one", () => {
  const encrypted = Buffer.from(Array.from({ length: HEADER_BYTES }, (_, i) => (i * 151 + 43) % 256));
  good.copy(encrypted, 16, 16, 24);
  expect(isPartlyEncrypted(encrypted)).toBe(true);
  expect(isHeaderWithoutMagic(encrypted)).toBe(false);
  expect(isPartlyEncrypted(good.subarray(0, HEADER_BYTES))).toBe(false);
  expect(isPartlyEncrypted(changed(u8(0, 0)).subarray(0, HEADER_BYTES))).toBe(false);
});

test("an encrypted database that keeps its first 32 bytes is distinguished from a damaged one", () => {
  const encrypted = Buffer.from(Array.from({ length: HEADER_BYTES }, (_, i) => ((i * 151 + 43) % 255) + 1));
  good.copy(encrypted, 0, 0, 32);
  expect(hasEncryptedRest(encrypted)).toBe(true);
  expect(hasEncryptedRest(good.subarray(0, HEADER_BYTES))).toBe(false);
  expect(hasEncryptedRest(changed(both(u32(44, 5), u32(56, 4))).subarray(0, HEADER_BYTES))).toBe(false);
});

test("WAL mode goes by the read version; an unknown text encoding can be read once", () => {
  expect([u8(19, 2), u8(18, 2)].map((change) => isWalMode(changed(change)))).toEqual([true, false]);
  expect(isWalMode(good.subarray(0, 60))).toBe(false);
  expect([0, 1, 2, 3, 4, 5, 8].filter((encoding) => isReadOnce(changed(u32(56, encoding))))).toEqual([4, 8]);
});

test("no bytes make it throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.boolean(), (bytes, sizeBytes, sizeMoves) => {
      headerFaults(bytes, { sizeBytes, sizeMoves });
      isHeaderWithoutMagic(bytes);
      isPartlyEncrypted(bytes);
    }),
  );
});
