import { expect, test } from "vitest";
import type { CountsLine, RecordingLine } from "../../../../src/recording/lines.ts";
import { Tally } from "../../../../src/recording/summary/tally.ts";
import {
  blocker,
  countsLine,
  lockLine,
  metaLine,
  processLine,
  refusalLine,
  statement,
  transactionLine,
  waitLine,
} from "../../../support/recording.ts";

function summaryOf(lines: readonly RecordingLine[], endMs?: number) {
  const tally = new Tally();
  for (const line of lines) tally.add(line);
  return tally.summary(endMs);
}

const HOLDER = { pid: 4242, startTicks: "900", tid: 4242 };

/** A program holds the write lock for 5.8 s and thinks for most of it; 14 writers wait. */
const IMPORT: readonly RecordingLine[] = [
  metaLine(),
  processLine({ pid: 4242, startTicks: "900" }),
  ...Array.from({ length: 14 }, (_, n) =>
    waitLine({
      ...{ pid: 5_000 + n, tid: 5_000 + n, startTicks: `${n}`, fromMs: 900, waitedMs: 5_000, attempts: 22 },
      outcome: n === 0 ? "gave-up" : "granted",
      blockers: [blocker({ fromMs: 812.4, heldMs: 5_087.6, blockedMs: 5_000 })],
    }),
  ),
  lockLine({ ...HOLDER, fromMs: 812.4, toMs: 6_612.4 }),
  transactionLine({
    ...{ ...HOLDER, fromMs: 812.4, toMs: 6_612.4, writeFromMs: 812.4, insideMs: 174, outsideMs: 5_626 },
    statements: [
      statement({ sql: "begin immediate" }),
      statement({ times: 400 }),
      statement({ sql: "commit", atMs: 6_600 }),
    ],
  }),
];

test("the verdict says behind whom the waits were, between which statements, and how much was outside SQLite", () => {
  const { verdict } = summaryOf(IMPORT, 10_000);
  expect(verdict).toMatchObject({
    ...{ state: "refusals", exact: true, atLeast: false, waits: 14, refusedAttempts: 308, waitedMs: 70_000, gaveUp: 1 },
    waiting: { processes: 14, threads: 14, writers: 14, readers: 0, checkpointers: 0 },
    ...{ unknownShare: 0, oversleptShare: 0 },
  });
  expect(verdict.behind).toEqual([
    {
      ...{ pid: 4242, startTicks: "900", path: "/srv/app/db.sqlite3", lock: "WRITE", lockType: "write", waits: 14 },
      ...{ blockedMs: 70_000, share: 1, processShare: 1, refused: 0, processRefused: 0 },
      ...{ sql: "begin immediate", callSite: null },
      holds: { times: 1, totalMs: 5_800, longestMs: 5_800, atLeast: false },
      longest: {
        ...{ fromMs: 812.4, heldMs: 5_800, atLeast: false, toMs: 6_612.4, transactionMs: 5_800, outsideMs: 5_626 },
        ...{ firstSql: "begin immediate", lastSql: "commit", outcome: "commit", keptAfterEndMs: null },
      },
    },
  ]);
  expect(verdict.behindStatements).toMatchObject([{ sql: "begin immediate", processes: 1, waits: 14, share: 1 }]);
});

test("the transaction of the blocker is found as well when its line came before the waits", () => {
  const [meta, process, ...rest] = IMPORT;
  const { verdict } = summaryOf([meta, process, ...rest.reverse()] as RecordingLine[]);
  expect(verdict.behind[0]?.longest).toMatchObject({ heldMs: 5_800, lastSql: "commit" });
});

test("a lock that outlives the commit of its transaction was not held up to that alone", () => {
  const transaction = transactionLine({ ...HOLDER, fromMs: 799.9, writeFromMs: 800, toMs: 1_200 });
  const wait = waitLine({ blockers: [blocker({ ...HOLDER, fromMs: 800, heldMs: 1_000 })] });
  const kept = { heldMs: 1_000, atLeast: true, toMs: null, lastSql: null, keptAfterEndMs: 600 };
  for (const lines of [
    [wait, transaction],
    [transaction, wait],
  ])
    expect(summaryOf(lines).verdict.behind[0]?.longest).toMatchObject(kept);
});

test("processes, databases and totals", () => {
  const summary = summaryOf(
    [...IMPORT, refusalLine({ why: "same-process" }), countsLine({ optionalRefusals: 7 })],
    11_600,
  );
  expect(summary.totals).toMatchObject({
    ...{ writeHolds: 1, transactions: 1, writeTransactions: 1, commits: 1, waits: 14, waitedMs: 70_000 },
    ...{ refusedAttempts: 309, gaveUp: 1, refusals: 1, optionalRefusals: 7, processes: 16 },
  });
  expect(summary.databases).toMatchObject([{ writeHeldMs: 5_800, writeHeldShare: 0.5, waits: 14, refusals: 1 }]);
  expect(summary.processes[0]).toMatchObject({
    ...{ pid: 4242, name: "python3", blockedOthersMs: 70_000, commits: 1 },
    writes: { times: 1, totalMs: 5_800, longestMs: 5_800, atLeast: false },
  });
  expect(summary.patterns.map(({ id }) => id)).toEqual(["same-process-connections", "think-time"]);
});

test.each([
  ["nothing", [metaLine()], "nothing", false],
  ["a lock", [metaLine(), lockLine()], "no-waits", false],
  ["a wait", [metaLine(), waitLine()], "waits", false],
  ["a wait that was only counted", [countsLine({ waits: { times: 1, totalMs: 2 } })], "waits", false],
  ["a wait that gave up", [waitLine({ outcome: "gave-up" })], "refusals", false],
  ["a refusal", [refusalLine()], "refusals", false],
  ["a gap", [metaLine(), { type: "gap", fromMs: 5, toMs: 9, lostEvents: 3 }], "nothing", true],
  ["a sample", [metaLine({ exact: false, source: "sampled" }), lockLine()], "waits-not-seen", true],
] as const)("%s", (_, lines, state, atLeast) => {
  expect(summaryOf(lines).verdict).toMatchObject({ state, atLeast });
});

test("readers that stand in the way together took no more than the wait", () => {
  const readers = [1, 2].map((pid) => blocker({ pid, lock: "READ1", lockType: "read", blockedMs: 900 }));
  const { verdict } = summaryOf([
    waitLine({ lock: "READ1", sql: "pragma wal_checkpoint(truncate)", blockers: readers }),
  ]);
  expect(verdict.behind.map(({ share, blockedMs }) => [share, blockedMs])).toEqual([
    [0.5, 450],
    [0.5, 450],
  ]);
  expect(verdict.waiting).toMatchObject({ writers: 0, checkpointers: 1 });
});

test("what is behind nobody is unknown, or was overslept", () => {
  const { verdict, unknown } = summaryOf([
    waitLine({ waitedMs: 100, oversleptMs: 40, blockers: [blocker({ blockedMs: 50 })] }),
    waitLine({ waitedMs: 100, blockers: [], sql: null }),
  ]);
  expect(verdict).toMatchObject({ unknownShare: 0.55, oversleptShare: 0.2 });
  expect(unknown).toMatchObject({ waitsWithoutBlocker: 1, waitsWithoutStatement: 1, waitsWithoutOutcome: 0 });
});

test("what cannot be known is named once, with its processes", () => {
  const unknown = (pid: number) => ({
    ...{ type: "unknown" as const, atMs: 1, what: "sql" as const, why: "no-symbols", pids: [pid], untilMs: null },
  });
  const summary = summaryOf([unknown(1), unknown(2), unknown(1), { type: "folded", fromMs: 0, toMs: 70, lines: 9 }]);
  expect(summary.unknown).toMatchObject({
    lines: [{ what: "sql", why: "no-symbols", pids: [1, 2] }],
    foldedUntilMs: 70,
  });
});

test("statements that came to be known are not said to be unknown", () => {
  const unknown = (pids: number[], untilMs: number | null) => ({
    ...{ type: "unknown" as const, atMs: 1, what: "sql" as const, why: "no-symbols", pids, untilMs },
  });
  const lines = (...all: ReturnType<typeof unknown>[]) => summaryOf(all).unknown.lines.map(({ pids }) => pids);
  expect(lines(unknown([1], null), unknown([1], 5))).toEqual([]);
  expect(lines(unknown([1], null), unknown([2], null), unknown([1], 5))).toEqual([[2]]);
  expect(lines(unknown([1], null), unknown([1], 5), unknown([1], null))).toEqual([[1]]);
});

test("the longest are listed, and every process that the summary names", () => {
  const tally = new Tally({ listed: 3 });
  for (let n = 1; n <= 50; n++) {
    tally.add(waitLine({ pid: n, waitedMs: n, blockers: [blocker({ pid: 100, heldMs: n, blockedMs: n })] }));
    tally.add(transactionLine({ pid: n + 200, toMs: 100 + n }));
  }
  const { waits, moreWaits, transactions, moreTransactions, processes, moreProcesses } = tally.summary();
  expect([waits.map(({ waitedMs }) => waitedMs), moreWaits]).toEqual([[50, 49, 48], 47]);
  expect([transactions.map(({ pid }) => pid), moreTransactions]).toEqual([[250, 249, 248], 47]);
  const pids = processes.map(({ pid }) => pid);
  expect(pids).toEqual(expect.arrayContaining([100, 50, 49, 48, 250, 249, 248]));
  expect(pids.length + moreProcesses).toBe(101);
});

test("its memory does not grow with the number of processes", () => {
  const tally = new Tally();
  for (let pid = 1; pid <= 10_000; pid++) {
    tally.add(lockLine({ pid, tid: pid }));
    tally.add(
      waitLine({
        pid,
        tid: pid,
        waitedMs: 1,
        blockers: [blocker({ pid: pid - 1, sql: `select ${pid}`, blockedMs: 1 })],
      }),
    );
  }
  tally.add(waitLine({ pid: 7, blockers: [blocker()] }));
  const summary = tally.summary();
  expect(summary.totals).toMatchObject({ waits: 10_001, writeHolds: 10_000 });
  expect(summary.verdict.behind[0]).toMatchObject({ pid: 4242 });
  expect(JSON.stringify(summary).length).toBeLessThan(200_000);
});

test("a process whose start was not known at first is one process; a later one of its number is another", () => {
  const { processes, verdict } = summaryOf([
    lockLine({ pid: 4242, startTicks: null }),
    waitLine({ blockers: [blocker({ startTicks: null })] }),
    processLine({ pid: 4242, startTicks: "900" }),
    waitLine({ blockers: [blocker()] }),
    lockLine({ pid: 4242, startTicks: "900" }),
    lockLine({ pid: 4242, startTicks: "2000" }),
  ]);
  expect(processes.map(({ pid, startTicks, writes }) => [pid, startTicks, writes.times])).toEqual([
    [4242, "900", 2],
    [4250, "1000", 0],
    [4242, "2000", 1],
  ]);
  expect(verdict.behind).toMatchObject([{ pid: 4242, startTicks: "900", waits: 2 }]);
});

test.each<[string, Parameters<typeof waitLine>[0], object]>([
  [
    "an insert that waits for a lock to read is a writer",
    { lock: "PENDING", lockType: "read" },
    { writers: 1, readers: 0 },
  ],
  ["a select is a reader", { lock: "PENDING", lockType: "read", sql: "select 1" }, { writers: 0, readers: 1 }],
  [
    "where the statement is not known, neither",
    { lock: "READ1", lockType: "read", sql: null },
    { writers: 0, readers: 0 },
  ],
  ["a commit waits to write", { lock: "EXCLUSIVE", sql: "commit" }, { writers: 1, readers: 0 }],
  ["a checkpoint", { sql: "pragma wal_checkpoint(restart)" }, { writers: 0, checkpointers: 1 }],
])("%s", (_, given, waiting) => {
  expect(summaryOf([waitLine(given)]).verdict.waiting).toMatchObject(waiting);
});

test("a checkpoint that returned a row without the lock is no SQLITE_BUSY", () => {
  const checkpoint = { lock: "READ0", sql: "pragma wal_checkpoint(truncate)", outcome: "gave-up" } as const;
  const { verdict, totals, processes } = summaryOf([waitLine({ ...checkpoint, result: "SQLITE_ROW" })]);
  expect(verdict).toMatchObject({ state: "waits", gaveUp: 0, causes: [], ended: { unfinished: 1, busy: 0 } });
  expect([totals.gaveUp, processes.find(({ pid }) => pid === 4250)?.gaveUp]).toEqual([0, 0]);
});

test("each call that returned SQLITE_BUSY has one cause, and the counts are those of the patterns", () => {
  const atOnce = waitLine({ outcome: "gave-up", attempts: 1, waitedMs: 0.1 });
  const lines = [
    ...[1, 2, 3].map(() => ({ ...atOnce, whileReading: true as const })),
    atOnce,
    waitLine({ outcome: "gave-up", attempts: 9 }),
    refusalLine({ why: "snapshot", result: "SQLITE_BUSY_SNAPSHOT" }),
    refusalLine({ why: "same-process", sure: "likely", callMs: 231, waitedMs: 230 }),
    refusalLine({ why: "unknown" }),
    refusalLine({ why: "inside-process", result: "SQLITE_LOCKED" }),
  ];
  const { verdict, patterns, totals } = summaryOf(lines);
  expect(verdict.causes).toEqual([
    { cause: "read-then-write", times: 4, sure: "proved", longestMs: 0 },
    { cause: "busy-snapshot", times: 1, sure: "proved", longestMs: 0 },
    { cause: "same-process-connections", times: 1, sure: "likely", longestMs: 230 },
    { cause: "timeout", times: 1, sure: "proved", longestMs: 0 },
    { cause: "unknown", times: 1, sure: "proved", longestMs: 0 },
  ]);
  expect(verdict.causes.reduce((sum, { times }) => sum + times, 0)).toBe(totals.gaveUp + totals.refusals);
  expect(patterns.find(({ id }) => id === "read-then-write")?.evidence).toMatchObject({ refused: 4 });
  expect(verdict).toMatchObject({ atOnce: 4, refusedBehind: [{ pid: 4242, refused: 4, processRefused: 4 }] });
});

test("a run of refusals that may be several calls is in no sum of waits", () => {
  const run = waitLine({ waitedMs: 5_000, perhapsSeveralCalls: true, outcome: "unknown", sql: null });
  const { verdict, totals, waits, processes } = summaryOf([run, waitLine({ waitedMs: 90, blockers: [] })]);
  expect(verdict).toMatchObject({ waits: 1, waitedMs: 90, longestWaitMs: 90, runs: { times: 1, totalMs: 5_000 } });
  expect([totals.waits, totals.waitedMs, waits[0]?.waitedMs]).toEqual([1, 90, 90]);
  expect(processes.find(({ pid }) => pid === 4250)).toMatchObject({ waits: { times: 1 }, runs: { times: 1 } });
});

test("runs and the longest of what was only counted are those of the recording", () => {
  const { verdict, totals, processes } = summaryOf([
    countsLine({
      waits: { times: 2, totalMs: 6, longestMs: 4, attempts: 2 },
      runs: { times: 3, totalMs: 15, longestMs: 9, attempts: 7 },
    }),
  ]);
  expect(verdict).toMatchObject({
    waits: 2,
    waitedMs: 6,
    longestWaitMs: 4,
    runs: { times: 3, totalMs: 15, longestMs: 9 },
  });
  expect(totals).toMatchObject({ waits: 2, refusedAttempts: 9 });
  expect(processes[0]).toMatchObject({ waits: { times: 2, longestMs: 4 }, runs: { times: 3 }, refusedAttempts: 9 });
});

test("the holds of a blocker are all of the recording, those that were only counted too", () => {
  const { verdict } = summaryOf([
    lockLine({ pid: 4242, tid: 4242, startTicks: null, fromMs: 0, toMs: 100 }),
    countsLine({
      pid: 4242,
      startTicks: "900",
      holds: { WRITE: { times: 54, totalMs: 4_800, longestMs: 117, writes: 54 } },
    }),
    waitLine(),
  ]);
  expect(verdict.behind[0]?.holds).toEqual({ times: 55, totalMs: 4_900, longestMs: 117, atLeast: false });
});

test("waits that were only counted: how they ended is known of those that got the lock", () => {
  const { verdict } = summaryOf([countsLine({ waits: { times: 5, totalMs: 9, granted: 4 } })]);
  expect(verdict.ended).toMatchObject({ granted: 4, unknown: 1 });
});

test("the process with the greatest share comes first, whatever its single locks and statements have", () => {
  const behind = (pid: number, sql: string, blockedMs: number) =>
    waitLine({ waitedMs: blockedMs, blockers: [blocker({ pid, sql, blockedMs })] });
  const { verdict } = summaryOf([behind(1, "a", 40), behind(2, "b", 30), behind(2, "c", 30)]);
  expect(verdict.behind.map(({ pid, processShare }) => [pid, processShare])).toEqual([
    [2, 0.6],
    [2, 0.6],
    [1, 0.4],
  ]);
});

test("a write transaction under a lock that was held already is a write of its process", () => {
  const { processes } = summaryOf([transactionLine()]);
  expect(processes[0]?.writes).toMatchObject({ times: 1, totalMs: 5 });
});

test("a checkpoint's write locks on READ marks are no reads, also where they are only counted", () => {
  const marks = (hold: NonNullable<CountsLine["holds"]["READ1"]>) => [countsLine({ holds: { READ1: hold } })];
  const reads = (lines: readonly RecordingLine[]) => summaryOf(lines).processes[0]?.reads;
  expect(reads(marks({ times: 3, totalMs: 9, longestMs: 4, writes: 3 }))).toMatchObject({ times: 0, totalMs: 0 });
  const mixed = { times: 5, totalMs: 12, writes: 3, writesMs: 2, longestWriteMs: 1 };
  expect(reads(marks({ ...mixed, longestMs: 7 }))).toEqual({ times: 2, totalMs: 10, longestMs: 7, atLeast: false });
  const longWrite = { ...mixed, writesMs: 8, longestMs: 7, longestWriteMs: 7 };
  expect(reads(marks(longWrite))).toEqual({ times: 2, totalMs: 4, longestMs: 2, atLeast: true });
});

test("what is still held at the end was held until then", () => {
  const tally = new Tally();
  tally.add(lockLine({ fromMs: 100, toMs: 200 }));
  tally.ends(5_000);
  tally.add(lockLine({ fromMs: 1_000, toMs: null, atLeast: true }));
  expect(tally.summary(5_000)).toMatchObject({
    databases: [{ writeHeldMs: 4_100 }],
    processes: [{ writes: { times: 2, totalMs: 4_100, longestMs: 4_000, atLeast: true } }],
  });
});

test("--pid: what is not known of others is told only of those in the way", () => {
  const unknown = (what: "sql" | "blocker", pids: readonly number[]): RecordingLine => ({
    ...{ type: "unknown", atMs: 0, what, why: "no-symbols", pids, untilMs: null },
  });
  const told = (...lines: readonly RecordingLine[]) => {
    const tally = new Tally();
    for (const line of lines) tally.add(line);
    return tally.summary(1_000).unknown.lines.map(({ what, pids }) => `${what} ${pids.join(" ")}`);
  };
  const all = [processLine({ pid: 9 }), unknown("sql", [7, 8, 9]), unknown("blocker", [9])];
  const only = metaLine({ only: { pids: [7] } });
  const wait = waitLine({ pid: 7, blockers: [blocker({ pid: 8 })] });
  expect(told(metaLine(), ...all, wait)).toEqual(["sql 7 8 9", "blocker 9"]);
  expect(told(only, ...all)).toEqual(["sql 7"]);
  expect(told(only, ...all, wait)).toEqual(["sql 7 8"]);
  expect(told(only, ...all, waitLine({ pid: 7, blockers: [] }))).toEqual(["sql 7", "blocker 9"]);
  const units = metaLine({ only: { units: ["web.service"], unitUids: [] } });
  const web = processLine({ pid: 9, unit: "web.service", unitManager: "system" });
  expect(told(units, ...all, web)).toEqual(["sql 9", "blocker 9"]);
});

test("a program without SQLite that only has the database open is nothing unknown", () => {
  const unknown: RecordingLine = {
    ...{ type: "unknown", atMs: 0, what: "sql", why: "no-library", pids: [7, 8, 9], untilMs: null },
  };
  const lines = [processLine({ pid: 7 }), unknown, lockLine({ pid: 8 }), waitLine({ blockers: [blocker({ pid: 9 })] })];
  expect(summaryOf(lines).unknown.lines).toEqual([{ what: "sql", why: "no-library", pids: [8, 9] }]);
});

test("of a part of a recording, sums have what is within, and the longest is told in whole", () => {
  const tally = new Tally({ listed: 20, untilMs: 1_000 });
  const later = { pid: 7, tid: 7, startTicks: "7" };
  for (const line of [
    metaLine(),
    lockLine({ ...HOLDER, fromMs: -1_500, toMs: 2_500 }),
    transactionLine({ ...HOLDER, fromMs: -1_500, toMs: 2_500, writeFromMs: -1_500 }),
    // it gets the write lock after the part
    transactionLine({ ...later, fromMs: 900, toMs: 5_000, writeFromMs: 4_700 }),
    transactionLine({ ...later, fromMs: -300, toMs: 200, writeFromMs: -100 }),
    waitLine({ blockers: [blocker({ ...HOLDER, fromMs: -1_500, heldMs: 4_000 })] }),
  ])
    tally.add(line);
  const { processes, totals, databases, verdict } = tally.summary(1_000);
  const writesOf = (pid: number) => processes.find((process) => process.pid === pid)?.writes;
  expect(writesOf(4242)).toEqual({ times: 1, totalMs: 1_000, longestMs: 4_000, atLeast: false });
  expect(writesOf(7)).toEqual({ times: 1, totalMs: 200, longestMs: 300, atLeast: false });
  expect(verdict.behind[0]?.holds).toMatchObject({ times: 1, totalMs: 1_000 });
  expect(databases).toMatchObject([{ writeHolds: 1, writeHeldMs: 1_000, writeHeldShare: 1 }]);
  expect(totals).toMatchObject({ transactions: 3, writeTransactions: 2, commits: 1 });
});

test("waits that are too short to be listed are counted", () => {
  const tally = new Tally({ listed: 20, minWaitMs: 1_000 });
  for (const waitedMs of [900, 1_100]) tally.add(waitLine({ waitedMs }));
  const { waits, moreWaits, verdict } = tally.summary();
  expect(waits.map(({ waitedMs }) => waitedMs)).toEqual([1_100]);
  expect(moreWaits).toBe(1);
  expect(verdict).toMatchObject({ waits: 2, waitedMs: 2_000 });
});
