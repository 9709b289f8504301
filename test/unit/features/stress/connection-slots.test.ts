import { expect, test } from "vitest";
import { slotsByProcess } from "../../../../src/features/stress/connection-slots.ts";

test.each([
  [{ writers: 2, readers: 1, threads: 1 }, ["writer 0", "writer 1", "reader 0"]],
  [{ writers: 2, readers: 1, threads: 2 }, ["writer 0, writer 1", "reader 0"]],
  [{ writers: 1, readers: 2, threads: 2 }, ["writer 0, reader 0", "reader 1"]],
  [{ writers: 1, readers: 0, threads: 64 }, ["writer 0"]],
])("%o", (settings, processes) => {
  const slots = slotsByProcess(settings).map((each) => each.map(({ role, slot }) => `${role} ${slot}`).join(", "));
  expect(slots).toEqual(processes);
});
