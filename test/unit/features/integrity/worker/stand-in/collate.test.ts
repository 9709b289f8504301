import Database from "better-sqlite3";
import { expect, test } from "vitest";
import {
  collationsIn,
  isMissingCollation,
  withStandIns,
} from "../../../../../../src/features/integrity/worker/stand-in/collate.ts";

test.each([
  ["t text COLLATE unicase", "t text COLLATE RTRIM  "],
  ['t text collate "unicase" not null', 't text collate "RTRIM"   not null'],
  ["(a collate [naturalsort]desc)", '(a collate "RTRIM"      desc)'],
  ["collate'unicase'unique", `collate"RTRIM"  unique`],
  ["collate `uni``case`", 'collate "RTRIM"    '],
  // too short for another name
  ["(a collate ICU desc)", "(a             desc)"],
  ['(a collate"ICU"desc)', "(a             desc)"],
  ['a collate/* ! */-- !\n"é" b', "a                        b"],
])("%s has another name, in the same length", (sql, expected) => {
  expect(withStandIns(sql)).toBe(expected);
  expect(expected).toHaveLength(sql.length);
});

test.each([
  'a collate nocase, b COLLATE "Binary", c collate [RTRIM]',
  "a default 'x collate unicase', \"collate\" unicase",
  "a -- collate unicase\n/* collate unicase */",
  '"collate unicase" text, [collate unicase], `collate unicase`',
  "a collate",
  "a collate 'unicase",
  "a uncollate unicase, collates unicase",
])("%s stays", (sql) => {
  expect(withStandIns(sql)).toBe(sql);
});

test("the names, in their own letters", () => {
  expect(collationsIn("a collate UniCase, b collate 'it''s', c collate [x y], d collate nocase")).toEqual([
    "UniCase",
    "it's",
    "x y",
    "nocase",
  ]);
});

test("what this SQLite has is not missing", () => {
  const db = new Database(":memory:");
  const names = db
    .prepare<[], { name: string }>("pragma collation_list")
    .all()
    .map(({ name }) => name);
  db.close();
  expect(names.filter(isMissingCollation)).toEqual([]);
  expect(names).toHaveLength(3);
});
