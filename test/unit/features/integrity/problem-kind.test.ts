import { describe, expect, test } from "vitest";
import { kindOf, type ProblemKind } from "../../../../src/features/integrity/problem-kind.ts";
import { problem } from "../../../support/integrity.ts";

/** As SQLite 3.53 says it. */
const MESSAGES: readonly (readonly [string, ProblemKind])[] = [
  ["row 17 missing from index i", "index-entries"],
  ["row 17 values differ from index i", "index-entries"],
  ["rowid not at end-of-record for row 17 of index i", "index-entries"],
  ["wrong # of entries in index i", "index-entries"],
  ["index i stores an imprecise floating-point value for row 17", "index-entries"],
  ["non-unique entry in index i", "duplicates"],
  ["NULL value in t.a", "values"],
  ["NUMERIC value in t.a", "values"],
  ["TEXT value in t.a", "values"],
  ["non-INT value in t.a", "values"],
  ["CHECK constraint failed in t", "values"],
  ["Page 3: never used", "free-pages"],
  ["Freelist: size is 64 but should be 3", "free-pages"],
  ["malformed inverted index for FTS4 table main.t", "full-text"],
  ["unable to validate the inverted index for FTS5 table main.t: out of memory", "full-text"],
  ['fts5: checksum mismatch for table "t"', "full-text"],
  ["Tree 2 page 7 cell 3: Rowid 7 out of order", "pages"],
  ["Tree 2 page 7: btreeInitPage() returns error code 11", "pages"],
  ["Page 3: pointer map referenced", "pages"],
  ["row not in PRIMARY KEY order for t", "pages"],
  ["database disk image is malformed", "pages"],
];

test.each(MESSAGES)("%s: %s", (message, kind) => {
  expect(kindOf(problem(message))).toBe(kind);
});

describe("what the message does not say", () => {
  test("pages of an index can be made again, the header and companion files cannot", () => {
    expect(kindOf(problem("Tree 3 page 6: btreeInitPage() returns error code 11", { index: "i", page: 6 }))).toBe(
      "index-pages",
    );
    expect(kindOf(problem("wrong # of entries in index i", { check: "header" }))).toBe("pages");
    expect(kindOf(problem("x", { check: "companion-files" }))).toBe("pages");
  });

  test("an unknown message of a virtual table is its own, a foreign key is one whatever it says", () => {
    expect(kindOf(problem("In RTree main.r: Mapping (1 -> 1) missing", { check: "virtual-tables", table: "r" }))).toBe(
      "virtual-table",
    );
    expect(kindOf(problem("database disk image is malformed", { check: "foreign-keys" }))).toBe("foreign-key");
  });
});
