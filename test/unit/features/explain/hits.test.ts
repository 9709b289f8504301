import { expect, test } from "vitest";
import { HitFinder } from "../../../../src/features/explain/hits.ts";
import { ENTRIES, LOCKED } from "./fixtures.ts";

const finder = new HitFinder(ENTRIES);
const NONE = () => false;

const ids = (text: string, { prefix = "", overlap = 0, isKnown = NONE } = {}) =>
  finder.find(text, prefix, overlap, isKnown).map(({ entry, start }) => `${entry.id}@${start}`);

test.each([
  ["all is well", []],
  ["Error: database is locked", ["locked@7"]],
  ["DATABASE IS LOCKED", ["locked@0"]],
  ["attempt to write a readonly database; database is locked", ["readonly@0", "locked@38"]],
  ["SQLITE_BUSY", ["locked@0"]],
  ["sqlite error: 8", ["readonly@0"]],
  ["sqlite error: 1", []], // it stands for many
  ["SQLITE_ERROR", []],
  ["org.h2.jdbc.JdbcSQLException: database is locked", []],
  ["org.h2 beside SQLite: database is locked", ["locked@22"]],
  ["[SQL: INSERT INTO log VALUES ('database is locked')]", []],
  ["database is locked [SQL: UPDATE t SET a = 1]", ["locked@0"]],
  ["(0.001) UPDATE t SET a = 'SQLITE_BUSY'", []],
] as const)("%s", (text, expected) => {
  expect(ids(text)).toEqual(expected);
});

test("what the log has before the text counts for the program, not for the place", () => {
  expect(ids("database is locked", { prefix: "KeePassXC | " })).toEqual([]);
  expect(ids("database is locked", { prefix: "web | " })).toEqual(["locked@0"]);
});

test("a message in the part of a long line that comes again is found with the next part", () => {
  const text = `${"x".repeat(100)} database is locked`;
  expect(ids(text, { overlap: 10 })).toEqual(["locked@101"]);
  expect(ids(text, { overlap: 40 })).toEqual([]);
});

test("a code just behind its message is no message of its own", () => {
  expect(ids("code: 'SQLITE_BUSY'", { isKnown: (entry?: unknown) => entry === LOCKED })).toEqual([]);
  expect(ids("code: 'SQLITE_READONLY'", { isKnown: (entry?: unknown) => entry === LOCKED })).toEqual(["readonly@7"]);
});

test("the libraries that word it in this way", () => {
  const [hit] = finder.find("SQLiteDatabaseLockedException: database is locked", "", 0, NONE);
  expect(hit).toMatchObject({ libraries: ["android"], start: 0 });
});
