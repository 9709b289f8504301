import { describe, expect, test } from "vitest";
import { entryOfName, extendedOf, namesIn } from "../../../../src/features/explain/codes.ts";
import { ENTRIES, LOCKED } from "./fixtures.ts";

test.each([
  ["SQLITE_BUSY", ["SQLITE_BUSY"]],
  ["Error: SQLITE_BUSY_SNAPSHOT: database is locked (SQLITE_BUSY)", ["SQLITE_BUSY_SNAPSHOT", "SQLITE_BUSY"]],
  ["SQLITE_BUSY_TIMEOUT_MS", ["SQLITE_BUSY_TIMEOUT_MS"]],
  ["SQLITE_BUSY_TIMEOUT=5000", []],
  ['"SQLITE_BUSY_TIMEOUT": 5000', []],
  ["sqlite_busy", []],
  ["MY_SQLITE_BUSY", []],
])("names of codes in %j", (text, expected) => {
  expect(namesIn(text)).toEqual(expected);
});

test.each([
  ["SQLITE_BUSY", "locked"],
  ["SQLITE_BUSY_SNAPSHOT", "locked"],
  ["SQLITE_READONLY_DBMOVED", "readonly"],
  ["SQLITE_ERROR", null], // stands for many
  ["SQLITE_NOMEM", null],
])("the message of %s", (name, expected) => {
  expect(entryOfName(name, ENTRIES)?.id ?? null).toBe(expected);
});

describe("the extended code of a message", () => {
  const numbered = (...lines: string[]) => lines.map((text, i) => ({ number: i + 1, text }));
  const code = (lines: readonly string[], hits: readonly number[], others: readonly number[] = []) => {
    const found = extendedOf(LOCKED, numbered(...lines), hits, new Set(others));
    return found === null ? null : [found.code.number, found.line];
  };

  test.each<[string, string[], number[], number[], [number, number] | null]>([
    ["by name, on its own line", ["database is locked (SQLITE_BUSY_SNAPSHOT)"], [0], [], [517, 1]],
    ["by number, on its own line", ["database is locked (517)"], [0], [], [517, 1]],
    ["no code of this message", ["database is locked (status code: 404)"], [0], [], null],
    ["on a line after it", ["database is locked", "  errcode: 517,"], [0], [], [517, 2]],
    ["a bare number on another line is none", ["database is locked", "(517)"], [0], [], null],
    ["on one of the three lines before it", ["extended_code: 517", "", "", "database is locked"], [3], [], [517, 1]],
    ["not further before it", ["extended_code: 517", "", "", "", "database is locked"], [4], [], null],
    ["not behind another message", ["database is locked", "disk is full", "errcode: 517"], [0], [1], null],
    ["a name of the program's own", ["database is locked SQLITE_BUSY_WHATEVER (517)"], [0], [], null],
  ])("%s", (_, lines, hits, others, expected) => {
    expect(code(lines, hits, others)).toEqual(expected);
  });
});
