import { describe, expect, test } from "vitest";
import { type PollerSeen, polls, withReading } from "../../../src/model/poller.ts";

/** The readings of a thread that runs at these times for a moment, and sleeps in between. */
function read(runsMs: readonly number[], readingsMs: readonly number[]): PollerSeen | undefined {
  return readingsMs.reduce<PollerSeen | undefined>((seen, atMs) => {
    const execStart = Math.max(0, ...runsMs.filter((ms) => ms <= atMs));
    return withReading(seen, { atMs, execStart, asleep: !runsMs.includes(atMs) });
  }, undefined);
}

const every = (ms: number, untilMs = 450) => Array.from({ length: Math.ceil(untilMs / ms) }, (_, i) => i * ms);
const isPoller = (runsMs: readonly number[], readingsMs = every(30)) => {
  const seen = read(runsMs, readingsMs);
  return seen !== undefined && polls(seen);
};

describe("a poller", () => {
  test.each([100, 75, 50])("wakes every %i ms", (ms) => {
    expect(isPoller(every(ms).map((at) => at + 1))).toBe(true);
  });

  test("also where some readings come late", () => {
    expect(isPoller([101, 201, 301, 401], [0, 30, 110, 140, 210, 310, 340, 420])).toBe(true);
  });
});

describe("no poller", () => {
  test.each([400, 300, 220, 1000])("wakes every %i ms: its sleep is longer than SQLite's", (ms) => {
    for (const first of [1, 11, 31, 49]) expect(isPoller(every(ms).map((at) => at + first))).toBe(false);
  });

  test("wakes every 400 ms, and the readings are too few to see its whole sleep", () => {
    expect(isPoller([31, 431], [0, 35, 70, 440, 470])).toBe(false);
  });

  test("wakes once, and runs in parts, since others take the CPU", () => {
    expect(isPoller([60, 90, 120])).toBe(false);
  });

  test("sleeps for 10 ms at a time", () => {
    expect(isPoller(every(10).map((at) => at + 1))).toBe(false);
  });

  test("is never seen asleep", () => {
    expect(isPoller(every(30))).toBe(false);
  });
});
