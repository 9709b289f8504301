import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HEADER_BYTES, hasDatabaseMagic, parseDatabaseHeader } from "../../../src/sqlite/header.ts";
import { tempFolder } from "../../support/temp.ts";

/** The first bytes of a database that SQLite itself makes. */
function headerOf(pragmas: string): Uint8Array {
  const path = join(tempFolder(), "db");
  const db = new Database(path);
  db.exec(`pragma synchronous=off; ${pragmas}; create table t(a); insert into t values(1)`);
  db.close();
  return readFileSync(path).subarray(0, HEADER_BYTES);
}

describe("databases that SQLite made", () => {
  test.each([512, 4096, 32768, 65536])("page size %i", (pageSize) => {
    expect(parseDatabaseHeader(headerOf(`pragma page_size=${pageSize}`))).toEqual({
      kind: "database",
      pageSize,
      pageCount: 2,
      journalMode: "rollback",
      changeCounter: expect.any(Number),
    });
  });

  test("the change counter counts transactions", () => {
    const counter = (sql: string) => {
      const header = parseDatabaseHeader(headerOf(sql));
      return header.kind === "database" ? header.changeCounter : null;
    };
    expect(Number(counter("create table u(a); create table v(a)"))).toBe(Number(counter("")) + 2);
  });

  test("WAL mode", () => {
    expect(parseDatabaseHeader(headerOf("pragma journal_mode=wal"))).toMatchObject({
      kind: "database",
      journalMode: "wal",
    });
  });

  test("UTF-16, and modes that are not kept in the file", () => {
    const utf16 = parseDatabaseHeader(headerOf("pragma encoding='UTF-16'; pragma journal_mode=truncate"));
    expect(utf16).toMatchObject({ kind: "database", journalMode: "rollback", pageCount: 2 });
  });
});

function fakeHeader(change: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(Buffer.from("SQLite format 3\0"));
  const view = new DataView(bytes.buffer);
  view.setUint16(16, 4096);
  view.setUint16(18, 0x0101);
  view.setUint32(28, 7);
  change(view);
  return bytes;
}

describe("fields that cannot be believed", () => {
  test.each([0, 256, 1000, 4097])("page size %i", (stored) => {
    expect(parseDatabaseHeader(fakeHeader((view) => view.setUint16(16, stored)))).toMatchObject({
      kind: "database",
      pageSize: null,
    });
  });

  test("a page count whose change counter does not agree, or of none", () => {
    expect(parseDatabaseHeader(fakeHeader((view) => view.setUint32(24, 5)))).toMatchObject({ pageCount: null });
    expect(parseDatabaseHeader(fakeHeader((view) => view.setUint32(28, 0)))).toMatchObject({ pageCount: null });
    expect(parseDatabaseHeader(fakeHeader(() => {}))).toMatchObject({ pageCount: 7 });
  });

  test.each([0x0000, 0x0102, 0x0201, 0x0303])("format versions %i", (versions) => {
    expect(parseDatabaseHeader(fakeHeader((view) => view.setUint16(18, versions)))).toMatchObject({
      journalMode: "unknown",
    });
  });
});

const looksLike = (bytes: Uint8Array) => {
  const header = parseDatabaseHeader(bytes.subarray(0, HEADER_BYTES));
  return header.kind === "other" ? header.looksLike : header.kind;
};

describe("files that are no database", () => {
  test("an empty one has no mode yet", () => {
    expect(parseDatabaseHeader(new Uint8Array())).toEqual({ kind: "empty" });
  });

  test.each<[string, Uint8Array]>([
    ["a database cut off after 40 bytes", fakeHeader(() => {}).subarray(0, 40)],
    ["a write-ahead log (-wal) without its database", Uint8Array.of(0x37, 0x7f, 0x06, 0x82, 0, 0, 0, 0)],
    ["a rollback journal without its database", Uint8Array.of(0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, 0)],
    ["a gzip archive: decompress it first", gzipSync("x")],
    ["a zip archive: unpack it first", Buffer.from("PK\x03\x04rest")],
    ["a zstd archive: decompress it first", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1)],
    ["a file that begins with zeroes: damaged, or still being written", new Uint8Array(4096)],
    ["SQL text (a dump?)", Buffer.from("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n")],
    ["a file that begins with zeroes: damaged, or still being written", new Uint8Array(100)],
    ["an xz archive: decompress it first", Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4)],
    ["a file of Windows, such as Thumbs.db", Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0)],
    ["a Berkeley DB database", Uint8Array.of(...new Uint8Array(12), 0x62, 0x31, 0x05, 0x00, 9, 0, 0, 0)],
    ["a Berkeley DB database", Uint8Array.of(...new Uint8Array(12), 0x00, 0x06, 0x15, 0x61, 0, 0, 0, 9)],
    ["a Git LFS pointer: run git lfs pull", Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a")],
    ["a database of SQLite 2", Buffer.from("** This file contains an SQLite 2.1 database **\0")],
    ["a database cut off after 15 bytes", Buffer.from("SQLite format 3")],
    ["text", Buffer.from("SQLit")],
    ["SQL text (a dump?)", Buffer.from("-- a dump\n")],
    ["text", Buffer.from("id,name\n1,Anna\n")],
    ["text", Buffer.from(`${"x".repeat(98)}äöü`)], // the 100 bytes end inside a character, or not
    ["text", Buffer.from(`${"x".repeat(99)}äöü`)],
    ["some other binary file", Buffer.from("\x7fELF\x02\x01\x01\0\0\0\0\0")],
    // shorter than a header: nothing can be said of its noise
    ["some other binary file", Buffer.from([0xff, 0xfe, 0x41, 0x00])],
  ])("%s", (words, bytes) => {
    expect(looksLike(bytes)).toBe(words);
  });

  test("noise looks encrypted", () => {
    expect(looksLike(Uint8Array.from({ length: HEADER_BYTES }, (_, i) => (i * 157 + 200) % 256))).toBe(
      "an encrypted database or other compressed or random data",
    );
  });
});

test("property: no bytes make it throw, and only the magic makes a database", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 100 }).map((rest) => Uint8Array.from([...Buffer.from("SQLite format 3\0"), ...rest])),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      const { kind } = parseDatabaseHeader(some);
      expect(kind === "database").toBe(hasDatabaseMagic(some) && some.length >= HEADER_BYTES);
      expect(kind === "empty").toBe(some.length === 0);
    }),
  );
});
