import { expect, test } from "vitest";
import { turnsOf } from "../../../../src/features/stress/turns.ts";

test.each([
  [100, 1],
  [499, 1],
  [500, 2],
  [1000, 4],
  [1250, 5],
  [10_000, 5],
  [3_600_000, 5],
])("%i ms: %i rounds", (durationMs, turns) => {
  expect(turnsOf(durationMs)).toBe(turns);
});
