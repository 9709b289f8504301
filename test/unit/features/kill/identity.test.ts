import { expect, test } from "vitest";
import { identityOf, isSameProcess } from "../../../../src/features/kill/identity.ts";
import { holder } from "../../../support/report.ts";

test.each([
  ["itself", { pid: 7, startTicks: 100n }, true],
  ["a later process with its pid", { pid: 7, startTicks: 101n }, false],
  ["another one that began at the same time", { pid: 8, startTicks: 100n }, false],
  ["one that is hidden now", { pid: 7, startTicks: null }, false],
])("the same process: %s", (_, other, same) => {
  expect(isSameProcess({ pid: 7, startTicks: 100n }, other)).toBe(same);
});

test("the identity of a process that is hidden is that of none", () => {
  expect(identityOf(holder({ pid: 7, startTicks: 100n }))).toEqual({ pid: 7, startTicks: 100n });
  expect(identityOf(holder({ pid: 7, startTicks: null }))).toEqual({ pid: 7, startTicks: -1n });
});
