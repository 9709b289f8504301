import { expect, test } from "vitest";
import { turnsOf } from "../../../../src/features/stress/turns.ts";

test.each([
  [100, 1],
  [400, 1],
  [500, 2],
  [3000, 2],
  [10_000, 3],
  [15_000, 5],
  [3_600_000, 5],
])("%i ms: %i turns", (durationMs, turns) => {
  expect(turnsOf(durationMs)).toBe(turns);
});
