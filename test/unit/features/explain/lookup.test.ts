import { expect, test } from "vitest";
import { ENTRIES as KNOWN } from "../../../../src/features/explain/entries/index.ts";
import { lookUp } from "../../../../src/features/explain/lookup.ts";
import { nearest, nearestIds } from "../../../../src/features/explain/nearest.ts";
import { FINDING_IDS } from "../../../../src/findings/index.ts";
import { ENTRIES } from "./fixtures.ts";

const code = (text: string) => {
  const found = lookUp(text, ENTRIES);
  if (found?.kind === "many-codes") return ["many", ...found.entries.map(({ id }) => id)];
  return found?.kind === "code"
    ? [found.entries.map(({ id }) => id).join(), found.extended?.number ?? null]
    : (found?.kind ?? null);
};

test("codes, by number and by name, as people write them", () => {
  for (const text of [
    "5",
    "code 5",
    "error 5",
    "SQLITE_BUSY",
    "sqlite_busy",
    " SQLite error 5 ",
    "SQLite Error: 5",
    "result code 5",
    "rc=5",
  ])
    expect(code(text), text).toEqual(["locked", null]);
  for (const text of ["517", "code 517", "extended code 517", "errcode: 517", "SQLITE_BUSY_SNAPSHOT"])
    expect(code(text), text).toEqual(["locked", 517]);
  expect(code("1")).toEqual(["many", "nested"]);
  expect(code("SQLITE_ERROR")).toEqual(["many", "nested"]);
  expect(code("19")).toBe("unknown-code");
  expect(code("SQLITE_CONSTRAINT")).toBe("unknown-code");
  expect(lookUp("8", [...ENTRIES, ...ENTRIES])).toMatchObject({
    kind: "code",
    entries: [{ id: "readonly" }, { id: "readonly" }],
  });
  for (const text of ["exit code 5", "5 rows", "123456", "5.0", "SQLITE_BUSY: database is locked"])
    expect(code(text), text).toBeNull();
});

test("ids of entries, and of all findings, also as who-holds prints them", () => {
  expect(lookUp("readonly", ENTRIES)).toMatchObject({ kind: "entry", entry: { id: "readonly" } });
  for (const id of FINDING_IDS) expect(lookUp(id, ENTRIES)).toEqual({ kind: "finding", id, entry: null });
  expect(lookUp("error uncommitted-write:", ENTRIES)).toMatchObject({ kind: "finding", id: "uncommitted-write" });
  expect(lookUp("HOT-JOURNAL", ENTRIES)).toMatchObject({ kind: "finding", id: "hot-journal" });
  expect(lookUp("no-such-finding", ENTRIES)).toBeNull();
});

test("a name of both is both", () => {
  expect(lookUp("disk-full", KNOWN)).toMatchObject({ kind: "finding", id: "disk-full", entry: { id: "disk-full" } });
});

test.each([
  ["databse is lokced", "database-is-locked"],
  ["the data base locked", "database-is-locked"],
  ["2024-01-01 12:00 ERROR could not save: attempt to write read-only database", "readonly-database"],
  ["disk image malformed", "malformed"],
  ["unable to open my database", "unable-to-open"],
])("%s is nearest to %s", (line, id) => {
  expect(nearest([line], KNOWN)[0]?.id).toBe(id);
});

test("ids that are mistyped", () => {
  expect(nearestIds("hot-journall", FINDING_IDS)).toEqual(["hot-journal"]);
  expect(nearestIds("Uncomitted-Write", FINDING_IDS)[0]).toBe("uncommitted-write");
  for (const text of ["hot journal is gone", "journal", "e-mail", ""])
    expect(nearestIds(text, FINDING_IDS), text).toEqual([]);
});

test("nothing is near to what is no such message", () => {
  for (const line of [
    "",
    "hello world",
    "connection refused",
    "UNIQUE constraint failed: users.email",
    "no such table: t",
    "Permission denied",
    "ENOSPC: no space left on device",
  ])
    expect(
      nearest([line], KNOWN).map(({ id }) => id),
      line,
    ).toEqual([]);
});
