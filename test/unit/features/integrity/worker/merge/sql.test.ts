import { expect, test } from "vitest";
import type { OrdinaryIndex } from "../../../../../../src/features/integrity/worker/merge/index.ts";
import { differenceSql, duplicateSql } from "../../../../../../src/features/integrity/worker/merge/sql.ts";

const INDEX: OrdinaryIndex = {
  name: 'i"1',
  root: 3,
  table: "t 1",
  tableRoot: 2,
  rowid: "oid",
  unique: true,
  columns: [
    { name: "a", collation: "NOCASE", descending: true },
    { name: "b", collation: "BINARY", descending: false },
  ],
};

test("by the index's collations, then the rowid, then byte by byte", () => {
  expect(differenceSql(INDEX)).toBe(
    'SELECT "a" COLLATE "NOCASE", "b" COLLATE "BINARY", oid, "a" COLLATE BINARY FROM main."t 1" NOT INDEXED EXCEPT ' +
      'SELECT "a" COLLATE "NOCASE", "b" COLLATE "BINARY", oid, "a" COLLATE BINARY FROM main."t 1" INDEXED BY "i""1" ' +
      "ORDER BY 1 DESC, 2, 3, 4 LIMIT 1",
  );
});

test("duplicates are those of the index's collations, without NULLs", () => {
  expect(duplicateSql(INDEX)).toBe(
    'SELECT 1 FROM main."t 1" INDEXED BY "i""1" WHERE "a" IS NOT NULL AND "b" IS NOT NULL ' +
      'GROUP BY "a" COLLATE "NOCASE", "b" COLLATE "BINARY" HAVING count(*) > 1 LIMIT 1',
  );
});
