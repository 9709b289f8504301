import { expect, test } from "vitest";
import { UntilWait } from "../../../../src/features/record/until-wait.ts";
import { transactionLine, waitLine } from "../../../support/record-end.ts";

test("the first wait that is long enough and has ended", () => {
  const until = new UntilWait(1000);
  expect(until.add(waitLine({ waitedMs: 999 }))).toBe(false);
  expect(until.add(waitLine({ waitedMs: 5000, outcome: "still" }))).toBe(false);
  expect(until.story).toBeNull();
  expect(until.add(waitLine())).toBe(true);
  expect(until.add(waitLine({ waitedMs: 9000 }))).toBe(false);
  expect(until.story?.wait).toEqual(waitLine());
});

test("its story has the transactions of those in the way, before and after it, the earliest first", () => {
  const until = new UntilWait(1000);
  const early = transactionLine({ fromMs: 100, toMs: 200 });
  const short = transactionLine({ fromMs: 5000, toMs: 5010 });
  const other = transactionLine({ pid: 1 });
  const second = transactionLine({ fromMs: 5000, toMs: 6500 });
  for (const line of [early, other, short, second, waitLine(), transactionLine()]) until.add(line);
  expect(until.story?.transactions).toEqual([transactionLine(), second]);
});
