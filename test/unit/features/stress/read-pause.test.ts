import { afterEach, beforeEach, expect, type MockInstance, test, vi } from "vitest";
import { ReadPause } from "../../../../src/features/stress/read-pause.ts";

let wait: MockInstance<typeof Atomics.wait>;

beforeEach(() => {
  wait = vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
});

afterEach(() => wait.mockRestore());

/** All that was scheduled for this turn of the event loop has run. */
const turn = () => new Promise(setImmediate);

test("one pause after all reads of a turn, and not within it", async () => {
  const pause = new ReadPause();
  pause.schedule();
  pause.schedule();
  expect(wait).toHaveBeenCalledTimes(0);
  await turn();
  expect(wait).toHaveBeenCalledTimes(1);
  expect(wait.mock.calls[0]?.[3]).toBe(4);
});

test("one more after the reads of the next turn, and none without a read", async () => {
  const pause = new ReadPause();
  pause.schedule();
  await turn();
  await turn();
  expect(wait).toHaveBeenCalledTimes(1);
  pause.schedule();
  await turn();
  expect(wait).toHaveBeenCalledTimes(2);
});

test.each<[string, readonly ("schedule" | "stop")[]]>([
  ["before a read", ["stop", "schedule"]],
  ["after a read", ["schedule", "stop"]],
])("none once it was stopped: %s", async (_, calls) => {
  const pause = new ReadPause();
  for (const call of calls) pause[call]();
  await turn();
  expect(wait).not.toHaveBeenCalled();
});
