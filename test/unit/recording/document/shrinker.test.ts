import { expect, test } from "vitest";
import { RecordingReader } from "../../../../src/recording/document/reader.ts";
import { Shrinker } from "../../../../src/recording/document/shrinker.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import type { WalLine } from "../../../../src/recording/state-lines.ts";
import { Tally } from "../../../../src/recording/summary/tally.ts";
import {
  connectionLine,
  countsLine,
  lockLine,
  metaLine,
  misuseLine,
  processLine,
  refusalLine,
  statement,
  transactionLine,
  waitLine,
} from "../../../support/recording.ts";

function shrunk(lines: readonly string[], withFailures = false): string[] {
  const written: string[] = [];
  const shrinker = new Shrinker({ withFailures }, (text) => written.push(text));
  for (const line of lines) shrinker.line(line);
  shrinker.end();
  return written;
}

const texts = (lines: readonly RecordingLine[]) => lines.map((line) => JSON.stringify(line));
const typesOf = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).type as string);

const RECORDING: readonly RecordingLine[] = [
  metaLine(),
  processLine(),
  processLine({ pid: 4242, startTicks: "900" }),
  lockLine({ fromMs: 100, toMs: 900 }),
  transactionLine({ fromMs: 100, toMs: 900 }),
  waitLine({ fromMs: 950, waitedMs: 50, attempts: 4 }),
  waitLine({ fromMs: 960, outcome: "gave-up" }),
  refusalLine({ atMs: 1_000 }),
  lockLine({ fromMs: 70_000, toMs: 71_000 }),
  lockLine({ fromMs: 80_000, toMs: null }),
];

test("detail becomes counts by the minute; failures and what was not over stay", () => {
  const lines = shrunk(texts(RECORDING)).map((text) => JSON.parse(text));
  expect(lines).toEqual([
    RECORDING[0],
    RECORDING[1],
    RECORDING[2],
    RECORDING[6],
    RECORDING[7],
    expect.objectContaining({ type: "counts", fromMs: 100, toMs: 1_000, transactions: 1, commits: 1 }),
    RECORDING[9],
    expect.objectContaining({ type: "counts", fromMs: 70_000, toMs: 71_000 }),
    { type: "folded", fromMs: 100, toMs: 71_000, lines: 4 },
  ]);
});

test("failures become counts as well where there is nothing else", () => {
  const lines = shrunk(texts(RECORDING), true);
  expect(typesOf(lines)).toEqual(["meta", "process", "process", "counts", "lock", "counts", "folded"]);
  expect(JSON.parse(lines[3] ?? "")).toMatchObject({ gaveUp: 1, refusals: 1, waits: { times: 2, attempts: 16 } });
});

test("counts that become counts again have all that they had, and the numbers of long statements", () => {
  const beginning = `update t set ${"a = ?, ".repeat(30)} …`;
  const counts = countsLine({
    ...{ holds: { WRITE: { times: 4, totalMs: 8, longestMs: 3, writes: 4 } }, transactions: 4, writeTransactions: 4 },
    ...{ commits: 4, waits: { times: 3, totalMs: 6, attempts: 5, granted: 2 }, gaveUp: 1, refusals: 1 },
    oneStatement: [
      { tid: 4250, sql: beginning, statement: 1, times: 2, heldMs: 4 },
      { tid: 4250, sql: beginning, statement: 2, times: 1, heldMs: 2 },
    ],
  });
  expect(JSON.parse(shrunk(texts([counts]))[0] ?? "")).toEqual(counts);
  const statements = [statement({ sql: beginning, statement: 2 })];
  const line = transactionLine({ fromMs: 900, writeFromMs: 900, toMs: 905, statements });
  expect(JSON.parse(shrunk(texts([counts, line]))[0] ?? "")).toMatchObject({
    oneStatement: [counts.oneStatement?.[0], { tid: 4250, sql: beginning, statement: 2, times: 2, heldMs: 7 }],
  });
});

test("a second time nothing is lost, and one line says of all what was folded", () => {
  const once = shrunk([...texts(RECORDING)]);
  const twice = shrunk([...once, ...texts([lockLine({ fromMs: 90_000, toMs: 90_500 })])]);
  expect(twice.filter((text) => text.includes('"folded"')).map((text) => JSON.parse(text))).toEqual([
    { type: "folded", fromMs: 100, toMs: 90_500, lines: 5 },
  ]);
});

test("the totals of the summary stay what they were", () => {
  const totalsOf = (lines: readonly string[]) => {
    const tally = new Tally();
    const reader = new RecordingReader((line) => tally.add(line));
    for (const line of lines) reader.push(`${line}\n`);
    expect(reader.end().problems).toEqual([]);
    return tally.summary().totals;
  };
  const lines = texts(RECORDING);
  expect(totalsOf(shrunk(lines))).toEqual(totalsOf(lines));
  expect(totalsOf(shrunk(lines, true))).toEqual(totalsOf(lines));
});

test("of the WAL one line a minute and database stays: where the most frames were kept back", () => {
  const wal = (atMs: number, pinned: number | null, bytes: number, path = "/a"): WalLine => ({
    ...{ type: "wal", atMs, path, bytes, frames: 9, copied: 0, pinned, pinnedBy: [] },
  });
  const kept = [wal(2_000, 5, 100), wal(3_000, 0, 1, "/b"), wal(62_500, null, 300), wal(130_000, 0, 1)];
  const gone = [wal(1_000, 4, 900), wal(4_000, 5, 50), wal(61_500, null, 200)];
  const lines = [...kept, ...gone].toSorted((one, other) => one.atMs - other.atMs);
  expect(shrunk(texts(lines)).map((text) => JSON.parse(text))).toEqual([
    ...kept,
    { type: "folded", fromMs: 1_000, toMs: 62_500, lines: 3 },
  ]);
  expect(shrunk(texts(kept))).toEqual(texts(kept));
});

test("lines that nobody knows stay as they are", () => {
  const lines = ['{"type":"weather"}', "no JSON", '{"type":"lock"}'];
  expect(shrunk(lines)).toEqual(lines);
});

test("connections and misuses stay; where there is nothing else, one line for each place has their number", () => {
  const lines = [
    metaLine(),
    ...Array.from({ length: 3 }, () => connectionLine()),
    connectionLine({ times: 40 }),
    connectionLine({ closed: "collected" }),
    misuseLine(),
    misuseLine({ times: 2 }),
  ];
  expect(shrunk(texts(lines))).toEqual(texts(lines));
  const less = shrunk(texts(lines), true).map((text) => JSON.parse(text));
  expect(less).toMatchObject([
    { type: "meta" },
    { type: "connection", closed: "closed", times: 43 },
    { type: "connection", closed: "collected" },
    { type: "misuse", times: 3 },
  ]);
});
