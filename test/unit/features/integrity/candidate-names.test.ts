import { expect, test } from "vitest";
import { hasDatabaseName, type NameFact, nameFact } from "../../../../src/features/integrity/candidate-names.ts";

test("the usual names, in any case", () => {
  const usual = ["a.db", "A.DB", ".db", "a.db3", "db.sqlite3", "x.Sqlite", "m.sqlitedb", "a.s3db", "a.sl3", "m.gpkg"];
  expect(usual.filter((name) => !hasDatabaseName(name))).toEqual([]);
  expect(["db", "a.db.txt", "a.db-wal", "a.db2", "a.sdb", "History", "a.sql"].filter(hasDatabaseName)).toEqual([]);
});

const NAMES = [
  "a.db",
  "a.db-wal",
  "a.db-shm",
  "History",
  "History-journal",
  "lost-shm",
  "lost-journal",
  "folder-wal",
  "folder",
  "odd",
  "odd-mj0123AB9DE",
];
const FILES = NAMES.filter((name) => name !== "folder");

test.each<[string, NameFact]>([
  ["a.db", { kind: "file", hasCompanion: true }],
  ["a.db-wal", { kind: "companion" }],
  ["History", { kind: "file", hasCompanion: true }],
  ["odd", { kind: "file", hasCompanion: false }],
  ["odd-mj0123AB9DE", { kind: "companion" }],
  ["folder-wal", { kind: "companion" }],
  // of the companion files of a lost database one: the one that may have its content
  ["lost-journal", { kind: "orphan", database: "lost" }],
  ["lost-shm", { kind: "companion" }],
])("%s", (name, fact) => {
  expect(nameFact(name, new Set(FILES), new Set(NAMES))).toEqual(fact);
});
