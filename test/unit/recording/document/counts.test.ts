import { expect, test } from "vitest";
import { Counts } from "../../../../src/recording/document/counts.ts";
import { bucketOf } from "../../../../src/recording/histogram.ts";
import type { CountsLine } from "../../../../src/recording/lines.ts";
import { StatementKinds } from "../../../../src/recording/sql/kinds.ts";
import { countsLine, lockLine, waitLine } from "../../../support/recording.ts";

const newCounts = () => new Counts(new StatementKinds());

const bucket = (ms: number) => String(bucketOf(ms));

function lineOf(counts: Counts): CountsLine {
  return counts.take(0, 1_000)[0] ?? countsLine();
}

test("locks and waits that are counted have their lengths in buckets", () => {
  const counts = newCounts();
  for (const ms of [1, 1, 8]) counts.addLock(lockLine({ fromMs: 100, toMs: 100 + ms }));
  counts.addLock(lockLine({ lock: "READ0", lockType: "read", fromMs: 100, toMs: 102 }));
  counts.addLock(lockLine({ lock: "READ0", fromMs: 100, toMs: 104 }));
  counts.addWait(waitLine({ waitedMs: 3 }));
  const { holds, waits } = lineOf(counts);
  expect(holds.WRITE?.buckets).toEqual({ [bucket(1)]: 2, [bucket(8)]: 1 });
  expect(holds.WRITE?.writeBuckets).toBeUndefined();
  expect(holds.READ0?.buckets).toEqual({ [bucket(2)]: 1, [bucket(4)]: 1 });
  expect(holds.READ0?.writeBuckets).toEqual({ [bucket(4)]: 1 });
  expect(waits?.buckets).toEqual({ [bucket(3)]: 1 });
});

test("lines of counts that are added up have the buckets of all of them", () => {
  const [one, other] = [newCounts(), newCounts()];
  for (const counts of [one, other]) {
    counts.addLock(lockLine({ lock: "READ0", lockType: "read", fromMs: 100, toMs: 102 }));
    counts.addLock(lockLine({ lock: "READ0", fromMs: 100, toMs: 104 }));
    counts.addWait(waitLine({ waitedMs: 3 }));
  }
  const line = lineOf(other);
  one.addCounts(line);
  const { holds, waits } = lineOf(one);
  expect(holds.READ0?.buckets).toEqual({ [bucket(2)]: 2, [bucket(4)]: 2 });
  expect(holds.READ0?.writeBuckets).toEqual({ [bucket(4)]: 2 });
  expect(waits?.buckets).toEqual({ [bucket(3)]: 2 });
});

test("runs of refusals are no waits; the longest is left out where it is not known of a part", () => {
  const counts = newCounts();
  counts.addWait(waitLine({ waitedMs: 3, attempts: 2 }));
  for (const waitedMs of [4, 9]) counts.addWait(waitLine({ waitedMs, attempts: 3, perhapsSeveralCalls: true }));
  const line = lineOf(counts);
  expect(line.waits).toMatchObject({ times: 1, totalMs: 3, longestMs: 3, attempts: 2 });
  expect(line.runs).toMatchObject({ times: 2, totalMs: 13, longestMs: 9, attempts: 6 });
  for (const each of [line, line, countsLine({ waits: { times: 0, totalMs: 0 } })]) counts.addCounts(each);
  expect(lineOf(counts)).toMatchObject({ waits: { times: 2, longestMs: 3 }, runs: { times: 4, longestMs: 9 } });
  for (const each of [line, countsLine({ waits: { times: 1, totalMs: 5 } })]) counts.addCounts(each);
  expect(lineOf(counts).waits).not.toHaveProperty("longestMs");
  counts.addWait(waitLine());
  expect(lineOf(counts)).not.toHaveProperty("runs");
});

test.each<[string, Partial<CountsLine>]>([
  ["an earlier version", { holds: { READ0: { times: 2, totalMs: 3, writes: 1 } }, waits: { times: 1, totalMs: 1 } }],
  [
    "buckets that are not all",
    {
      holds: { READ0: { times: 2, totalMs: 3, writes: 1, buckets: { "44": 1 } } },
      waits: { times: 2, totalMs: 1, buckets: { "44": 1 } },
    },
  ],
])("%s: what is not known of a part is left out of the sum, and the rest is not", (_, given) => {
  const counts = newCounts();
  counts.addLock(lockLine());
  counts.addLock(lockLine({ lock: "READ0" }));
  counts.addWait(waitLine());
  counts.addCounts(countsLine(given));
  const { holds, waits } = lineOf(counts);
  expect(holds.READ0).toMatchObject({ times: 3, writes: 2 });
  expect(holds.READ0?.buckets).toBeUndefined();
  expect(holds.READ0?.writeBuckets).toBeUndefined();
  expect(waits?.buckets).toBeUndefined();
  expect(holds.WRITE?.buckets).toBeDefined();
});
