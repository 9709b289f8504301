/** Moments as people write them, and where they lie in a recording. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findMoment, findSpan } from "../../../../src/recording/history/find-moment.ts";
import type { HistoryFacts } from "../../../../src/recording/history/history.ts";
import { type Moment, parseMoment } from "../../../../src/recording/history/moment.ts";
import { Zone } from "../../../../src/recording/history/zone.ts";
import { foundRun, historyOf } from "../../../support/history.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  ["03:12", { day: null, dayMs: 3 * HOUR + 12 * MINUTE, offsetMs: null }],
  ["3:12", { day: null, dayMs: 3 * HOUR + 12 * MINUTE, offsetMs: null }],
  ["03:12:30.5", { day: null, dayMs: 3 * HOUR + 12 * MINUTE + 30_500, offsetMs: null }],
  ["2026-07-01 03:12", { day: { year: 2026, month: 7, day: 1 }, dayMs: 3 * HOUR + 12 * MINUTE, offsetMs: null }],
  ["2026-07-01T03:12:00+02:00", { day: { year: 2026, month: 7, day: 1 }, dayMs: 11_520_000, offsetMs: 2 * HOUR }],
  ["2026-07-01T03:12Z", { day: { year: 2026, month: 7, day: 1 }, dayMs: 11_520_000, offsetMs: 0 }],
  ["2026-07-01", { day: { year: 2026, month: 7, day: 1 }, dayMs: 0, offsetMs: null }],
  ["02:30 -0330", { day: null, dayMs: 2.5 * HOUR, offsetMs: -3.5 * HOUR }],
  ["yesterday 03:12", { day: "yesterday", dayMs: 11_520_000, offsetMs: null }],
  [" today 00:00 ", { day: "today", dayMs: 0, offsetMs: null }],
])("%s", (text, expected) => expect(parseMoment(text)).toEqual({ kind: "clock", ...expected }));

test.each([
  ["2h ago", 2 * HOUR],
  ["90 minutes ago", 90 * MINUTE],
  ["1.5 days ago", 36 * HOUR],
  ["30s ago", 30_000],
])("%s", (text, ms) => expect(parseMoment(text)).toEqual({ kind: "ago", ms }));

test.each([
  "",
  " ",
  "25:00",
  "03:60",
  "2026-02-30 03:12",
  "2026-13-01",
  "noon",
  "3",
  "+02:00",
  "03:12+99:00",
  "1y ago",
  "NaN ago",
])("%j is none", (text) => expect(parseMoment(text)).toBeNull());

const moment = (text: string): Moment => parseMoment(text) as Moment;
const utc = (text: string) => Date.parse(text);

/** From Tuesday 2026-06-30 10:00 to Wednesday 14:30, in Berlin. */
const DAY = historyOf(foundRun("2026-06-30T10:00:00+02:00", { toMs: 28.5 * HOUR }));
const NOW = utc("2026-07-02T09:00:00Z");

function at(text: string, facts: HistoryFacts = DAY, now = NOW): string {
  const found = findMoment(moment(text), facts, now);
  return found.kind === "at" ? new Date(facts.clock.toUtcMs(found.atMs)).toISOString() : found.kind;
}

describe("the latest such moment that is in the recording", () => {
  test.each([
    ["03:12", "2026-07-01T01:12:00.000Z"],
    ["11:00", "2026-07-01T09:00:00.000Z"],
    ["15:00", "2026-06-30T13:00:00.000Z"], // on Wednesday it had ended
    ["14:30", "2026-07-01T12:30:00.000Z"],
    ["2026-06-30 11:00", "2026-06-30T09:00:00.000Z"],
    ["yesterday 09:00", "2026-07-01T07:00:00.000Z"],
    ["today 03:12", "outside"],
    ["2026-06-30 09:00", "outside"],
    ["24h ago", "2026-07-01T09:00:00.000Z"],
    ["03:12Z", "2026-07-01T03:12:00.000Z"],
    ["23:12+02:00", "2026-06-30T21:12:00.000Z"],
  ])("%s is %s", (text, expected) => expect(at(text)).toBe(expected));
});

/** Over the end of summer time, and over its beginning. */
const AUTUMN = historyOf(foundRun("2026-10-24T20:00:00+02:00", { toMs: 12 * HOUR }));
const SPRING = historyOf(foundRun("2026-03-28T20:00:00+01:00", { toMs: 12 * HOUR }));

test("a time that was twice is named by its offset", () => {
  expect(findMoment(moment("02:30"), AUTUMN, NOW)).toEqual({
    kind: "twice",
    utcMs: [utc("2026-10-25T00:30Z"), utc("2026-10-25T01:30Z")],
  });
  expect(at("02:30+02:00", AUTUMN)).toBe("2026-10-25T00:30:00.000Z");
  expect(at("2026-10-25 02:30+01:00", AUTUMN)).toBe("2026-10-25T01:30:00.000Z");
  expect(at("03:30", AUTUMN)).toBe("2026-10-25T02:30:00.000Z");
  // the recorder was started between the two
  const second = historyOf(foundRun("2026-10-25T02:10:00+01:00"));
  expect(at("02:30", second)).toBe("2026-10-25T01:30:00.000Z");
});

test("a time that never was", () => {
  expect(findMoment(moment("02:30"), SPRING, NOW)).toMatchObject({ kind: "never", local: { day: 29 } });
  expect(findMoment(moment("2026-03-29 02:30"), SPRING, NOW)).toMatchObject({ kind: "never" });
  expect(at("03:30", SPRING)).toBe("2026-03-29T01:30:00.000Z");
});

test("a time at which the machine slept; a clock that was set back by hand", () => {
  const clocks = [
    { type: "clock", atMs: HOUR, wallClock: "2026-06-30T19:00:00+02:00", suspendedMs: 8 * HOUR },
    { type: "clock", atMs: 2 * HOUR, wallClock: "2026-06-30T19:30:00+02:00" },
  ] as const;
  const facts = historyOf(foundRun("2026-06-30T10:00:00+02:00", { clocks, toMs: 3 * HOUR }));
  expect(findMoment(moment("12:00"), facts, NOW)).toEqual({
    ...{ kind: "slept", utcMs: utc("2026-06-30T17:00Z"), lengthMs: 8 * HOUR },
  });
  expect(findMoment(moment("19:45"), facts, NOW)).toEqual({ kind: "at", atMs: 2.25 * HOUR, isSecond: true });
});

test("what every recorded moment's own clock time finds is that time, in all zones", () => {
  const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: utc("2010-01-01T00:00Z"), max: utc("2030-01-01T00:00Z") }),
      fc.integer({ min: 0, max: 40 * HOUR }),
      (zone, startMs, offset) => {
        const start = Math.floor(startMs / 1_000) * 1_000;
        const facts = historyOf(foundRun(new Date(start).toISOString(), { zone, toMs: 40 * HOUR }));
        const second = Math.floor(offset / 1_000) * 1_000;
        const { year, month, day, dayMs } = new Zone(zone).local(start + second);
        const found = findMoment({ kind: "clock", day: { year, month, day }, dayMs, offsetMs: null }, facts, NOW);
        if (found.kind === "at") expect(found.atMs).toBe(second);
        else expect(found.kind === "twice" && found.utcMs).toContain(start + second);
      },
    ),
    { numRuns: 200 },
  );
});

function between(from: string, to: string, facts: HistoryFacts = DAY): readonly [string, string] | null {
  const found = findSpan(moment(from), moment(to), facts, NOW);
  if (found.kind !== "span") return null;
  const [one, other] = [found.span.fromMs, found.span.toMs].map((ms) =>
    new Date(facts.clock.toUtcMs(ms)).toISOString().slice(5, 16),
  );
  return [one ?? "", other ?? ""];
}

test.each([
  ["03:00", "03:30", ["07-01T01:00", "07-01T01:30"]],
  ["23:00", "01:00", ["06-30T21:00", "06-30T23:00"]],
  ["14:00", "15:00", ["07-01T12:00", "07-01T12:30"]], // as far as it is there
  ["09:00", "11:00", ["07-01T07:00", "07-01T09:00"]],
  ["2026-06-30 08:00", "2026-06-30 11:00", ["06-30T08:00", "06-30T09:00"]],
  ["2026-06-30 11:00", "12:00", ["06-30T09:00", "06-30T10:00"]], // and not of a later day
  ["2026-06-30 23:00", "01:00", ["06-30T21:00", "06-30T23:00"]],
  ["2026-06-30 12:00", "12:20", ["06-30T10:00", "06-30T10:20"]],
  ["2026-06-29 11:00", "12:00", null],
  ["2026-07-01 20:00", "2026-07-01 21:00", null],
  ["2026-06-29 20:00", "2026-06-29 21:00", null],
])("between %s and %s", (from, to, expected) => expect(between(from, to)).toEqual(expected));

test("between two times of which one was twice: both of them", () => {
  expect(between("02:00", "02:30", AUTUMN)).toEqual(["10-25T00:00", "10-25T01:30"]);
  expect(between("01:30", "03:30", SPRING)).toEqual(["03-29T00:30", "03-29T01:30"]);
});

test("between two times of which one never was, or over which the machine slept, or the wrong way round", () => {
  const kindOf = (from: string, to: string, facts: HistoryFacts) => findSpan(moment(from), moment(to), facts, NOW);
  const never = { kind: "never", local: { month: 3, day: 29, dayMs: 2.5 * HOUR } };
  expect(kindOf("02:30", "03:30", SPRING)).toMatchObject(never);
  expect(kindOf("01:30", "02:30", SPRING)).toMatchObject(never);
  const clocks = [
    { type: "clock", atMs: HOUR, wallClock: "2026-06-30T19:00:00+02:00", suspendedMs: 8 * HOUR },
  ] as const;
  const slept = historyOf(foundRun("2026-06-30T10:00:00+02:00", { clocks, toMs: 3 * HOUR }));
  expect(kindOf("12:00", "12:30", slept)).toEqual({
    ...{ kind: "slept", utcMs: utc("2026-06-30T17:00Z"), lengthMs: 8 * HOUR },
  });
  expect(kindOf("10:30", "19:30", slept)).toMatchObject({ kind: "span" });
  const hour = historyOf(foundRun("2026-06-30T10:00:00+02:00"));
  expect(kindOf("10:30", "10:20", hour)).toEqual({ kind: "reversed" });
  expect(kindOf("2026-06-30 10:30", "2026-06-30 10:20", hour)).toEqual({ kind: "reversed" });
  // over midnight, though the recording began later
  const night = historyOf(foundRun("2026-06-30T23:30:00+02:00"));
  expect(kindOf("23:00", "00:15", night)).toMatchObject({ kind: "span", span: { fromMs: 0, toMs: 0.75 * HOUR } });
});

test("a day after the recording, and a time without one: not in it, and not the wrong way round", () => {
  const hour = historyOf(foundRun("2026-06-30T10:00:00+02:00"));
  expect(findSpan(moment("2026-07-05 10:00"), moment("11:00"), hour, NOW)).toEqual({ kind: "outside" });
});
