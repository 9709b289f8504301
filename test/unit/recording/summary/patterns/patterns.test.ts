/** Each rule: what it must find, and what it must be silent about. */
import { expect, test } from "vitest";
import type { RecordingLine } from "../../../../../src/recording/lines.ts";
import { Tally } from "../../../../../src/recording/summary/tally.ts";
import {
  blocker,
  countsLine,
  lockLine,
  refusalLine,
  statement,
  transactionLine,
  waitLine,
} from "../../../../support/recording.ts";

function patternsOf(lines: readonly RecordingLine[]) {
  const tally = new Tally();
  for (const line of lines) tally.add(line);
  return tally.summary().patterns;
}

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

const atOnce = waitLine({ outcome: "gave-up", attempts: 1, waitedMs: 0.2, result: "SQLITE_BUSY", blockers: [] });
const readBefore = transactionLine({
  ...{ kind: "read", fromMs: 800, toMs: 950, writeFromMs: null, outcome: "rollback" },
  statements: [
    statement({ sql: "begin", atMs: 799, ms: 0.1 }),
    statement({ sql: "select * from t", atMs: 800, ms: 1 }),
    statement({ atMs: 900, ms: 0.2, result: "SQLITE_BUSY" }),
  ],
});
/** The reader that an autocommitted insert is, before it asks for the write lock. */
const onlyItself = transactionLine({
  ...{ kind: "read", fromMs: 899.9, toMs: 900.3, writeFromMs: null, outcome: "rollback" },
  statements: [statement({ atMs: 899.8, ms: 0.5, result: "SQLITE_BUSY" })],
});
const thinking = transactionLine({
  ...{ fromMs: 0, toMs: 5_800, writeFromMs: 0, insideMs: 174, outsideMs: 5_626, pid: 4242, tid: 4242 },
  statements: [statement({ sql: "begin immediate" }), statement({ times: 400 }), statement({ sql: "commit" })],
});
const checkpoint = waitLine({
  ...{ lock: "READ1", waitedMs: 200, attempts: 9, sql: "pragma wal_checkpoint(truncate)" },
  blockers: [blocker({ lock: "READ1", lockType: "read", heldMs: 12_000, sql: "select * from t" })],
});
const commits = (count: number, pauseMs: number, given: object = {}) =>
  times(count, (n) =>
    transactionLine({
      fromMs: n * (5 + pauseMs),
      writeFromMs: n * (5 + pauseMs),
      toMs: n * (5 + pauseMs) + 5,
      ...given,
    }),
  );
/** While a writer waits from 900 ms on. */
const overtaking = (count: number, holds: number) =>
  times(count * holds, (n) => lockLine({ pid: (n % count) + 1, tid: 1, fromMs: 1_000 + n * 40, toMs: 1_005 + n * 40 }));
const starving = waitLine({ waitedMs: 5_000, outcome: "gave-up", attempts: 60, blockers: [] });
const exclusive = transactionLine({
  ...{ fromMs: 0, toMs: 1_500, writeFromMs: 0.1, insideMs: 5, outsideMs: 1_495, outcome: "process-ended" },
  ...{ pid: 4242, tid: 4242, statements: [statement({ atMs: 0, ms: 5 })] },
});
const writers = (count: number, holds: number, waitedMs: number) =>
  times(count, (n) => [
    ...times(holds, () => lockLine({ pid: n + 1, tid: n + 1 })),
    waitLine({ pid: n + 1, tid: n + 1, waitedMs, blockers: [] }),
  ]).flat();

test.each<[string, readonly RecordingLine[], object]>([
  [
    "a write after a read, refused at once",
    [atOnce, readBefore],
    { id: "read-then-write", evidence: { refused: 1 }, fix: "begin-immediate", pids: [4250], sure: "proved" },
  ],
  ["the same, as the interpreter knows it", [{ ...atOnce, whileReading: true }], { id: "read-then-write" }],
  ["a deadlock that SQLite refused", [refusalLine({ why: "deadlock" })], { id: "read-then-write" }],
  [
    "a stale snapshot",
    [refusalLine({ why: "snapshot", result: "SQLITE_BUSY", sure: "likely" })],
    { id: "busy-snapshot", sure: "likely", evidence: { refused: 1 } },
  ],
  [
    "a stale snapshot by its own code",
    [waitLine({ outcome: "gave-up", attempts: 1, waitedMs: 0.1, result: "SQLITE_BUSY_SNAPSHOT" })],
    { id: "busy-snapshot", sure: "proved" },
  ],
  [
    "no timeout, at the begin",
    [{ ...atOnce, sql: "begin immediate" }],
    { id: "no-busy-timeout", sure: "proved", evidence: { refused: 1, longestMs: 0.2 }, fix: "set-busy-timeout" },
  ],
  ["no timeout, of an insert", [atOnce, onlyItself], { id: "no-busy-timeout", sure: "likely" }],
  ["no timeout, where statements are unknown", [{ ...atOnce, sql: null, result: null }], { id: "no-busy-timeout" }],
  ["a refusal without a wait", [refusalLine({ why: "no-wait" })], { id: "no-busy-timeout", sure: "proved" }],
  [
    "connections of one process",
    [refusalLine({ why: "same-process" }), refusalLine({ why: "same-process" })],
    { id: "same-process-connections", evidence: { refused: 2 }, fix: "one-connection" },
  ],
  [
    "a program that thinks while others wait",
    [thinking, waitLine({ waitedMs: 300, blockers: [blocker({ blockedMs: 300 })] })],
    {
      ...{ id: "think-time", severity: "warning", pids: [4242], sql: "begin immediate" },
      evidence: {
        ...{ transactions: 1, longestMs: 5_800, longestOutsideMs: 5_626, totalMs: 5_800, totalOutsideMs: 5_626 },
        blockedMs: 300,
      },
    },
  ],
  ["a program that thinks, and nobody waits", [thinking], { id: "think-time", severity: "info" }],
  [
    "a writer that the others leave nothing",
    [...overtaking(3, 20), starving],
    {
      ...{ id: "starvation", pids: [4250] },
      evidence: { waits: 1, waitedMs: 5_000, got: 0, longestMs: 5_000, overtaken: 60, others: 3, othersGot: 20 },
    },
  ],
  [
    "two writers that one other leaves nothing",
    [...overtaking(1, 55), starving, { ...starving, pid: 4251, tid: 4251 }],
    { id: "starvation", pids: [4250, 4251], evidence: { waits: 2, waitedMs: 10_000, others: 1, othersGot: 55 } },
  ],
  [
    "a lock that stays after its statement: exclusive mode",
    [
      waitLine({ fromMs: 300, waitedMs: 309, outcome: "gave-up", blockers: [blocker({ fromMs: 0, blockedMs: 309 })] }),
      exclusive,
    ],
    {
      ...{ id: "exclusive-mode", severity: "warning", sure: "likely", pids: [4242], fix: "normal-locking-mode" },
      evidence: { times: 1, keptMs: 1_495, longestMs: 1_495, blockedMs: 309 },
    },
  ],
  [
    "a lock that stays after its commit",
    [
      {
        ...exclusive,
        statements: [
          statement({ sql: "begin", atMs: 0, ms: 0.1 }),
          statement({ atMs: 1, ms: 1 }),
          statement({ sql: "commit", atMs: 3, ms: 2 }),
        ],
      },
    ],
    { id: "exclusive-mode", severity: "info", evidence: { keptMs: 1_495, blockedMs: 0 } },
  ],
  [
    "a lock that stays after a commit which ended the transaction",
    [
      transactionLine({ pid: 4242, fromMs: 0, toMs: 20, writeFromMs: 1 }),
      transactionLine({ pid: 4242, fromMs: 400, toMs: 420, writeFromMs: 400 }),
      waitLine({ fromMs: 300, waitedMs: 309, outcome: "gave-up", blockers: [blocker({ fromMs: 1, blockedMs: 309 })] }),
      lockLine({ pid: 4242, lock: "EXCLUSIVE", fromMs: 15, toMs: 2_000 }),
      lockLine({ pid: 4242, lock: "RESERVED", fromMs: 1, toMs: 2_000.1 }),
    ],
    {
      ...{ id: "exclusive-mode", severity: "warning", sure: "likely", pids: [4242] },
      evidence: { times: 2, keptMs: 1_960, longestMs: 1_580, blockedMs: 289 },
    },
  ],
  [
    "the same, up to the end of the recording",
    [
      transactionLine({ pid: 4242, fromMs: 0, toMs: 20, writeFromMs: 1 }),
      transactionLine({ pid: 4242, fromMs: 1_600, toMs: 1_620, writeFromMs: 1_600 }),
      lockLine({ pid: 4242, lock: "RESERVED", fromMs: 1, toMs: null }),
    ],
    { id: "exclusive-mode", severity: "info", evidence: { times: 1, keptMs: 1_580, blockedMs: 0 } },
  ],
  [
    "a lock to write that only reads had: exclusive mode too",
    [{ ...exclusive, statements: [statement({ sql: "select 1", atMs: 0, ms: 2 })] }],
    { id: "exclusive-mode", severity: "info" },
  ],
  [
    "think time: only what others waited for the transactions that are meant",
    [
      thinking,
      waitLine({ fromMs: 5_700, waitedMs: 300, blockers: [blocker({ blockedMs: 300 })] }),
      waitLine({ fromMs: 9_000, waitedMs: 3_000, blockers: [blocker({ fromMs: 8_900, blockedMs: 3_000 })] }),
    ],
    { id: "think-time", severity: "warning", evidence: { blockedMs: 100 } },
  ],
  [
    "the same statement, refused at once, where connections share locks",
    [{ ...atOnce, whileReading: true }, atOnce, { ...atOnce, tid: 4251 }],
    { id: "read-then-write", evidence: { refused: 3, likely: 2 } },
  ],
  [
    "a wait inside SQLite for the own process",
    [waitLine({ withinProcess: true, attempts: 0, waitedMs: 227, blockers: [] })],
    { id: "same-process-connections", sure: "likely", evidence: { refused: 0, waits: 1, waitedMs: 227 } },
  ],
  [
    "a refusal that waited in vain",
    [refusalLine({ why: "same-process", callMs: 228, waitedMs: 227, sure: "likely" })],
    { evidence: { refused: 1, waits: 0, waitedMs: 227, refusedLongestMs: 227 } },
  ],
  [
    "a checkpoint behind a reader",
    [checkpoint],
    {
      ...{ id: "checkpoint-kept-busy", pids: [4250], sql: "select * from t", fix: "end-reads" },
      evidence: { refused: 9, waitedMs: 200, readers: 1, readerPids: [4242], longestReadMs: 12_000 },
    },
  ],
  ["a checkpoint that gave up", [{ ...checkpoint, waitedMs: 10, outcome: "gave-up" }], { id: "checkpoint-kept-busy" }],
  [
    "3,000 commits of one row",
    commits(3_000, 1),
    { id: "one-transaction-per-row", evidence: { commits: 3_000, heldMs: 15_000, overMs: 17_999 }, pids: [4250] },
  ],
  [
    "commits of two processes at the same time: the time counts once",
    [...commits(100, 1), ...commits(100, 1, { pid: 4251, tid: 4251 })],
    { id: "one-transaction-per-row", evidence: { commits: 200, heldMs: 1_000, overMs: 599 } },
  ],
  [
    "commits between begin and commit",
    commits(200, 10, {
      statements: [statement({ sql: "BEGIN" }), statement({ sql: "update t set a = ?" }), statement({ sql: "COMMIT" })],
    }),
    { id: "one-transaction-per-row", sql: "update t set a = ?" },
  ],
  [
    "commits that were only counted",
    times(3, (n) =>
      countsLine({
        ...{ fromMs: n * 1_000, toMs: n * 1_000 + 1_000 },
        oneStatement: [{ tid: 4250, sql: "insert", times: 40, heldMs: 200 }],
      }),
    ),
    { id: "one-transaction-per-row", evidence: { commits: 120, heldMs: 600, overMs: 3_000 } },
  ],
  [
    "a lock that was free while the waiter slept",
    [waitLine({ waitedMs: 300, oversleptMs: 90 }), waitLine({ waitedMs: 100, oversleptMs: 20 })],
    { id: "oversleep", evidence: { waits: 2, totalMs: 110, longestMs: 90, waitedMs: 400 }, severity: "info" },
  ],
])("%s", (_, lines, pattern) => {
  expect(patternsOf(lines)).toMatchObject([{ path: "/srv/app/db.sqlite3", ...pattern }]);
});

test.each<[string, readonly RecordingLine[]]>([
  ["a wait that was granted", [waitLine()]],
  ["a wait that gave up after its timeout", [waitLine({ outcome: "gave-up", attempts: 60, waitedMs: 5_000 })]],
  [
    "a wait in the kernel that gave up after its timeout",
    [waitLine({ outcome: "gave-up", attempts: 1, waitedMs: 500 })],
  ],
  ["a process that has a timeout", [atOnce, onlyItself, waitLine({ attempts: 2 })]],
  ["another error at once", [{ ...atOnce, result: "SQLITE_BUSY_RECOVERY" }]],
  ["an upgrade that went well", [transactionLine({ kind: "upgrade", toMs: 200, writeFromMs: 150 })]],
  ["a refusal for an unknown reason", [refusalLine({ why: "unknown" }), refusalLine({ why: "committed-in-between" })]],
  ["long, but at work", [{ ...thinking, insideMs: 3_800, outsideMs: 2_000 }]],
  ["long, with statements unknown", [{ ...thinking, insideMs: null, outsideMs: null }]],
  ["half a second of thought that nobody waits for", [{ ...thinking, toMs: 500, insideMs: 10, outsideMs: 490 }]],
  ["a thought before the write lock", [{ ...thinking, writeFromMs: 5_700, outsideMs: 5_626 }]],
  ["a reader that thinks", [{ ...thinking, kind: "read", writeFromMs: null }]],
  ["an open transaction", [{ ...thinking, toMs: null, outcome: "open" }]],
  ["writers that all wait", writers(5, 20, 2_000)],
  ["a writer that others overtake only once each: a queue", [...overtaking(60, 1), starving]],
  ["a writer that waits behind one long hold", [...overtaking(1, 3), starving]],
  ["runs of refusals that may be several calls", [...overtaking(3, 20), { ...starving, perhapsSeveralCalls: true }]],
  [
    "a short wait inside SQLite for the own process",
    [waitLine({ withinProcess: true, attempts: 0, waitedMs: 20, blockers: [] })],
  ],
  [
    "a transaction that is open: no exclusive mode",
    [{ ...exclusive, statements: [statement({ sql: "begin immediate", atMs: 0 })], insideMs: 1_490, outsideMs: 10 }],
  ],
  [
    "a statement that returned a row is not done",
    [
      {
        ...exclusive,
        insideMs: 1_490,
        outsideMs: 10,
        statements: [statement({ atMs: 0, ms: 5, result: "SQLITE_ROW" })],
      },
    ],
  ],
  ["a writer that waits, beside one other", [...writers(1, 50, 1), waitLine({ waitedMs: 5_000, blockers: [] })]],
  [
    "a writer that waits long, and gets as much",
    [
      ...writers(3, 20, 100),
      ...times(20, () => lockLine({ pid: 77 })),
      waitLine({ pid: 77, waitedMs: 5_000, blockers: [] }),
    ],
  ],
  [
    "readers that starve",
    [...writers(3, 20, 1), waitLine({ lock: "READ1", lockType: "read", waitedMs: 5_000, blockers: [] })],
  ],
  ["a checkpoint behind a writer", [{ ...checkpoint, blockers: [blocker()] }]],
  ["a checkpoint that a reader held up for a moment", [{ ...checkpoint, waitedMs: 20 }]],
  ["many silent tries of checkpoints", [countsLine({ optionalRefusals: 5_000 })]],
  ["99 commits", commits(99, 1)],
  ["many commits with pauses: requests", commits(300, 60)],
  [
    "many commits of threads in turn",
    times(300, (n) => commits(1, 0, { tid: n % 40, fromMs: n * 6, toMs: n * 6 + 5 })).flat(),
  ],
  ["many commits of many rows", commits(300, 1, { statements: [statement({ times: 50 })] })],
  [
    "many commits of two statements",
    commits(300, 1, { statements: [statement(), statement({ sql: "update t set a = ?" })] }),
  ],
  ["many commits with more statements", commits(300, 1, { moreStatements: 3 })],
  ["many reads", commits(300, 1, { kind: "read", writeFromMs: null, statements: [statement({ sql: "select 1" })] })],
  ["many rollbacks", commits(300, 1, { outcome: "rollback" })],
  [
    "few commits a second, counted",
    times(60, () => countsLine({ oneStatement: [{ tid: 1, sql: "insert", times: 5, heldMs: 1 }] })),
  ],
  ["short sleeps", times(20, () => waitLine({ waitedMs: 100, oversleptMs: 25, blockers: [] }))],
  ["a sleep that is little of a long wait", [waitLine({ waitedMs: 5_000, oversleptMs: 100, blockers: [] })]],
])("silent: %s", (_, lines) => {
  expect(patternsOf(lines)).toEqual([]);
});

test("each database has its own, and the processes with most of it come first", () => {
  const lines = [
    refusalLine({ why: "same-process", path: "/a", pid: 1 }),
    ...times(3, () => refusalLine({ why: "same-process", path: "/a", pid: 2 })),
    refusalLine({ why: "same-process", path: "/b", pid: 3 }),
  ];
  expect(patternsOf(lines)).toMatchObject([
    { path: "/a", pids: [2, 1], evidence: { refused: 4 } },
    { path: "/b", pids: [3], evidence: { refused: 1 } },
  ]);
});
