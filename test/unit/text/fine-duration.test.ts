import { expect, test } from "vitest";
import { durationAtMost, fineDuration, optionDuration } from "../../../src/text/duration.ts";

test.each([
  [0, "0.00 ms"],
  [0.123, "0.12 ms"],
  [9.99, "9.99 ms"],
  [46.4, "46 ms"],
  [999, "999 ms"],
  [1460, "1.5 s"],
  [252_000, "4 m 12 s"],
])("%d ms in a table: %s", (ms, text) => {
  expect(fineDuration(ms)).toBe(text);
});

test.each([
  [0, "0.0 ms"],
  [0.31, "0.4 ms"],
  [2.1, "3 ms"],
  [999.2, "1000 ms"],
  [5000, "5 s"],
  [5012, "5.1 s"],
  [12_001, "12 s"],
  [252_000, "4 m 12 s"],
])("%d ms as an upper bound: %s", (ms, text) => {
  expect(durationAtMost(ms)).toBe(text);
});

test.each([
  [0, "0"],
  [0.3, "0.3ms"],
  [500, "500ms"],
  [1500, "1500ms"],
  [5000, "5s"],
])("%d ms as an option: %s", (ms, text) => {
  expect(optionDuration(ms)).toBe(text);
});
