import { expect, test } from "vitest";
import { isChosen, onlyText } from "../../../../src/render/record/only.ts";

test.each([
  [undefined, null],
  [{ pids: [7] }, "process 7"],
  [{ pids: [7, 8], units: ["a.service"] }, "processes 7 and 8 and the unit a.service"],
  [{ units: ["a.service", "b\u001b.service"] }, "the units a.service and b\\e.service"],
] as const)("%o", (only, text) => {
  expect(onlyText(only)).toBe(text);
});

test("rows of those that were asked for", () => {
  const processes = [
    { pid: 7, unit: null, unitManager: null, unitUid: null },
    { pid: 8, unit: "a.service", unitManager: "system", unitUid: null },
    { pid: 9, unit: "b.service", unitManager: "system", unitUid: null },
    { pid: 10, unit: "b.service", unitManager: "user", unitUid: 1001 },
  ] as const;
  const chosen = (only: Parameters<typeof isChosen>[1]) =>
    processes.filter((each) => isChosen(each, only)).map(({ pid }) => pid);
  expect(chosen(undefined)).toEqual([7, 8, 9, 10]);
  expect(chosen({ pids: [7], units: ["b.service"] })).toEqual([7, 9]);
  expect(chosen({ units: ["b.service"], unitUids: [1001] })).toEqual([9, 10]);
});
