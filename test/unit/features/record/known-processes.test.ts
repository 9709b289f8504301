import { expect, test } from "vitest";
import { KnownProcesses } from "../../../../src/features/record/known-processes.ts";
import { processLine } from "../../../support/recording.ts";

const process = (pid: number, startTicks: string, argument = "run") =>
  processLine({ pid, startTicks, commandLine: [argument] });

test("two processes of one number are told apart; without a start the last one is meant", () => {
  const known = new KnownProcesses();
  const [first, second] = [process(7, "100"), process(7, "200")];
  known.add(first);
  known.add(second);
  expect(known.get({ pid: 7, startTicks: "100" })).toBe(first);
  expect(known.get({ pid: 7, startTicks: "200" })).toBe(second);
  expect(known.get({ pid: 7, startTicks: null })).toBe(second);
  expect(known.get({ pid: 8, startTicks: null })).toBe(null);
});

test.each([
  ["many", 20_000, "run", 10_000],
  ["with long command lines", 500, "x".repeat(32_000), 125],
])("%s: the last ones are known", (_, count, argument, kept) => {
  const known = new KnownProcesses();
  for (let pid = 1; pid <= count; pid++) known.add(process(pid, "1", argument));
  for (const startTicks of ["1", null]) {
    expect(known.get({ pid: count - kept + 1, startTicks })).not.toBe(null);
    expect(known.get({ pid: count - kept, startTicks })).toBe(null);
  }
});
