import { expect, test } from "vitest";
import { ShortLines } from "../../../../src/recording/document/short-lines.ts";
import { lockLine } from "../../../support/recording.ts";

const line = (toMs: number) => lockLine({ fromMs: toMs - 1, toMs });

test("they come out in their order, when it is time", () => {
  const lines = new ShortLines();
  for (const toMs of [1, 2, 3]) lines.push(line(toMs));
  expect([lines.shift(0), lines.shift(2), lines.shift(2), lines.shift(2)]).toEqual([null, line(1), line(2), null]);
  expect(lines.size).toBe(1);
});

test("those of a span that are wanted are taken out, and come no more", () => {
  const lines = new ShortLines();
  for (let toMs = 1; toMs <= 20; toMs++) lines.push(line(toMs));
  const even = (each: { toMs: number | null }) => (each.toMs ?? 0) % 2 === 0;
  expect(lines.take(5, 10, even)).toEqual([6, 8, 10].map(line));
  expect(lines.take(5, 10, even)).toEqual([]);
  expect(lines.take(8, 9, () => true)).toEqual([9].map(line));
  const rest = Array.from({ length: 20 }, () => lines.shift(Number.POSITIVE_INFINITY)?.toMs);
  expect(rest.filter((toMs) => toMs !== undefined)).toEqual([1, 2, 3, 4, 5, 7, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
});

test("the places of those that came out are given back while others come", () => {
  const lines = new ShortLines();
  for (let toMs = 1; toMs <= 100_000; toMs++) {
    lines.push(line(toMs));
    lines.shift(toMs - 100);
  }
  expect(lines.size).toBe(100);
  expect(lines.places).toBeLessThan(2_000);
});
