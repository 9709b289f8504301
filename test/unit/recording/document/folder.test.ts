import { expect, test } from "vitest";
import { Folder } from "../../../../src/recording/document/folder.ts";
import type { Hold } from "../../../../src/recording/document/named-holds.ts";
import type { WrittenLine } from "../../../../src/recording/document/uncounted.ts";
import { bucketOf } from "../../../../src/recording/histogram.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import {
  blocker,
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

function folded(
  lines: readonly RecordingLine[],
  options: { minWaitMs?: number; redact?: boolean } = {},
  named: readonly Hold[] = [],
) {
  const written: WrittenLine[] = [];
  const folder = new Folder({ minWaitMs: 10, redact: false, ...options }, (line) => written.push(line));
  for (const hold of named) folder.inTheWay(hold);
  for (const line of lines) folder.add(line);
  folder.end();
  return written;
}

/** Of so long durations, no two alike. */
const buckets = (...lengthsMs: readonly number[]) => Object.fromEntries(lengthsMs.map((ms) => [bucketOf(ms), 1]));
const oneWrite = (ms: number) => ({ times: 1, totalMs: ms, longestMs: ms, writes: 1, buckets: buckets(ms) });

test.each([
  ["meta", metaLine()],
  ["a process", processLine()],
  ["a refusal", refusalLine()],
  ["a connection", connectionLine()],
  ["a misuse", misuseLine()],
  ["a gap", { type: "gap", fromMs: 1, toMs: 2, lostEvents: 3 }],
  ["a long lock", lockLine({ toMs: 110 })],
  ["a lock that is still held", lockLine({ toMs: null })],
  ["a long transaction", transactionLine({ toMs: 110 })],
  ["an open transaction", transactionLine({ toMs: null, outcome: "open" })],
  ["a long wait", waitLine({ waitedMs: 10 })],
  ["a short wait that gave up", waitLine({ waitedMs: 0.1, outcome: "gave-up" })],
  ["a short wait that was killed", waitLine({ waitedMs: 0.1, outcome: "killed" })],
  ["a wait that goes on", waitLine({ waitedMs: 0.1, outcome: "still" })],
] as const)("%s is listed", (_, line) => {
  expect(folded([line])).toEqual([line]);
});

test("what is short is counted, per second, process and database", () => {
  const lines = folded([
    lockLine({ fromMs: 100, toMs: 105 }),
    transactionLine({ fromMs: 100, toMs: 105 }),
    lockLine({ fromMs: 200, toMs: 203 }),
    transactionLine({ fromMs: 200, toMs: 203, outcome: "rollback" }),
    lockLine({ fromMs: 210, toMs: 211, lock: "READ1", lockType: "read" }),
    lockLine({ fromMs: 220, toMs: 222, lock: "READ1" }),
    transactionLine({ fromMs: 210, toMs: 211, kind: "read", writeFromMs: null }),
    waitLine({ fromMs: 300, waitedMs: 4, attempts: 3 }),
    countsLine({ optionalRefusals: 2 }),
    lockLine({ fromMs: 400, toMs: 404, pid: 9 }),
    lockLine({ fromMs: 500, toMs: 501, path: "/srv/other" }),
    lockLine({ fromMs: 1_998, toMs: 2_001 }),
  ]);
  expect(lines).toEqual([
    {
      ...countsLine({ transactions: 3, writeTransactions: 2, commits: 1, optionalRefusals: 2 }),
      holds: {
        WRITE: { times: 2, totalMs: 8, longestMs: 5, writes: 2, buckets: buckets(5, 3) },
        READ1: {
          ...{ times: 2, totalMs: 3, longestMs: 2, buckets: buckets(1, 2) },
          ...{ writes: 1, writesMs: 2, longestWriteMs: 2, writeBuckets: buckets(2) },
        },
      },
      oneStatement: [{ tid: 4250, sql: "insert into t values (?)", times: 1, heldMs: 5 }],
      waits: { times: 1, totalMs: 4, longestMs: 4, attempts: 3, granted: 1, buckets: buckets(4) },
    },
    countsLine({ path: "/srv/other", holds: { WRITE: oneWrite(1) } }),
    countsLine({ pid: 9, holds: { WRITE: oneWrite(4) } }),
    countsLine({ fromMs: 2_000, toMs: 2_001, holds: { WRITE: oneWrite(3) } }),
  ]);
});

test("a short lock that a listed wait was behind is listed, with its transaction", () => {
  const who = { pid: 4242, tid: 4242, startTicks: "900" };
  const lock = lockLine({ ...who, fromMs: 805, toMs: 809 });
  const transaction = transactionLine({ ...who, fromMs: 804, writeFromMs: 805, toMs: 809 });
  const wait = waitLine({ fromMs: 806, waitedMs: 90, blockers: [blocker({ fromMs: 805, heldMs: 4, blockedMs: 3 })] });
  const others = [
    lockLine({ ...who, fromMs: 780, toMs: 783 }),
    lockLine({ ...who, fromMs: 805, toMs: 809, lock: "READ1", lockType: "read" }),
    lockLine({ ...who, fromMs: 805, toMs: 809, path: "/srv/other" }),
    lockLine({ fromMs: 805, toMs: 809 }),
  ];
  const after = lockLine({ ...who, fromMs: 811, toMs: 813 });
  const later = lockLine({ fromMs: 890, toMs: 892 }); // by then it is decided what may be listed
  const named = [{ pid: 4242, path: wait.path, lock: "WRITE", fromMs: 805 }] as const;
  const lines = folded([...others, lock, transaction, after, later, wait], {}, named);
  expect(lines.filter(({ type }) => type !== "counts")).toEqual([lock, transaction, wait]);
  const counted = lines.flatMap((line) => (line.type === "counts" ? Object.values(line.holds) : []));
  expect(counted.reduce((sum, { times }) => sum + times, 0)).toBe(6);
});

test("a short lock is listed where it is told of after its end that it was in the way", () => {
  const lock = lockLine({ fromMs: 805, toMs: 809 });
  const wait = waitLine({ fromMs: 806, waitedMs: 900, blockers: [blocker({ pid: lock.pid, fromMs: 805, heldMs: 4 })] });
  const written: WrittenLine[] = [];
  const folder = new Folder({ minWaitMs: 10, redact: false }, (line) => written.push(line));
  folder.add(lock);
  folder.add(lockLine({ fromMs: 858, toMs: 859 }));
  folder.inTheWay({ pid: lock.pid, path: lock.path, lock: lock.lock, fromMs: 805 });
  folder.second(1_000);
  folder.add(wait);
  expect(written).toEqual([lock, wait]);
});

test("a short lock that was in the way of a refused call is listed, as the program tells", () => {
  const lock = lockLine({ fromMs: 805, toMs: 809 });
  const inTheWay = [blocker({ pid: lock.pid, startTicks: lock.startTicks, fromMs: 805, heldMs: 4 })];
  const refusal = refusalLine({ atMs: 812, blockers: inTheWay });
  expect(folded([lock, refusal])).toEqual([lock, refusal]);
  expect(folded([lock, refusalLine({ atMs: 812 })]).map(({ type }) => type)).toEqual(["refusal", "counts"]);
});

test("a short transaction in which a call was refused is listed: it tells whether the call had read before", () => {
  const short = transactionLine({
    ...{ kind: "read", fromMs: 100, toMs: 101, writeFromMs: null },
    statements: [statement({ sql: "update t set a = ?", result: "SQLITE_BUSY" })],
  });
  const other = { ...short, statements: [statement({ sql: "select * from t" })] };
  expect(folded([short, other]).filter(({ type }) => type === "transaction")).toEqual([short]);
});

test("short locks are held back no longer than a wait may take to name them", () => {
  const written: WrittenLine[] = [];
  const folder = new Folder({ minWaitMs: 10, redact: false }, (line) => written.push(line));
  const { pid, path, lock, fromMs } = lockLine();
  folder.inTheWay({ pid, path, lock, fromMs });
  folder.add(lockLine());
  folder.second(1_100);
  expect(written).toEqual([]);
  folder.second(2_105);
  expect(written).toMatchObject([{ type: "counts", fromMs: 0, toMs: 1_000 }]);
});

test("its memory does not grow with the length of the recording, and nothing is lost", () => {
  let locks = 0;
  let lines = 0;
  const folder = new Folder({ minWaitMs: 10, redact: false }, (line) => {
    lines++;
    if (line.type === "counts") locks += line.holds.WRITE?.times ?? 0;
    if (line.type === "lock") locks++;
  });
  for (let n = 0; n < 60_000; n++) {
    const fromMs = n / 50;
    folder.add(lockLine({ fromMs, toMs: fromMs + 0.5 }));
    if (n % 10_000 === 9_999) folder.add(waitLine({ fromMs: fromMs - 90, blockers: [blocker({ pid: 4250, fromMs })] }));
  }
  folder.end();
  expect(locks).toBe(60_000);
  expect(lines).toBeLessThan(4_000);
});

test("a long statement stands once; other lines have its beginning and its number", () => {
  const sql = `select ${"a, ".repeat(200)}b from t`;
  const length = { sqlBytes: 12_345, sqlBytesAtLeast: true } as const;
  const lines = folded([
    refusalLine({ sql }),
    waitLine({ sql, blockers: [blocker({ sql: `${sql} …`, ...length }), blocker()] }),
  ]);
  expect(lines.map(({ type }) => type)).toEqual(["statement", "refusal", "statement", "wait"]);
  const [first, refusal, second, wait] = lines;
  expect(first).toEqual({ type: "statement", id: 1, atMs: 0, sql, length: sql.length, cut: false });
  expect(second).toMatchObject({ id: 2, cut: true, bytes: 12_345, bytesAtLeast: true });
  expect(refusal).toMatchObject({ sql: `${sql.slice(0, 200)} …`, statement: 1 });
  expect(wait).toMatchObject({ statement: 1, blockers: [{ statement: 2, ...length }, { sql: "begin immediate" }] });
});

test("redacted: no SQL, no arguments, no folders, anywhere", () => {
  const secret = "hunter2";
  const call = { file: `/home/${secret}/a.py`, line: 3, function: "f" };
  const tell = { sql: `select ${secret}`, path: `/srv/${secret}/db`, callSite: call };
  const lines = folded(
    [
      metaLine({ databases: [{ path: tell.path, givenAs: `${secret}/db` }] }),
      processLine({ commandLine: [`/home/${secret}/run`, `--password=${secret}`] }),
      waitLine({ ...tell, blockers: [blocker({ sql: tell.sql, callSite: call })] }),
      refusalLine({ ...tell, sql: secret.repeat(100) }),
      lockLine({ ...tell, toMs: 900 }),
      transactionLine({ ...tell }),
      transactionLine({ ...tell, toMs: 900, statements: [statement({ sql: secret })] }),
    ],
    { redact: true },
  );
  expect(JSON.stringify(lines)).not.toContain(secret);
  expect(lines.map(({ type }) => type)).toEqual([
    "meta",
    "process",
    "wait",
    "refusal",
    "lock",
    "transaction",
    "counts",
  ]);
  expect(lines[0]).toMatchObject({ redacted: true, databases: [{ path: "db", givenAs: "db" }] });
  expect(lines[1]).toMatchObject({ commandLine: ["run"], name: "python3" });
  expect(lines[2]).toMatchObject({ path: "db", sql: null, callSite: { file: "a.py", line: 3 }, waitedMs: 900 });
});

test("what was told to be open is listed when it ends, however short it was: else it would seem to go on", () => {
  const open = {
    type: "open",
    atMs: 1_000,
    locks: [lockLine({ fromMs: 998, toMs: null, atLeast: true })],
    waits: [waitLine({ fromMs: 997, waitedMs: 3, outcome: "still" })],
    transactions: [transactionLine({ fromMs: 998, toMs: null, outcome: "open" })],
  } as const;
  const ended = [
    waitLine({ fromMs: 997, waitedMs: 4 }),
    transactionLine({ fromMs: 998, toMs: 1_002 }),
    lockLine({ fromMs: 998, toMs: 1_002 }),
  ];
  const others = [lockLine({ fromMs: 1_003, toMs: 1_004 }), lockLine({ fromMs: 990, toMs: 994 })];
  const lines = folded([open, ...ended, ...others]);
  expect(lines.slice(0, 4)).toEqual([open, ...ended]);
  expect(lines.slice(4)).toMatchObject([{ type: "counts" }, { type: "counts" }]);
});
