import { expect, test } from "vitest";
import { nextKill } from "../../../../src/features/stress/kill-schedule.ts";
import { killRandom } from "../../../../src/features/stress/sequence.ts";

function kills(seed: number, everyMs: number, durationMs: number): number[] {
  const random = killRandom(seed);
  const times: number[] = [];
  for (let atMs = 0; ; ) {
    const next = nextKill(random, everyMs, durationMs - atMs);
    if (next === null) return times;
    atMs += next.afterMs;
    times.push(atMs);
  }
}

test("the same seed kills at the same times, before the end, as often as asked on average", () => {
  const times = kills(7, 100, 100_000);
  expect(times).toEqual(kills(7, 100, 100_000));
  expect(times).not.toEqual(kills(8, 100, 100_000));
  expect(Math.abs(times.length - 1000)).toBeLessThan(100);
  expect(Math.max(...times)).toBeLessThan(100_000);
});

test("no kill comes after the end", () => {
  const random = killRandom(7);
  const next = Array.from({ length: 100 }, () => nextKill(random, 100, 60));
  const times = next.flatMap((kill) => kill?.afterMs ?? []);
  expect(times.length).toBeGreaterThan(0);
  expect(Math.max(...times)).toBeLessThan(60);
});

test("a victim is one of the running processes", () => {
  const next = nextKill(killRandom(1), 10, 1000);
  expect(["a", "b", "c"]).toContain(next?.chooseFrom(["a", "b", "c"]));
  expect(next?.chooseFrom([])).toBeUndefined();
});

test.each([
  ["without --kill-every", null, 1000],
  ["after the end", 100, 0],
])("no kill %s", (_, everyMs, remainingMs) => {
  expect(nextKill(killRandom(1), everyMs, remainingMs)).toBeNull();
});
