import { expect, test } from "vitest";
import { evidenceOf } from "../../../support/advice.ts";
import { blocker, connectionLine, countsLine, lockLine, metaLine, waitLine } from "../../../support/recording.ts";

const exact = (ms: number) => ({ atLeastMs: ms, atMostMs: ms });
const failedWith = (lines: Parameters<typeof evidenceOf>[0], timeoutMs: number) =>
  evidenceOf(lines, 60_000).timeouts.find((each) => each.timeoutMs === timeoutMs);

test("a call that gave up would likely have got the lock when the one in its way let go", () => {
  const who = { pid: 4242, startTicks: "900", tid: 4242 };
  const wait = waitLine({
    ...{ fromMs: 1_000, waitedMs: 1_000, outcome: "gave-up" },
    blockers: [blocker({ fromMs: 500, heldMs: 1_500 })],
  });
  const lines = [metaLine(), wait, lockLine({ ...who, fromMs: 500, toMs: 3_600 })];
  expect(evidenceOf(lines, 60_000).waits).toMatchObject({
    timedOut: 1,
    gaveUpAfterMs: { shortest: 1_000, longest: 1_000 },
    likelyLongest: exact(2_600),
  });
  expect(failedWith(lines, 2_000)).toMatchObject({
    failed: { atLeast: 0, atMost: 1 },
    likelyFailed: { atLeast: 1, atMost: 1 },
  });
  expect(failedWith(lines, 5_000)).toMatchObject({
    failed: { atLeast: 0, atMost: 1 },
    likelyFailed: { atLeast: 0, atMost: 0 },
  });
});

test("where the end of the lock in its way is not known, nor is what the call would have needed", () => {
  const wait = waitLine({ fromMs: 1_000, waitedMs: 1_000, outcome: "gave-up" });
  for (const blockers of [[], [blocker({ fromMs: 500, heldMs: 1_500 })]])
    expect(failedWith([{ ...wait, blockers }], 60_000)?.likelyFailed).toEqual({ atLeast: 0, atMost: 1 });
});

test("where the lock was free when a call gave up, the next attempt would likely have got it", () => {
  const blockers = [blocker({ fromMs: 900, heldMs: 1_050 })];
  const wait = waitLine({ fromMs: 1_000, waitedMs: 1_000, outcome: "gave-up", blockers });
  expect(evidenceOf([wait], 60_000).waits?.likelyLongest).toEqual(exact(1_100));
});

test("a lock that was gone before a call gave up is not what it needed", () => {
  const gone = blocker({ pid: 7, fromMs: 900, heldMs: 200 });
  const there = blocker({ fromMs: 1_200, heldMs: 800 });
  const lines = [
    waitLine({ fromMs: 1_000, waitedMs: 1_000, outcome: "gave-up", blockers: [gone, there] }),
    lockLine({ pid: 4242, startTicks: "900", fromMs: 1_200, toMs: 2_500 }),
  ];
  expect(evidenceOf(lines, 60_000).waits?.likelyLongest).toEqual(exact(1_500));
});

test.each([
  ["a run of several calls", waitLine({ perhapsSeveralCalls: true })],
  ["a wait for another connection of the process", waitLine({ withinProcess: true })],
  ["a checkpoint", waitLine({ lock: "CKPT" })],
  ["an outdated read", waitLine({ outcome: "gave-up", result: "SQLITE_BUSY_SNAPSHOT" })],
  ["a reader that is refused at once", waitLine({ outcome: "gave-up", whileReading: true, attempts: 1, waitedMs: 0 })],
])("%s says nothing about the timeout", (_, line) => {
  expect(evidenceOf([line], 60_000).waits?.lengths.times).toBe(0);
});

test("listed waits and those that were counted are put together", () => {
  const lines = [waitLine({ waitedMs: 900 }), countsLine({ waits: { times: 2, totalMs: 6, buckets: { "47": 2 } } })];
  expect(evidenceOf(lines, 60_000).waits?.lengths).toMatchObject({ times: 3, longest: exact(900) });
});

test("how long the write lock is held, by how many, and the share of moments at which a writer would fail", () => {
  const lines = [
    lockLine({ pid: 1, fromMs: 0, toMs: 4_000 }),
    lockLine({ pid: 2, fromMs: 5_000, toMs: 6_000 }),
    lockLine({ pid: 3, lock: "READ1", lockType: "read", fromMs: 0, toMs: 50_000 }),
    countsLine({ pid: 4, holds: { WRITE: { times: 2, totalMs: 8, writes: 2, buckets: { "48": 2 } } } }),
  ];
  const { writers, writeHolds, journalMode, timeouts } = evidenceOf(lines, 10_000);
  expect({ writers, journalMode }).toEqual({ writers: 3, journalMode: "wal" });
  expect(writeHolds).toMatchObject({ times: 4, longest: exact(4_000) });
  // 3 s of the first hold, in 10 s.
  expect(timeouts[0]).toMatchObject({ timeoutMs: 1_000, moments: { atLeast: 0.3, atMost: 0.3 } });
});

test("a sample knows no waits, and says so", () => {
  const { waits, timeouts, readersAndCommits } = evidenceOf([lockLine()], 10_000, false);
  expect([waits, readersAndCommits, timeouts[0]?.failed]).toEqual([null, null, null]);
});

test("in rollback mode: readers that wait for a commit, and commits that wait for readers", () => {
  const reader = waitLine({ lock: "SHARED", lockType: "read", blockers: [blocker({ lock: "EXCLUSIVE" })] });
  const commit = waitLine({
    ...{ lock: "EXCLUSIVE", waitedMs: 70, outcome: "gave-up" },
    blockers: [blocker({ lock: "SHARED", lockType: "read" })],
  });
  const writer = waitLine({ lock: "RESERVED", blockers: [blocker({ lock: "RESERVED" })] });
  const held = lockLine({ lock: "RESERVED" });
  expect(evidenceOf([held, reader, commit, writer], 10_000)).toMatchObject({
    journalMode: "rollback",
    readersAndCommits: { waits: 2, blockedMs: 970, failed: 1 },
  });
});

test("the timeouts that programs tell", () => {
  const lines = [5_000, 0, 5_000].map((timeoutMs) => connectionLine({ timeoutMs }));
  expect(evidenceOf(lines, 10_000).openedWithMs).toEqual([0, 5_000]);
});

test("the WAL: how far it grew, who kept it, and for how long", () => {
  const wal = { type: "wal", path: "/srv/app/db.sqlite3", bytes: 20_000_000, copied: 0, pinnedBy: [] } as const;
  const pinnedBy = [{ pid: 77, startTicks: "1" }];
  const lines = [
    { ...wal, atMs: 0, frames: 5_000, pinned: 0 },
    { ...wal, atMs: 12_000, frames: 6_000, pinned: 5_500, pinnedBy },
    { ...wal, atMs: 15_000, bytes: null, frames: null, copied: null, pinned: null },
  ] as const;
  expect(evidenceOf(lines, 60_000).wal).toEqual({
    ...{ mostBytes: 20_000_000, mostUncopied: 5_000, uncopiedMs: 12_000 },
    ...{ mostPinned: 5_500, pinnedMs: 3_000, pinnedBy: [77] },
  });
});

test("a write lock that is still held at the end was held at least so long", () => {
  const lines = [lockLine({ fromMs: 100, toMs: 105 }), lockLine({ fromMs: 10_000, toMs: null, atLeast: true })];
  expect(evidenceOf(lines, 60_000).writeHolds).toMatchObject({
    times: 2,
    longest: { atLeastMs: 50_000, atMostMs: null },
  });
});

test("of waits that were only counted, those that gave up needed more than they waited", () => {
  const waits = { times: 10, totalMs: 50_008, granted: 8, buckets: { "40": 8, "90": 2 } };
  const lines = [countsLine({ waits, gaveUp: 2 })];
  expect(evidenceOf(lines, 60_000).waits).toMatchObject({ timedOut: 2, gaveUpAfterMs: null });
  // which ones these were is not known
  const failed = { atLeast: 0, atMost: 4 };
  expect(failedWith(lines, 5_000)).toMatchObject({ failed, likelyFailed: failed });
  expect(failedWith(lines, 60_000)).toMatchObject({ failed: { atLeast: 0, atMost: 2 } });
});
