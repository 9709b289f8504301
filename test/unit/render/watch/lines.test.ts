/** Each event as a line, for a person and for a program. */
import { describe, expect, test } from "vitest";
import { type EventName, type WatchEvent, watchEvent } from "../../../../src/features/watch/event.ts";
import { lockText } from "../../../../src/render/lock-text.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { jsonLine, textLine } from "../../../../src/render/watch/lines.ts";
import { logLine } from "../../../../src/render/watch/log.ts";
import { sparkline } from "../../../../src/render/watch/sparkline.ts";
import { shortTime } from "../../../../src/render/watch/times.ts";
import { lock } from "../../../support/report.ts";
import { expectToFit } from "../../../support/schema.ts";
import { lockEvent, PATH } from "../../../support/watch-event.ts";
import { viewOf } from "../../../support/watch-view.ts";

const AT = new Date("2026-01-02T12:03:07.214").getTime();
const of = (event: EventName, known: Partial<WatchEvent> = {}) => watchEvent(event, PATH, AT, known);
const WHO = { pid: 4242, name: "python manage.py shell" };
const FINDING = {
  pid: 4242,
  finding: { id: "uncommitted-write", severity: "error", pids: [4242, 4243], summary: "a summary" },
} as const;

const EVENTS: readonly (readonly [WatchEvent, string, string])[] = [
  [of("watching"), `watching ${PATH}`, "watching"],
  [of("watching", { source: "sampled" }), `watching ${PATH}`, "watching"],
  [of("watching", { source: "kernel" }), `watching ${PATH}: every lock, from the kernel`, "watching"],
  [
    of("gap", { gapMs: 1012.34 }),
    "no reading for 1.0 s: what happened meanwhile is unknown",
    "no reading for 1.0 s: what happened meanwhile is unknown",
  ],
  [
    of("gap", { gapMs: 250, source: "kernel" }),
    "events of the kernel were lost for 250 ms: what happened meanwhile is unknown",
    "events of the kernel were lost for 250 ms: what happened meanwhile is unknown",
  ],
  [of("missing"), "the database does not exist yet", "the database does not exist yet"],
  [of("created"), "the database was created", "the database was created"],
  [of("deleted"), "the database was deleted or moved away", "the database was deleted or moved away"],
  [of("returned"), "the database is back: the same file as before", "the database is back: the same file as before"],
  [of("replaced"), "the database was replaced by another file", "the database was replaced by another file"],
  [of("open", WHO), "4242 (python manage.py shell) has it open", "open"],
  [of("opened", WHO), "4242 (python manage.py shell) opened it", "4242 (python manage.py shell) opened it"],
  [of("closed", { pid: 4242 }), "4242 closed it", "4242 closed it"],
  [of("ended", WHO), "4242 (python manage.py shell) has ended", "4242 (python manage.py shell) has ended"],
  [lockEvent("held", AT), "4242 (python manage.py shell) already holds WRITE", "4242 already holds WRITE"],
  [lockEvent("acquired", AT), "4242 (python manage.py shell) took WRITE", "4242 took WRITE"],
  [
    lockEvent("released", AT, { heldMs: 1830 }),
    "4242 (python manage.py shell) released WRITE, held for 1.8 s",
    "4242 released WRITE, held for 1.8 s",
  ],
  [
    lockEvent("released", AT, { heldMs: 20.4, atLeast: true, name: null }),
    "4242 released WRITE, held for at least 20 ms",
    "4242 released WRITE, held for at least 20 ms",
  ],
  [of("finding", FINDING), "error uncommitted-write: a summary", "error uncommitted-write: 4242"],
  [of("resolved", FINDING), "resolved: uncommitted-write (4242, 4243)", "resolved: uncommitted-write (4242)"],
  [
    of("wal-growth", {
      wal: { sizeBytes: 2 ** 20, perMinuteBytes: 2 ** 19, measuredMs: 60_000, diskFullInMs: 900_000 },
    }),
    "the WAL has grown to 1 MiB, by 512 KiB per minute; at this rate the disk is full in about 15 min",
    "wal-growth",
  ],
  [
    of("resolved", { finding: { ...FINDING.finding, pids: [] } }),
    "resolved: uncommitted-write",
    "resolved: uncommitted-write",
  ],
];

test.each<[EventName, number | null, boolean, string]>([
  ["held", null, false, "already holds WRITE"],
  ["held", 15_000, true, "already held WRITE, for at least 15 s"],
  ["acquired", null, false, "took WRITE"],
  ["acquired", 1500, false, "took WRITE, held for 1.5 s"],
  ["acquired", 1500, true, "took WRITE, held for at least 1.5 s"],
])("a row of the screen's list that is %s, for %j ms, at least: %j", (event, heldMs, atLeast, expected) => {
  const row = { event: lockEvent(event, AT), heldMs, atLeast };
  expect(logLine(row, viewOf(), 100, PLAIN)).toBe(`12:03:07 4242 ${expected}`);
});

describe("an event", () => {
  test.each(EVENTS)("$event", (event, expected) => {
    expect(textLine(event, false)).toBe(`12:03:07.214 ${expected}\n`);
  });

  test.each(EVENTS)("$event on the screen", (event, _, expected) => {
    expect(logLine({ event, heldMs: event.heldMs, atLeast: event.atLeast === true }, viewOf(), 100, PLAIN)).toBe(
      `12:03:07 ${expected}`,
    );
  });

  test.each(EVENTS)("$event as JSON fits the schema", (event) => {
    expectToFit("watch", JSON.parse(jsonLine(event)));
  });

  test("of one of several databases", () => {
    expect(textLine(of("created"), true)).toBe("12:03:07.214 db.sqlite3: the database was created\n");
    expect(textLine(of("watching"), true)).toBe("12:03:07.214 db.sqlite3: watching\n");
  });

  test("of a process with a long or hostile name", () => {
    const name = `python ${"x".repeat(100)}`;
    expect(textLine(of("opened", { pid: 1, name }), false)).toMatch(/^\S+ 1 \(python x{50}\.\.\.\) opened it\n$/);
    expect(textLine(of("opened", { pid: 1, name: "x\n\u001b[2J" }), false)).not.toMatch(/\u001b|\n./);
  });
});

test("a line of JSON: all fields, times of tenths", () => {
  const line = jsonLine(lockEvent("released", AT, { heldMs: 20.4567 }));
  expect(line.endsWith("}\n")).toBe(true);
  expect(JSON.parse(line)).toEqual({
    ...lockEvent("released", AT),
    at: new Date(AT).toISOString(),
    heldMs: 20.5,
  });
});

test.each([
  [lock("WRITE"), "WRITE"],
  [lock("RESERVED", { api: "ofd" }), "RESERVED(ofd)"],
  [lock("READ1"), "READ1"],
  [lock("READ1", { type: "write" }), "READ1(write)"],
  [lock("FOREIGN", { role: "shm" }), "FOREIGN(shm)"],
  [lock("FOREIGN", { role: "database", api: "flock" }), "FOREIGN(flock)(database)"],
  [lock("WRITE", { waiting: true }), "[waits:WRITE]"],
])("a lock: %o", (each, expected) => {
  expect(lockText(each)).toBe(expected);
});

test.each([
  [0.4, "0 ms"],
  [999, "999 ms"],
  [1830, "1.8 s"],
  [9999, "10.0 s"],
  [252_000, "4 m 12 s"],
])("%d ms: %s", (ms, expected) => {
  expect(shortTime(ms)).toBe(expected);
});

test("a space where the write lock was never held, the highest where it always was", () => {
  expect(sparkline([0, 0.001, 0.5, 1], true)).toBe(" ▁▄█");
  expect(sparkline([0, 0.001, 0.5, 1], false)).toBe(" .=#");
});
