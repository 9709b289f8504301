import { expect, test } from "vitest";
import type { ComparisonResult } from "../../../../../src/features/report/compare.ts";
import { planBlocks } from "../../../../../src/features/report/comparison/blocks.ts";
import { Collector } from "../../../../../src/features/report/comparison/collect.ts";
import { compareRecorded, type Recorded } from "../../../../../src/features/report/comparison/compare.ts";
import type { RecordingLine } from "../../../../../src/recording/lines.ts";
import { comparisonDocument } from "../../../../../src/render/compare/json.ts";
import { comparisonText } from "../../../../../src/render/compare/text.ts";
import { PLAIN } from "../../../../../src/render/style.ts";
import {
  countsLine,
  lockLine,
  metaLine,
  processLine,
  refusalLine,
  transactionLine,
  waitLine,
} from "../../../../support/recording.ts";
import { expectToFit } from "../../../../support/schema.ts";

interface Given {
  readonly seconds?: number;
  /** Waits and holds of each second, ms. */
  readonly ms?: number;
  readonly each?: number;
  readonly gaveUp?: boolean;
  readonly meta?: Parameters<typeof metaLine>[0];
  readonly command?: string;
  readonly path?: string;
  readonly more?: readonly RecordingLine[];
}

/** Of each second the same, but for a little. */
function lines({
  seconds = 40,
  ms = 20,
  each = 5,
  gaveUp = false,
  meta,
  command = "app",
  path = "/srv/db",
  more,
}: Given) {
  const all: RecordingLine[] = [
    metaLine({ ...meta, databases: [{ path, givenAs: "db" }] }),
    processLine({ commandLine: [command] }),
  ];
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < each + (second % 3); i++) {
      const fromMs = second * 1_000 + i * 100;
      const length = ms + ((second * 7 + i * 3) % 5);
      all.push(
        lockLine({ path, fromMs, toMs: fromMs + length }),
        waitLine({ path, fromMs, waitedMs: length }),
        transactionLine({ path, fromMs, writeFromMs: fromMs, toMs: fromMs + length }),
      );
      if (gaveUp) all.push(refusalLine({ path, atMs: fromMs + 50 }));
    }
  }
  return [...all, ...(more ?? [])];
}

function compared(before: Given, after: Given): ComparisonResult {
  const [from, to] = [before, after].map(({ seconds = 40 }) => seconds * 1_000) as [number, number];
  const plan = planBlocks(from, to);
  const recorded = (given: Given, lengthMs: number, blocks: number): Recorded => {
    const collector = new Collector(0, blocks, plan?.lengthMs ?? lengthMs);
    for (const line of lines(given)) collector.add(line);
    const span = { fromMs: 0, toMs: lengthMs };
    return { meta: metaLine(given.meta), span, blanks: [], blocks, databases: collector.databases };
  };
  const recordings = [recorded(before, from, plan?.before ?? 1), recorded(after, to, plan?.after ?? 1)] as const;
  const facts = (given: Given, lengthMs: number, name: string) => ({
    ...{ paths: [name], source: given.meta?.source ?? "kernel", startedAt: "2026-07-01T03:12:00.000Z", zone: "UTC" },
    ...{ watchedMs: lengthMs, databases: [given.path ?? "/srv/db"] },
  });
  return {
    before: facts(before, from, "before.jsonl"),
    after: facts(after, to, "after.jsonl"),
    databases: compareRecorded(recordings[0], recordings[1], plan),
  } as ComparisonResult;
}

function changes(before: Given, after: Given) {
  const [database] = compared(before, after).databases;
  return Object.fromEntries((database?.metrics ?? []).map(({ metric, change, why }) => [metric, change ?? why]));
}

test("the same again: nothing is larger than chance", () => {
  expect(Object.values(changes({}, {}))).toEqual(["none", "no-events", ...Array(7).fill("none")]);
});

test("holds and waits are three times as long: the lengths differ, the rates do not", () => {
  expect(changes({}, { ms: 60 })).toMatchObject({
    ...{ waits: "none", commits: "none", "hold-p50": "higher", "hold-p95": "higher", "wait-p99": "higher" },
  });
});

test("half as many commits, and calls that give up", () => {
  expect(changes({}, { each: 2, gaveUp: true })).toMatchObject({
    ...{ waits: "lower", commits: "lower", "gave-up": "higher", "hold-p50": "none" },
  });
});

test("recordings of other lengths are compared by rates", () => {
  expect(changes({}, { seconds: 200 })).toMatchObject({ waits: "none", commits: "none" });
});

const sampled = { source: "sampled", exact: false } as const;

test.each<[string, Given, Given, object]>([
  ["one is a sample", {}, { meta: sampled }, { waits: "sampled", commits: "sampled", "hold-p50": "other-source" }],
  ["both are samples", { meta: sampled }, { meta: sampled }, { waits: "sampled", "hold-p50": "none" }],
  ["no statements", {}, { meta: { statements: false } }, { waits: "none", commits: "no-calls", "gave-up": "no-calls" }],
  ["too short", { seconds: 7 }, {}, { waits: "too-short", "hold-p50": "too-short" }],
  ["few", { each: 0 }, { each: 0 }, { "hold-p50": "none", "hold-p99": "few-events" }],
  [
    "an earlier version",
    { more: [countsLine({ path: "/srv/db", holds: { WRITE: { times: 9, totalMs: 9, writes: 9 } } })] },
    {},
    { waits: "none", "hold-p50": "no-lengths" },
  ],
])("what cannot be compared is not, and says why: %s", (_, before, after, expected) => {
  expect(changes(before, after)).toMatchObject(expected);
});

test("counts are in it as well, and their lengths", () => {
  const counted = Array.from({ length: 40 }, (_, i) =>
    countsLine({
      ...{ path: "/srv/db", fromMs: i * 1_000, toMs: (i + 1) * 1_000, commits: 20 },
      holds: { WRITE: { times: 20, totalMs: 4_000, writes: 20, buckets: { "71": 20 } } },
    }),
  );
  expect(changes({}, { more: counted })).toMatchObject({ commits: "higher", "hold-p50": "higher", waits: "none" });
});

test("processes are matched by what they are called", () => {
  const same = compared({}, { ms: 60 }).databases[0];
  expect(
    same?.processes.map(({ name, metrics }) => [name, metrics.find((m) => m.metric === "hold-p50")?.change]),
  ).toEqual([["app", "higher"]]);
  const other = compared({}, { command: "worker" }).databases[0];
  expect(other).toMatchObject({ processes: [], onlyBefore: ["app"], onlyAfter: ["worker"] });
});

test("one database in each is compared, wherever it lies; of several, those of the same path", () => {
  expect(compared({}, { path: "/srv/copy" }).databases).toMatchObject([{ path: "/srv/db", afterPath: "/srv/copy" }]);
});

test("at 80 columns", () => {
  expect(comparisonText(compared({}, { ms: 60, gaveUp: true }), { ...PLAIN, width: 80 })).toMatchInlineSnapshot(`
    "before: 40 s from 2026-07-01T03:12:00.000Z (before.jsonl)
    after: 40 s from 2026-07-01T03:12:00.000Z (after.jsonl)

    /srv/db: worse: SQLITE_BUSY higher, write lock held (p50) higher, write lock
      held (p95) higher, write lock held (p99) higher, waited (p50) higher, waited
      (p95) higher and waited (p99) higher

                             BEFORE  AFTER  DIFFERENCE
      waits                   6.0/s  6.0/s  may be chance
      SQLITE_BUSY                 0  6.0/s  higher, worse
      commits                 6.0/s  6.0/s  may be chance
      write lock held (p50)   22 ms  62 ms  higher, worse
      write lock held (p95)   24 ms  64 ms  higher, worse
      write lock held (p99)   24 ms  64 ms  higher, worse
      waited (p50)            22 ms  62 ms  higher, worse
      waited (p95)            24 ms  64 ms  higher, worse
      waited (p99)            24 ms  64 ms  higher, worse

    app
                                    BEFORE          AFTER  DIFFERENCE
      waits                          6.0/s          6.0/s  may be chance
      SQLITE_BUSY                        0          6.0/s  higher, worse
      commits                        6.0/s          6.0/s  may be chance
      write lock held (p50)  at most 24 ms  at most 66 ms  higher, worse
      write lock held (p95)  at most 28 ms  at most 66 ms  higher, worse
      write lock held (p99)  at most 28 ms  at most 66 ms  higher, worse
      waited (p50)           at most 24 ms  at most 66 ms  higher, worse
      waited (p95)           at most 28 ms  at most 66 ms  higher, worse
      waited (p99)           at most 28 ms  at most 66 ms  higher, worse

    Chance: both recordings were cut into blocks of 1.7 s, and these were dealt anew
    to "before" and "after". A difference counts where fewer than 1 of 100 such
    deals has one that is as large, of all lines of a table together.
    "
  `);
});

test("every kind of comparison fits the schema", () => {
  for (const after of [
    {},
    { ms: 60 },
    { meta: sampled },
    { meta: { statements: false } },
    { seconds: 7 },
    { path: "/x" },
  ])
    expectToFit("compare", JSON.parse(JSON.stringify(comparisonDocument(compared({}, after)))));
});

test("names of processes are shown, and not obeyed", () => {
  const text = comparisonText(compared({ command: "\u001b[2Jx" }, { command: "\u001b[2Jx" }), PLAIN);
  expect(text).not.toContain("\u001b");
});
