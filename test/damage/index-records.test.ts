/** The records that damage is done to are those that SQLite wrote, and what is written is what SQLite reads. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { tempFolder } from "../support/temp.ts";
import { INDEX_FEATURES } from "./index-features.ts";
import { type Cell, cellAt, type DatabaseBytes, entriesOf, putCell, readPage, writePage } from "./index-records.ts";
import { decodeRecord, encodeRecord, integerField, integerOf, textField } from "./record.ts";

const SETTINGS = [
  { pageSize: 512, encoding: "UTF-8" },
  { pageSize: 4096, encoding: "UTF-16le" },
] as const;

function withFeatures<T>(settings: (typeof SETTINGS)[number], act: (db: InstanceType<typeof Database>) => T): T {
  const db = new Database(":memory:");
  try {
    db.exec(`pragma page_size=${settings.pageSize}; pragma encoding='${settings.encoding}'`);
    for (const { schema, fill } of INDEX_FEATURES) db.exec(schema).exec(fill(20));
    return act(db);
  } finally {
    db.close();
  }
}

test.for(SETTINGS)(
  "pages of $pageSize, $encoding: every record, read and written anew, is the same to SQLite",
  (some) => {
    const { bytes, roots, counts } = withFeatures(some, (db) => ({
      bytes: db.serialize(),
      roots: db.prepare("select rootpage from sqlite_schema where rootpage > 1").pluck().all() as number[],
      counts: db
        .prepare("select sum(ncell) from dbstat where pagetype = 'leaf' and name <> 'sqlite_schema'")
        .pluck()
        .get(),
    }));
    const file: DatabaseBytes = { bytes: Buffer.from(bytes), pageSize: some.pageSize, reserved: 0 };
    const other: Cell[] = [];
    let leaves = 0;
    for (const root of roots) {
      const entries = entriesOf(file, root);
      leaves += entries.filter(({ cell }) => cell.child === null).length;
      for (const { cell } of entries) {
        const record = decodeRecord(cell.payload);
        expect(record).not.toBeNull();
        if (record !== null) expect(encodeRecord(record)).toEqual(cell.payload);
      }
      for (const page of new Set(entries.map((entry) => entry.page))) {
        const old = readPage(file, page);
        expect(old !== null && writePage(file, page, old)).toBe(true);
      }
    }
    expect(other).toEqual([]);
    expect(leaves).toBe(counts);
    const path = join(tempFolder(), "written-anew.sqlite3");
    writeFileSync(path, file.bytes);
    const db = new Database(path);
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    db.close();
  },
);

test("one entry changed: SQLite finds that one, and no other damage", () => {
  const path = join(tempFolder(), "changed.sqlite3");
  const db = new Database(path);
  db.exec("create table t(a); create index t_a on t(a); insert into t values ('b'), ('d'), ('f')");
  const root = Number(db.prepare("select rootpage from sqlite_schema where name = 't_a'").pluck().get());
  db.close();
  const file: DatabaseBytes = { bytes: readFileSync(path), pageSize: 4096, reserved: 0 };
  const place = { page: root, slot: 1 };
  const cell = cellAt(file, place);
  const record = decodeRecord(cell?.payload ?? Buffer.alloc(0));
  if (cell === null || record === null) throw new Error("no record");
  const changed = encodeRecord({ ...record, fields: record.fields.with(0, textField(Buffer.from("eee"))) });
  expect(putCell(file, place, { ...cell, payload: changed })).toBe(true);
  writeFileSync(path, file.bytes);
  const damaged = new Database(path);
  expect(damaged.prepare("pragma integrity_check").pluck().all()).toEqual(["row 2 missing from index t_a"]);
  expect(damaged.pragma("quick_check", { simple: true })).toBe("ok");
  damaged.close();
});

test("integers of all widths", () => {
  for (const value of [0n, 1n, -1n, 127n, 128n, -129n, 40_000n, 2n ** 31n, -(2n ** 47n), 2n ** 53n + 1n, -(2n ** 63n)])
    for (const bytes of [0, 1, 4, 7, 8]) {
      const field = integerField(value, bytes);
      expect(integerOf(field)).toBe(value);
      expect(field.content.length).toBeGreaterThanOrEqual(bytes);
    }
});
