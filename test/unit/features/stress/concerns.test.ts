import { expect, test } from "vitest";
import { concernsOf, isFrequent } from "../../../../src/features/stress/concerns.ts";
import type { Concern } from "../../../../src/features/stress/report.ts";
import { stressRound } from "../../../support/stress-result.ts";

const NONE = { p50: null, p95: null, p99: null, max: null };

interface Facts {
  readonly writers?: number;
  readonly busyTimeoutMs?: number;
  readonly writerMs?: number;
  readonly readerMs?: number;
  readonly p99?: number;
  /** By writer. */
  readonly fairness?: readonly [jain: number | null, least: number, most: number];
  readonly commits?: number;
  readonly reads?: number;
}

function concerns(facts: Facts): Concern[] {
  const { writers = 4, busyTimeoutMs = 5000, writerMs = 0, readerMs = 0, p99 = 1, commits = 4000, reads = 100 } = facts;
  const [jain, leastCommits, mostCommits] = facts.fairness ?? [1, 1000, 1000];
  return concernsOf({
    settings: { writers, busyTimeoutMs },
    rounds: [
      stressRound({ longestWaitMs: { writer: 1, reader: 1 } }),
      stressRound({ longestWaitMs: { writer: writerMs, reader: readerMs } }),
    ],
    latencyMs: { readWaiting: { ...NONE, p99 }, writeWaiting: NONE },
    fairness: { jain, leastCommits, mostCommits },
    commits,
    reads,
  });
}

const READER = { kind: "long-wait", role: "reader", p99Ms: 1, busyTimeoutMs: 5000 } as const;
const WRITER = { ...READER, role: "writer", p99Ms: null } as const;
const UNEVEN = { kind: "uneven-writers" } as const;

test.each<[string, Facts, Concern[]]>([
  ["nothing is bad", {}, []],
  ["a reader waited 3.1 s of 5 s", { readerMs: 3100 }, [{ ...READER, longestMs: 3100 }]],
  [
    "of fewer than 100 reads there is no p99",
    { readerMs: 3100, reads: 99 },
    [{ ...READER, longestMs: 3100, p99Ms: null }],
  ],
  ["half of the timeout", { readerMs: 2500 }, [{ ...READER, longestMs: 2500 }]],
  ["less than half of it", { readerMs: 2499, writerMs: 2499 }, []],
  ["the same wait with a longer timeout", { readerMs: 3100, busyTimeoutMs: 20_000 }, []],
  ["no timeout", { readerMs: 3, busyTimeoutMs: 0 }, []],
  [
    "a writer and a reader",
    { readerMs: 3100, writerMs: 4000 },
    [
      { ...WRITER, longestMs: 4000 },
      { ...READER, longestMs: 3100 },
    ],
  ],
  [
    "one writer made nearly all commits",
    { fairness: [0.27, 12, 3900] },
    [{ ...UNEVEN, jain: 0.27, leastCommits: 12, mostCommits: 3900 }],
  ],
  [
    "one of four writers is starved, whatever the fairness",
    { fairness: [0.75, 90, 1300] },
    [{ ...UNEVEN, jain: 0.75, leastCommits: 90, mostCommits: 1300 }],
  ],
  ["uneven, but each has its share", { fairness: [0.61, 172, 2000] }, []],
  [
    "two writers: a fairness of 0.5 is the worst there is",
    { writers: 2, fairness: [0.55, 210, 3790] },
    [{ ...UNEVEN, jain: 0.55, leastCommits: 210, mostCommits: 3790 }],
  ],
  ["sixteen writers: a fairness of 0.5 is less bad", { writers: 16, fairness: [0.5, 30, 900] }, []],
  ["a single writer", { writers: 1, fairness: [1, 4000, 4000] }, []],
  ["too few commits to say so", { fairness: [0.3, 0, 30], commits: 39 }, []],
  ["no commits", { fairness: [null, 0, 0], commits: 0 }, []],
])("%s", (_, facts, expected) => {
  expect(concerns(facts)).toEqual(expected);
});

test("one transaction in a hundred waits so long, or only one", () => {
  const wait = { ...READER, longestMs: 4000 };
  expect(isFrequent({ ...wait, p99Ms: 2500 })).toBe(true);
  expect(isFrequent({ ...wait, p99Ms: 2400 })).toBe(false);
  expect(isFrequent({ ...wait, p99Ms: null })).toBe(false);
});
