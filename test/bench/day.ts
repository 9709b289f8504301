/**
 * A folder as a recorder leaves it after a day of a busy application: eight processes, counts of each second, waits and
 * transactions that are listed. The same seed makes the same folder.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bucketOf } from "../../src/recording/histogram.ts";
import type { RecordingLine } from "../../src/recording/lines.ts";

export interface DayOptions {
  readonly hours: number;
  readonly processes: number;
  /** Of a process, within a second: it did something. */
  readonly activity: number;
  /** Waits that are listed, an hour. */
  readonly waits: number;
}

export const BUSY_DAY: DayOptions = { hours: 24, processes: 8, activity: 0.55, waits: 400 };

const PATH = "/srv/shop/db.sqlite3";
const START = Date.parse("2026-06-30T10:00:00Z");
const HOUR_MS = 3_600_000;
const SECOND_MS = 1_000;
const MINUTE = 60;

/** @returns how many bytes the lines have */
export function writeDay(folder: string, options: DayOptions): number {
  mkdirSync(folder);
  const random = randomOf(42);
  let bytes = 0;
  for (let hour = 0; hour < options.hours; hour++) {
    const lines = [...hourOf(hour, options, random)];
    const text = `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
    bytes += Buffer.byteLength(text);
    const number = String(hour + 1).padStart(4, "0");
    writeFileSync(join(folder, `sqlock-20260630T100000000Z-${number}.jsonl.gz`), gzipSync(text, { level: 4 }));
  }
  return bytes;
}

function* hourOf(hour: number, options: DayOptions, random: () => number): Generator<RecordingLine> {
  const fromMs = hour * HOUR_MS;
  yield {
    ...{ type: "meta", schemaVersion: 1, sqlock: "0.1.0", source: "kernel", exact: true, because: "best" },
    ...{ startedAt: "2026-06-30T12:00:00.000+02:00", startedMonotonicNs: "81234567890123", zone: "Europe/Berlin" },
    ...{ kernel: "6.12.0", bootId: "5b6c8c1e-5a1c-4f7e-9d53-0d3f5a8e2b11", segment: hour + 1, minWaitMs: 10 },
    ...{ statements: true, literals: false, redacted: false, databases: [{ path: PATH, givenAs: PATH }] },
  };
  yield { type: "clock", atMs: fromMs, wallClock: new Date(START + fromMs).toISOString() };
  const pids = Array.from({ length: options.processes }, (_, i) => 4_242 + i);
  for (const pid of pids)
    yield {
      ...{ type: "process", pid, startTicks: "1000", name: "gunicorn", user: "web", uid: 1000, unit: "shop.service" },
      ...{ commandLine: ["/srv/shop/bin/gunicorn", "shop.wsgi", String(pid)], unitManager: "system", unitUid: null },
      container: null,
    };
  for (let second = 0; second < HOUR_MS / SECOND_MS; second++) {
    const atMs = fromMs + second * SECOND_MS;
    if (second % MINUTE === 0) yield { type: "open", atMs, locks: [], waits: [], transactions: [] };
    for (const pid of pids) if (random() < options.activity) yield countsOf(pid, atMs, random);
    if (random() * HOUR_MS < options.waits * SECOND_MS) yield* waitAt(pids, atMs, random);
  }
}

function countsOf(pid: number, fromMs: number, random: () => number): RecordingLine {
  const times = 1 + Math.floor(random() * 20);
  const hold = (most: number, writes: number) => {
    const longestMs = rounded(random() * most);
    const counted = [bucketOf(longestMs), bucketOf(longestMs / 3), bucketOf(longestMs / 4)].map(String);
    const buckets = Object.fromEntries(counted.map((bucket) => [bucket, Math.ceil(times / 3)]));
    return { times, totalMs: rounded(longestMs * times * 0.6), longestMs, ...(writes > 0 && { writes }), buckets };
  };
  return {
    ...{ type: "counts", fromMs, toMs: fromMs + SECOND_MS, pid, startTicks: "1000", path: PATH },
    ...{ holds: { WRITE: hold(9, times), READ1: hold(4, 0) }, transactions: times * 2, writeTransactions: times },
    ...{ commits: times, waits: { times: 1, totalMs: rounded(random() * 5), attempts: 2, granted: 1 } },
    optionalRefusals: 0,
  };
}

function* waitAt(pids: readonly number[], atMs: number, random: () => number): Generator<RecordingLine> {
  const heldMs = rounded(20 + random() * 2_000);
  const [pid = 0, waiter = 0] = random() < 0.5 ? pids : pids.toReversed();
  const who = { pid, startTicks: "1000", tid: pid, path: PATH, connection: 1, sql: "BEGIN IMMEDIATE", callSite: null };
  const lock = { lock: "WRITE", lockType: "write", atLeast: false } as const;
  const fromMs = atMs + 100;
  yield { type: "lock", ...who, ...lock, fromMs, toMs: fromMs + heldMs };
  yield {
    ...{ type: "transaction", ...who, kind: "write", fromMs, toMs: fromMs + heldMs, atLeast: false, outcome: "commit" },
    ...{ insideMs: 10, outsideMs: heldMs - 10, waitedMs: 0, writeFromMs: fromMs, moreStatements: 3 },
    statements: [{ sql: "BEGIN IMMEDIATE", atMs: fromMs, ms: 0.2, result: "SQLITE_DONE" }],
  };
  yield {
    ...{ type: "wait", ...who, pid: waiter, tid: waiter, lock: "WRITE", lockType: "write", fromMs: fromMs + 5 },
    ...{ waitedMs: heldMs - 2, attempts: 20, outcome: "granted", result: "SQLITE_DONE", oversleptMs: 3 },
    blockers: [
      {
        ...{ pid, startTicks: "1000", tid: pid, ...lock, fromMs, heldMs, blockedMs: heldMs - 5 },
        ...{ sql: "BEGIN IMMEDIATE", callSite: null },
      },
    ],
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
