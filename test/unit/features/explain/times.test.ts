import { describe, expect, test } from "vitest";
import { MAX_MS, SPOKEN, toMs } from "../../../../src/features/explain/times.ts";

test.each<[string | undefined, string | undefined, number | null]>([
  ["5003", "ms", 5003],
  ["12.5", "msecs", 12.5],
  ["300", "Milliseconds", 300],
  ["1", "millisecond", 1],
  ["5.01", "s", 5010],
  ["3", "secs", 3000],
  ["1", "second", 1000],
  ["20", "SECONDS", 20_000],
  ["2", "min", 120_000],
  ["86400", "s", MAX_MS],
  ["86401", "s", null],
  ["5", "h", null],
  ["5", undefined, null],
  [undefined, "s", null],
  ["x", "s", null],
])("%s %s: %s ms", (number, unit, ms) => {
  expect(toMs(number, unit)).toBe(ms);
});

describe("a time in words", () => {
  test.each([
    ["after 5003ms", "5003", "ms"],
    ["took 5.01 s", "5.01", "s"],
    ["elapsed: 5 seconds", "5", "seconds"],
    ["elapsed = 5 secs", "5", "secs"],
    ['"latency":"20ms"', "20", "ms"],
    ["waited 5s", "5", "s"],
    ["waited for 5 s", "5", "s"],
    ["failed in 20 ms", "20", "ms"],
    ["DURATION=20MS", "20", "MS"],
  ])("%s", (text, number, unit) => {
    expect(SPOKEN.exec(text)?.slice(1)).toEqual([number, unit]);
  });

  test.each([
    "retrying after 5s",
    "try after 5s",
    "again after 5s",
    "wait after 5s",
    "generated in 0.01s",
    "mistook 5s",
    "after 5",
    "after 5 sandwiches",
    "after about 5s",
    "after 1234567890s",
  ])("not: %s", (text) => {
    expect(SPOKEN.exec(text)).toBeNull();
  });
});
