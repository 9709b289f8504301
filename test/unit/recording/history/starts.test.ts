/** Two processes of one number and one start, of two starts of the machine, are two. */
import { expect, test } from "vitest";
import { Starts } from "../../../../src/recording/history/starts.ts";
import { Tally } from "../../../../src/recording/summary/tally.ts";
import { blocker, lockLine, processLine, waitLine } from "../../../support/recording.ts";

test("after a restart of the machine, the same number and start are another process", () => {
  const starts = new Starts();
  const tally = new Tally();
  for (const [boot, name] of [
    ["one", "old.py"],
    ["two", "new.py"],
  ] as const)
    for (const line of [
      processLine({ pid: 7, startTicks: "70", commandLine: ["python3", name] }),
      lockLine({ pid: 7, startTicks: "70", tid: 7, fromMs: 0, toMs: 1_000 }),
      waitLine({ pid: 8, startTicks: boot, tid: 8, blockers: [blocker({ pid: 7, startTicks: "70", tid: 7 })] }),
    ])
      tally.add(starts.of(line, boot));
  const { processes } = tally.summary();
  expect(
    processes
      .filter(({ pid }) => pid === 7)
      .map(({ startTicks, commandLine, writes, blockedOthersMs }) => [
        ...[startTicks, commandLine?.[1], writes.times, blockedOthersMs > 0],
      ]),
  ).toEqual([
    ["70", "old.py", 1, true],
    ["070", "new.py", 1, true],
  ]);
});

test("a process that no other start of the machine had stays as it is", () => {
  const starts = new Starts();
  const line = lockLine({ pid: 7, startTicks: "70" });
  expect(starts.of(line, "two")).toBe(line);
  expect(starts.of(line, "two")).toBe(line);
  expect(starts.of(line, "three")).toMatchObject({ startTicks: "070" });
  expect(starts.of(line, "two")).toBe(line);
});
