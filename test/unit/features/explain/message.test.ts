import { describe, expect, test } from "vitest";
import type { ExtendedCode } from "../../../../src/features/explain/entry.ts";
import { lookUp } from "../../../../src/features/explain/lookup.ts";
import { commonExtendedCode, messageOf, otherMessages, speakerOf } from "../../../../src/features/explain/message.ts";
import type { LibraryRead, Reading } from "../../../../src/features/explain/reading.ts";
import type { Tally } from "../../../../src/features/explain/recognise.ts";
import { ENTRIES, LOCKED, NESTED, READONLY } from "./fixtures.ts";

const [SNAPSHOT, TIMEOUT] = LOCKED.extended;
if (SNAPSHOT === undefined || TIMEOUT === undefined) throw new Error("the entry has two extended codes");
const DJANGO: LibraryRead = { id: "django", from: "wording", line: 1 };
const PYTHON: LibraryRead = { id: "python-sqlite3", from: "nearby", line: 2 };

function reading(change: Partial<Reading> = {}): Reading {
  const nothing = { library: null, language: null, extended: null, elapsed: null, timeout: null, raisedAt: null };
  return { line: 1, text: "database is locked", ...nothing, ...change };
}

const extended = (...codes: (ExtendedCode | null)[]) => codes.map((code) => reading({ extended: code }));

const tally = (entry: Tally["entry"], readings: Reading[], count = readings.length): Tally => ({
  entry,
  count,
  readings,
});

test.each<[string, readonly Reading[], ExtendedCode | null]>([
  ["nothing", [], null],
  ["none has one", extended(null, null), null],
  ["all have it", extended(SNAPSHOT, SNAPSHOT), SNAPSHOT],
  ["most have it", extended(null, TIMEOUT, TIMEOUT), TIMEOUT],
  ["half of them have it", extended(SNAPSHOT, null), null],
  ["as many have another one", extended(SNAPSHOT, TIMEOUT), null],
])("the extended code of most: %s", (_, readings, code) => {
  expect(commonExtendedCode(readings)).toBe(code);
});

test.each<[string, Reading | undefined, string | null]>([
  ["the library", reading({ library: DJANGO, language: "Python" }), "django"],
  ["its language", reading({ language: "Python" }), "Python"],
  ["neither", reading(), null],
  ["no text", undefined, null],
])("who printed it: %s", (_, of, speaker) => {
  expect(speakerOf(of)).toBe(speaker);
});

describe("the message", () => {
  test("asked for by its name", () => {
    expect(messageOf(NESTED, null, undefined, undefined)).toEqual({
      id: "nested",
      title: "cannot start a transaction within a transaction",
      code: { name: "SQLITE_ERROR", number: 1 },
      extended: null,
      meaning: "One is open already.",
      library: null,
      language: null,
      found: null,
      alsoSaidBy: [],
      raisedAt: null,
      alsoRaisedAt: [],
    });
    expect(messageOf({ ...NESTED, code: null }, null, undefined, undefined).code).toBeNull();
  });

  test("found in a text", () => {
    const shown = reading({ line: 7, library: DJANGO, language: "Python" });
    expect(messageOf(LOCKED, SNAPSHOT, tally(LOCKED, [shown], 300), shown)).toMatchObject({
      extended: { name: "SQLITE_BUSY_SNAPSHOT", number: 517, meaning: "A snapshot that is old." },
      library: { id: "django", name: "Django", language: "Python", from: "wording", line: 1 },
      language: "Python",
      found: { line: 7, text: "database is locked", count: 300 },
      alsoSaidBy: [],
    });
  });

  const django = reading({ library: DJANGO, language: "Python" });
  test.each<[string, Reading, Reading[], [string | null, string | null, number][]]>([
    ["the same library", django, [reading({ ...django, line: 2 })], []],
    [
      "another one of its language",
      django,
      [reading({ library: PYTHON, language: "Python", line: 2 })],
      [["python-sqlite3", "Python", 2]],
    ],
    ["its language alone", django, [reading({ language: "Python", line: 2 })], []],
    [
      "another language, once",
      django,
      [reading({ language: "Go", line: 2 }), reading({ language: "Go", line: 3 })],
      [[null, "Go", 2]],
    ],
    ["nobody who is known", django, [reading({ line: 2 })], []],
    [
      "a library, where the shown one has none",
      reading(),
      [reading({ ...django, line: 2 })],
      [["django", "Python", 2]],
    ],
  ])("who also printed it: %s", (_, shown, others, expected) => {
    const { alsoSaidBy } = messageOf(LOCKED, null, tally(LOCKED, [shown, ...others]), shown);
    expect(alsoSaidBy.map(({ library, language, line }) => [library, language, line])).toEqual(expected);
  });
});

describe("the other messages", () => {
  const others = (tallies: Tally[], shown: ExtendedCode | null = null) =>
    otherMessages({ lines: 9, tallies, candidates: [] }, null, shown).map((each) => [
      each.id,
      each.extended?.number ?? null,
      each.count,
      each.line,
    ]);

  test.each<[string, Tally[], ExtendedCode | null, ReturnType<typeof others>]>([
    ["nothing was recognised", [], null, []],
    ["one message", [tally(LOCKED, extended(null))], null, []],
    ["one code of it, which is shown", [tally(LOCKED, extended(SNAPSHOT, null))], SNAPSHOT, []],
    [
      "codes that are not shown",
      [tally(LOCKED, extended(SNAPSHOT, TIMEOUT, TIMEOUT, null))],
      TIMEOUT,
      [["locked", 517, 1, 1]],
    ],
    [
      "another message, counted beyond what was read",
      [tally(LOCKED, extended(null)), tally(READONLY, [reading({ line: 5 })], 300)],
      null,
      [["readonly", null, 300, 5]],
    ],
  ])("%s", (_, tallies, shown, expected) => {
    expect(others(tallies, shown)).toEqual(expected);
  });

  test("of a code: the others that have it", () => {
    const entries = [...ENTRIES, { ...LOCKED, id: "also-busy", title: "also busy" }];
    expect(otherMessages(null, lookUp("5", entries), null)).toEqual([
      { id: "also-busy", title: "also busy", extended: null, count: 0, line: null },
    ]);
    expect(otherMessages(null, lookUp("locked", entries), null)).toEqual([]);
    expect(otherMessages(null, null, null)).toEqual([]);
  });
});
