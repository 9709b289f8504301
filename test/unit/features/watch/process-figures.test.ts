/** The figures of each process: how often, for how long, the longest, the share. */
import { describe, expect, test } from "vitest";
import type { WatchEvent } from "../../../../src/features/watch/event.ts";
import { FiguresByProcess, type ProcessFigures } from "../../../../src/features/watch/process-figures.ts";
import { lockEvent } from "../../../support/watch-event.ts";

const PID = 4242;

function figuresAt(nowMs: number, events: readonly WatchEvent[], wal = true): ProcessFigures | null {
  const figures = new FiguresByProcess();
  for (const event of events) figures.add(event);
  return figures.of(PID, wal, nowMs, nowMs);
}

const took = (atMs: number, change: Partial<WatchEvent> = {}) => lockEvent("acquired", atMs, change);
const released = (atMs: number, change: Partial<WatchEvent> = {}) => lockEvent("released", atMs, change);
const RESERVED = { lock: "RESERVED", role: "database" } as const;
const EXCLUSIVE = { lock: "EXCLUSIVE", role: "database" } as const;
const SHARED = { lock: "SHARED", role: "database", type: "read" } as const;
const READ1 = { lock: "READ1", type: "read" } as const;
const CKPT = { lock: "CKPT" } as const;
const FOREIGN = { lock: "FOREIGN", role: "database" } as const;

test.each<[string, WatchEvent[], Partial<ProcessFigures>]>([
  ["one hold that is over", [took(100), released(300)], { times: 1, totalMs: 200, longestMs: 200, share: 0.2 }],
  ["two holds", [took(0), released(100), took(200), released(500)], { times: 2, totalMs: 400, longestMs: 300 }],
  ["one that lasts counts until now", [took(600)], { times: 1, totalMs: 400, longestMs: 400, share: 0.4 }],
  ["a short one that lasts, after a long one", [took(0), released(500), took(900)], { totalMs: 600, longestMs: 500 }],
  ["held before the watching began", [lockEvent("held", 0)], { longestMs: 1000, atLeast: true, share: 1 }],
  [
    "held before, and later a longer hold",
    [lockEvent("held", 0), released(100), took(200)],
    { times: 2, longestMs: 800, atLeast: false },
  ],
  [
    "held before, and later a shorter hold",
    [lockEvent("held", 0), released(500), took(900)],
    { longestMs: 500, atLeast: true },
  ],
  [
    "RESERVED, then EXCLUSIVE: one hold",
    [took(0, RESERVED), took(100, EXCLUSIVE), released(200, EXCLUSIVE), released(300, RESERVED)],
    { times: 1, totalMs: 300, longestMs: 300 },
  ],
])("%s", (_, events, expected) => {
  expect(figuresAt(1000, events)).toMatchObject({ of: "writes", ...expected });
});

describe("what is counted: the first that a process has had", () => {
  test.each<[string, WatchEvent[], boolean, ProcessFigures["of"] | undefined]>([
    ["nothing", [], true, undefined],
    ["the write lock, however little it had it", [took(0, READ1), took(0, CKPT), took(999)], true, "writes"],
    ["a checkpoint", [took(0, READ1), took(0, CKPT)], true, "checkpoints"],
    ["a lock that is not SQLite's", [took(0, READ1), took(0, FOREIGN)], true, "locks"],
    ["a read mark", [took(0, READ1), took(0, SHARED)], true, "reads"],
    ["SHARED in rollback mode", [took(0, SHARED)], false, "reads"],
    ["SHARED in WAL mode: an open connection", [took(0, SHARED)], true, undefined],
    ["a read mark that is written", [took(0, { ...READ1, type: "write" })], true, undefined],
    ["DMS: an open connection", [took(0, { lock: "DMS", type: "read" })], true, undefined],
    ["an event without a lock", [took(0, { lock: null })], true, undefined],
    ["another process", [took(0, { pid: 1 })], true, undefined],
  ])("%s", (_, events, wal, of) => {
    expect(figuresAt(1000, events, wal)?.of).toBe(of);
  });
});

test("a process that has ended keeps its figures, until another one gets its pid", () => {
  const figures = new FiguresByProcess();
  for (const event of [took(0), released(100)]) figures.add(event);
  figures.end(PID);
  expect(figures.of(PID, true, 1000, 1000)).toMatchObject({ times: 1, totalMs: 100 });
  figures.add(took(950));
  expect(figures.of(PID, true, 1000, 1000)).toMatchObject({ times: 1, totalMs: 50 });
});

test.each<[string, WatchEvent[], object]>([
  ["held before and after: one hold, whose length is unknown", [], { times: 1, totalMs: 500, longestMs: 300 }],
  ["released in it", [released(800)], { times: 1, totalMs: 300, longestMs: 300 }],
  ["released after it", [released(900)], { times: 1, totalMs: 400, longestMs: 300 }],
])("a gap from 500 to 800 in which nothing was read: %s", (_, after, expected) => {
  const gap = lockEvent("gap", 800, { pid: null, lock: null, gapMs: 300 });
  expect(figuresAt(1000, [took(200), gap, ...after])).toMatchObject({ ...expected, atLeast: true });
});

test("a release that was not seen to be taken counts nothing", () => {
  expect(figuresAt(1000, [released(100), took(900)])).toMatchObject({ times: 1, totalMs: 100 });
});
