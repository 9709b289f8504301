/** What a recorder keeps while nothing can be written. */
import { expect, test } from "vitest";
import { Unwritten } from "../../../../../src/features/record/segments/unwritten.ts";
import { lockLine, processLine, waitLine } from "../../../../support/recording.ts";

const statement = (id: number) => ({ type: "statement", id, atMs: 0, sql: "select 1", length: 8, cut: false }) as const;

test("in the order of their ends, after the texts that they name; nothing else", () => {
  const unwritten = new Unwritten();
  const late = waitLine({ fromMs: 10, waitedMs: 500, blockers: [] });
  const early = { ...lockLine({ fromMs: 100, toMs: 200 }), statement: 2 };
  for (const line of [statement(1), statement(2), late, processLine(), early]) unwritten.add(line);
  expect(unwritten.lines).toEqual([statement(2), early, late]);
  unwritten.clear();
  expect(unwritten.lines).toEqual([]);
});

test("of too many, the longest, and those that gave up", () => {
  const unwritten = new Unwritten();
  const gaveUp = waitLine({ fromMs: 0, waitedMs: 1, outcome: "gave-up", blockers: [] });
  const long = lockLine({ fromMs: 1, toMs: 9_000 });
  unwritten.add(gaveUp);
  unwritten.add(long);
  for (let n = 0; n < 20_000; n++) {
    unwritten.add(statement(n));
    unwritten.add(lockLine({ fromMs: n, toMs: n + 20, sql: "x".repeat(400), statement: n }));
  }
  const { lines } = unwritten;
  expect(lines.length).toBeLessThan(5_000);
  expect(JSON.stringify(lines).length).toBeLessThan(3_000_000);
  expect(lines).toEqual(expect.arrayContaining([gaveUp, long]));
});
