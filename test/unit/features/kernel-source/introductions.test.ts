/** Who a process is, is said once, and before what it did. */
import { expect, test } from "vitest";
import { Introductions } from "../../../../src/features/kernel-source/introductions.ts";
import type { ProcessEvent } from "../../../../src/recording/source-event.ts";

const met = (pid: number, atMs: number): ProcessEvent => ({
  ...{ kind: "process", atMs },
  process: {
    ...{ pid, startTicks: 1n, name: "x", commandLine: null, user: null, uid: null, unit: null },
    ...{ unitManager: null, unitUid: null, container: null },
  },
});

test("before the first event, at the time of that", () => {
  const introductions = new Introductions();
  const [one, two] = [met(1, 50), met(2, 50)];
  introductions.met(one);
  introductions.met(two);
  expect(introductions.before(1, 10)).toEqual({ ...one, atMs: 10 });
  expect(introductions.before(1, 11)).toBeNull();
  expect(introductions.isDue(one)).toBe(false);
  expect(introductions.isDue(two)).toBe(true);
  expect(introductions.before(2, 60)).toBeNull();
  expect(introductions.before(3, 60)).toBeNull();
});
