import { expect, test } from "vitest";
import { bySegment, nameOf, runOf, segmentOf } from "../../../../../src/features/record/segments/names.ts";

const RUN = "20260301T031200123Z";

test("a name tells the start of the recorder and the number", () => {
  expect(runOf(new Date("2026-03-01T03:12:00.123Z"))).toBe(RUN);
  for (const [number, compressed, name] of [
    [1, false, `sqlock-${RUN}-0001.jsonl`],
    [9999, true, `sqlock-${RUN}-9999.jsonl.gz`],
    [10_000, true, `sqlock-${RUN}-10000.jsonl.gz`],
  ] as const) {
    expect(nameOf({ run: RUN, number, compressed })).toBe(name);
    expect(segmentOf(name)).toEqual({ run: RUN, number, compressed });
  }
});

test.each([
  "sqlock.jsonl",
  `sqlock-${RUN}-0000.jsonl`,
  `sqlock-${RUN}-001.jsonl`,
  `sqlock-${RUN}-00001.jsonl`,
  `sqlock-${RUN}-0001.jsonl.gz.tmp`,
  `.sqlock-${RUN}-0001.jsonl`,
  `sqlock-${RUN}-0001.json`,
  `sqlock-2026-03-01-0001.jsonl`,
  `x/sqlock-${RUN}-0001.jsonl`,
  `sqlock-${RUN}-0001.jsonl\n`,
])("%j is no segment", (name) => {
  expect(segmentOf(name)).toBeNull();
});

test("they are sorted by the start, then by the number", () => {
  const names = [
    `sqlock-${RUN}-10000.jsonl`,
    `sqlock-20260228T031200123Z-0002.jsonl.gz`,
    `sqlock-${RUN}-9999.jsonl.gz`,
  ];
  const sorted = names
    .map((name) => segmentOf(name))
    .flatMap((each) => each ?? [])
    .sort(bySegment);
  expect(sorted.map(({ number }) => number)).toEqual([2, 9999, 10_000]);
});
