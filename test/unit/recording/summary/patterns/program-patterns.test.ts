/** Patterns that need what the programs tell: each fires, and is silent where it looks similar. */
import { expect, test } from "vitest";
import type { RecordingLine } from "../../../../../src/recording/lines.ts";
import { Tally } from "../../../../../src/recording/summary/tally.ts";
import {
  blocker,
  callSite,
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
} from "../../../../support/recording.ts";

const SAMPLED = metaLine({ source: "sampled", exact: false, statements: false, callSites: true });

function patternsOf(lines: readonly RecordingLine[]) {
  const tally = new Tally();
  for (const line of lines) tally.add(line);
  return tally.summary().patterns;
}

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

const left = connectionLine({ closed: "process-ended", closedMs: null, closedAt: null });
const write = (given: object, program: object = {}) =>
  transactionLine({ fromMs: 0, toMs: 500, writeFromMs: 0, ...given, program: { connectionId: 1, ...program } });
const ofTask = (name: string) => callSite(30, { task: name });
const likely = { sure: "likely" } as const;
const reading = (given: object = {}) =>
  lockLine({ lock: "READ1", lockType: "read", fromMs: 0, toMs: 3_000, callSite: callSite(50, likely), ...given });
const autocommitRead = (given: object = {}) =>
  transactionLine({
    ...{ kind: "read", fromMs: 0, toMs: 3_000, writeFromMs: null, insideMs: 5, outsideMs: 2_995, outcome: "unknown" },
    ...{ statements: [statement({ sql: "select * from t" })], callSite: callSite(50), ...given },
  });
const memory = (given: object = {}) => connectionLine({ path: null, memory: "shared", ...given });
/** Of connection 4, refused at 900 ms by another one of its process. */
const ownRefusal = (given: object = {}) =>
  refusalLine({ why: "same-process", atMs: 900, callMs: 0.1, connection: null, connectionId: 4, ...given });
/** BEGIN, SELECT, and an UPDATE that was refused. */
const upgrade = (given: object = {}) =>
  transactionLine({
    ...{ kind: "read", connection: null, fromMs: 500, toMs: 901, writeFromMs: null, outcome: "rollback" },
    statements: [
      statement({ sql: "begin", atMs: 490, ms: 0.1 }),
      statement({ sql: "select count(*) from t", atMs: 500, ms: 0.2 }),
      statement({ sql: "update t set a = ?", atMs: 899.9, ms: 0.1, result: "SQLITE_BUSY" }),
    ],
    program: { connectionId: 4, alone: true, readAt: callSite(25) },
    ...given,
  });
const refused = refusalLine({ why: "deadlock", atMs: 900, callSite: callSite(44), sure: "likely" });

test.each<[string, readonly RecordingLine[], object]>([
  [
    "connections that were dropped",
    [connectionLine(), ...times(39, () => connectionLine({ closed: "collected", closedAt: null }))],
    {
      ...{ id: "never-closed", severity: "warning", sure: "proved", pids: [4250], framework: "sqlite3" },
      evidence: { opened: 40, collected: 39, leftOpen: 0, openedAt: callSite(4) },
    },
  ],
  [
    "a connection that was dropped",
    [connectionLine({ closed: "collected" })],
    { id: "never-closed", severity: "info", evidence: { opened: 1, collected: 1 } },
  ],
  [
    "connections of one line in several threads: no thread is told",
    ["a", "b"].map((thread) => connectionLine({ closed: "collected", openedAt: callSite(4, { thread }) })),
    { id: "never-closed", evidence: { openedAt: callSite(4, { thread: null }) } },
  ],
  [
    "connections of one process that stay open: one line for many",
    [left, { ...left, times: 25 }],
    { id: "never-closed", severity: "warning", evidence: { opened: 26, leftOpen: 26, collected: 0 } },
  ],
  [
    "connections that stay open, but messages were lost",
    [
      ...times(20, () => left),
      { type: "unknown", atMs: 9, what: "call-site", why: "messages-lost", pids: [4250], untilMs: null },
    ],
    { id: "never-closed", sure: "likely" },
  ],
  [
    "another thread",
    [misuseLine({ kind: "wrong-thread", callSite: callSite(12, { thread: "worker-1" }), closedAt: null, times: 3 })],
    {
      ...{ id: "wrong-thread", severity: "warning", sure: "proved", fix: "connection-per-thread" },
      evidence: { times: 3, openedAt: callSite(4), usedAt: callSite(12, { thread: "worker-1" }) },
    },
  ],
  [
    "a connection that was closed before",
    [misuseLine()],
    {
      ...{ id: "used-after-close", fix: "close-last" },
      evidence: { times: 1, openedAt: callSite(4), closedAt: callSite(9), usedAt: callSite(12) },
    },
  ],
  [
    "a request that ended while its transaction was open, and others waited",
    [
      waitLine({ fromMs: 100, waitedMs: 300, blockers: [blocker({ pid: 4250, blockedMs: 300 })] }),
      write({ callSite: callSite(40), outcome: "unknown" }, { leftOpenBy: "request" }),
    ],
    {
      ...{ id: "transaction-left-open", severity: "warning", sure: "proved" },
      evidence: { times: 1, ended: "request", writes: 1, longestMs: 500, blockedMs: 300, begunAt: callSite(40) },
    },
  ],
  [
    "a connection that was closed with its changes",
    [write({ outcome: "rollback" }, { endedBy: "close", endedAt: callSite(60) })],
    { id: "transaction-left-open", evidence: { ended: "close", endedAt: callSite(60) } },
  ],
  [
    "a task that has left its transaction, which goes on",
    [write({ toMs: null, outcome: "open" }, { leftOpenBy: "task" })],
    { id: "transaction-left-open", evidence: { ended: "task", times: 1 } },
  ],
  [
    "a long read that a thread has left",
    [write({ kind: "read", writeFromMs: null, toMs: 2_000 }, { leftOpenBy: "thread" })],
    { id: "transaction-left-open", evidence: { ended: "thread", writes: 0 } },
  ],
  [
    "tasks that refuse each other",
    [
      refusalLine({ why: "same-process", callSite: ofTask("Task-2"), callMs: 5_000, sure: "likely" }),
      write({ callSite: ofTask("Task-1") }),
      write({ callSite: ofTask("Task-2") }, { connectionId: 2 }),
    ],
    {
      ...{ id: "tasks-with-own-connections", severity: "warning", sure: "likely", fix: "one-task-writes" },
      evidence: { tasks: 2, connections: 2, refused: 1, usedAt: ofTask("Task-2") },
    },
  ],
  [
    "tasks that wait for each other",
    [
      waitLine({ withinProcess: true, callSite: ofTask("Task-2"), waitedMs: 200 }),
      write({ callSite: ofTask("Task-1") }),
      write({ callSite: ofTask("Task-2") }, { connectionId: 2 }),
    ],
    { id: "tasks-with-own-connections", evidence: { waits: 1, waitedMs: 200 } },
  ],
  [
    "tasks with transactions at the same time",
    times(4, (n) => write({ callSite: ofTask(`Task-${n}`) }, { connectionId: n })),
    { id: "tasks-with-own-connections", severity: "info", evidence: { overlaps: 3, tasks: 4 } },
  ],
  [
    "a cursor that is left open, as the kernel shows",
    [autocommitRead(), reading({ callSite: callSite(50) })],
    {
      ...{ id: "cursor-left-open", severity: "warning", sure: "proved", sql: "select * from t" },
      evidence: { times: 1, longestMs: 2_995, readAt: callSite(50) },
    },
  ],
  [
    "a cursor that is left open, as samples show",
    [SAMPLED, reading(), countsLine({ fromMs: 0, toMs: 10, transactions: 1 })],
    { id: "cursor-left-open", sure: "likely", evidence: { times: 1, longestMs: 2_990 } },
  ],
  [
    "the same with a rollback journal",
    [SAMPLED, reading({ lock: "SHARED" })],
    { id: "cursor-left-open", sure: "likely", evidence: { longestMs: 3_000 } },
  ],
  [
    "a timeout of 0 beside another connection",
    [connectionLine({ timeoutMs: 0, driver: "node:sqlite" }), connectionLine({ pid: 9, tid: 9 })],
    {
      ...{ id: "timeout-zero", severity: "info", sure: "likely", pids: [4250], framework: "node:sqlite" },
      evidence: { opened: 1, openedAt: callSite(4) },
    },
  ],
  [
    "a timeout of 0 that has refused a call, and further ones that were counted",
    [
      refusalLine({ why: "no-wait", callSite: callSite(44), sure: "likely" }),
      countsLine({ refusals: 7 }),
      connectionLine({ timeoutMs: 0 }),
    ],
    {
      id: "no-busy-timeout",
      evidence: { refused: 8, openedAt: callSite(4), refusedAt: callSite(44) },
    },
  ],
  [
    "a database in memory that two connections share",
    [memory(), memory({ openedMs: 15, closedMs: null, closed: "open" })],
    { id: "shared-memory-database", path: "shared", evidence: { connections: 2, openedAt: callSite(4) } },
  ],
  [
    "a read before a write: both lines",
    [refused, write({ fromMs: 800, toMs: 950, writeFromMs: null, kind: "read" }, { readAt: callSite(40) })],
    { id: "read-then-write", evidence: { refused: 1, readAt: callSite(40), wroteAt: callSite(44) } },
  ],
  [
    "a stale snapshot: both lines",
    [
      { ...refused, why: "snapshot", result: "SQLITE_BUSY_SNAPSHOT" },
      write({ fromMs: 800, toMs: 950, writeFromMs: null, kind: "read" }, { readAt: callSite(40) }),
    ],
    { id: "busy-snapshot", evidence: { refused: 1, readAt: callSite(40), wroteAt: callSite(44) } },
  ],
  [
    "a stale snapshot, and another connection of the same thread that committed just before: the line of its own",
    [
      { ...refused, why: "snapshot", result: "SQLITE_BUSY_SNAPSHOT", connectionId: 2 },
      write({ fromMs: 850, toMs: 905, writeFromMs: 850 }),
      write({ fromMs: 800, toMs: 950, writeFromMs: null, kind: "read" }, { connectionId: 2, readAt: callSite(40) }),
    ],
    { id: "busy-snapshot", evidence: { refused: 1, readAt: callSite(40), wroteAt: callSite(44) } },
  ],
  [
    "a pause in a transaction for which another program was refused, as the programs tell",
    [
      SAMPLED,
      refusalLine({ atMs: 2_000, callMs: 1_500, blockers: [blocker({ pid: 7, tid: 7, blockedMs: 1_500 })] }),
      write(
        { pid: 7, tid: 7, toMs: 3_000, insideMs: 10, outsideMs: 2_990, callSite: callSite(40) },
        { pause: { ms: 2_900, after: callSite(42), before: callSite(45) } },
      ),
    ],
    {
      ...{ id: "think-time", severity: "warning" },
      evidence: {
        ...{ blockedMs: 1_500, begunAt: callSite(40) },
        pause: { ms: 2_900, after: callSite(42), before: callSite(45) },
      },
    },
  ],
  [
    "a loop that commits each row",
    times(120, (n) =>
      transactionLine({ fromMs: n * 6, writeFromMs: n * 6, toMs: n * 6 + 5, callSite: callSite(70), pid: 5 }),
    ),
    { id: "one-transaction-per-row", evidence: { commits: 120, changedAt: callSite(70) } },
  ],
  [
    "the same, counted",
    [countsLine({ oneStatement: [{ sql: "delete from t", tid: 1, times: 200, heldMs: 9, callSite: callSite(70) }] })],
    { id: "one-transaction-per-row", evidence: { commits: 200, changedAt: callSite(70) } },
  ],
  [
    "a loop of which some commits took long, and the line that most of them have",
    [
      transactionLine({ fromMs: 0, toMs: 5, callSite: callSite(9), pid: 5, tid: 5 }),
      ...times(25, (n) =>
        transactionLine({ fromMs: 10 + 80 * n, toMs: 25 + 80 * n, callSite: callSite(70), pid: 5, tid: 5 }),
      ),
      countsLine({
        ...{ pid: 5, fromMs: 6, toMs: 2_100 },
        oneStatement: [{ sql: "insert into t values (?)", tid: 5, times: 90, heldMs: 9, callSite: callSite(70) }],
      }),
    ],
    { id: "one-transaction-per-row", evidence: { commits: 116, changedAt: callSite(70) } },
  ],
  [
    "connections that were dropped, and the last ones of that line",
    [...times(24, () => connectionLine({ closed: "collected" })), left],
    { id: "never-closed", severity: "warning", evidence: { opened: 25, collected: 24, leftOpen: 1 } },
  ],
  [
    "tasks that are refused outside of a transaction, and the line in their way",
    times(10, (n) =>
      refusalLine({
        ...{ why: "same-process", callSite: ofTask(`Task-${n}`), connectionId: n, atMs: n },
        blockers: [blocker({ pid: 4250, callSite: callSite(20, { task: "Task-0" }) })],
      }),
    ),
    {
      id: "tasks-with-own-connections",
      evidence: { tasks: 10, connections: 10, refused: 10, heldAt: callSite(20, { task: "Task-0" }) },
    },
  ],
  [
    "a process that ended with its changes",
    [write({ outcome: "process-ended", toMs: null })],
    { id: "transaction-left-open", evidence: { ended: "process", writes: 1 } },
  ],
  [
    "a read that the program tells of until its last row",
    [{ ...autocommitRead(), program: { connectionId: 1, alone: true } }],
    { id: "cursor-left-open", sure: "proved", evidence: { readAt: callSite(50) } },
  ],
  [
    "a pause in a transaction: its first statement is not a plain BEGIN",
    [
      write({
        ...{ toMs: 3_000, insideMs: 10, outsideMs: 2_990 },
        statements: [statement({ sql: "BEGIN" }), statement({ sql: "update t set a = ?" })],
      }),
    ],
    { id: "think-time", sql: "update t set a = ?" },
  ],
  [
    "refused at once by its own process, after it had read: no timeout would have helped",
    [ownRefusal({ callSite: callSite(27) }), upgrade(), ownRefusal({ callMs: 300, waitedMs: 300 }), upgrade()],
    {
      ...{ id: "read-then-write", sure: "likely", fix: "begin-immediate" },
      evidence: { refused: 1, likely: 1, readAt: callSite(25), wroteAt: callSite(27) },
    },
  ],
  [
    "and what is left for the connections of its process",
    [ownRefusal(), upgrade(), ownRefusal({ callMs: 300, waitedMs: 300 })],
    { id: "same-process-connections", evidence: { refused: 1, refusedLongestMs: 300 } },
  ],
  [
    "connections of one process in each other's way, most often at one line",
    [44, 60, 44].map((line) => refusalLine({ why: "same-process", callSite: callSite(line) })),
    { id: "same-process-connections", evidence: { refused: 3, usedAt: callSite(44, { most: true }) } },
  ],
  [
    "gave up at the first refusal, and not all of it is known by its line",
    [refusalLine({ why: "no-wait", callSite: callSite(44) }), refusalLine({ why: "no-wait", sql: null, pid: 4251 })],
    { id: "no-busy-timeout", evidence: { refused: 2, refusedAt: callSite(44, { most: true }) } },
  ],
  [
    "connections of one process in each other's way",
    [refusalLine({ why: "same-process", callSite: callSite(44) })],
    { id: "same-process-connections", evidence: { usedAt: callSite(44) } },
  ],
])("%s", (_, lines, expected) => {
  const { id } = expected as { readonly id: string };
  expect(patternsOf(lines).filter((pattern) => pattern.id === id)).toMatchObject([expected]);
});

test.each<[string, readonly RecordingLine[], string]>([
  [
    "refused at once by its own process, and another connection had read",
    [ownRefusal({ connectionId: 5 }), upgrade()],
    "read-then-write",
  ],
  [
    "refused at once by its own process, and only begun",
    [ownRefusal(), upgrade({ statements: [statement({ sql: "begin", atMs: 490 })] })],
    "read-then-write",
  ],
  ["refused at once by its own process, before it read", [ownRefusal({ atMs: 400 }), upgrade()], "read-then-write"],
  ["all that its own process refused had read", [ownRefusal(), upgrade()], "same-process-connections"],
  ["connections that were closed", times(50, () => connectionLine()), "never-closed"],
  ["what a script leaves to its end", times(19, () => left), "never-closed"],
  ["a pool in each of many processes", times(150, (n) => ({ ...left, pid: n % 10 })), "never-closed"],
  ["connections that came with a fork", times(30, () => ({ ...left, inherited: true as const })), "never-closed"],
  [
    "connections that could not be opened",
    times(30, () => ({ ...left, closed: "not-opened" as const })),
    "never-closed",
  ],
  ["a transaction that was committed", [write({})], "transaction-left-open"],
  [
    "a transaction that was forgotten: it did no work",
    [write({ toMs: 3_000, outsideMs: 2_990 }, { leftOpenBy: "thread" })],
    "think-time",
  ],
  [
    "what tasks with connections of their own explain",
    times(10, (n) => refusalLine({ why: "same-process", callSite: ofTask(`Task-${n}`), connectionId: n, atMs: n })),
    "same-process-connections",
  ],
  [
    "requests, each in a thread of its own",
    times(10, (n) =>
      refusalLine({ why: "same-process", callSite: callSite(30, { task: `GET /${n}` }), connectionId: n, atMs: n }),
    ),
    "tasks-with-own-connections",
  ],
  [
    "an open connection in WAL mode, whose other locks were too short to be seen",
    [SAMPLED, reading({ lock: "DMS" }), reading({ lock: "SHARED" })],
    "cursor-left-open",
  ],
  [
    "a read that ended with its connection",
    [write({ kind: "read", writeFromMs: null, toMs: 5_000 }, { endedBy: "close" })],
    "transaction-left-open",
  ],
  [
    "a short read that a task has left",
    [write({ kind: "read", writeFromMs: null, toMs: 900 }, { leftOpenBy: "task" })],
    "transaction-left-open",
  ],
  ["a misuse of another kind", [misuseLine({ kind: "left-open", ended: "task" })], "used-after-close"],
  [
    "tasks that share a connection",
    [
      refusalLine({ why: "same-process", callSite: ofTask("Task-2") }),
      write({ callSite: ofTask("Task-1") }),
      write({ callSite: ofTask("Task-2") }),
    ],
    "tasks-with-own-connections",
  ],
  [
    "tasks that were refused because of another process",
    [
      refusalLine({ why: "unknown", callSite: ofTask("Task-2"), blockers: [blocker()] }),
      write({ callSite: ofTask("Task-1") }),
      write({ callSite: ofTask("Task-2"), fromMs: 600, writeFromMs: 600, toMs: 700 }, { connectionId: 2 }),
    ],
    "tasks-with-own-connections",
  ],
  [
    "threads that refuse each other",
    [
      refusalLine({ why: "same-process", callSite: callSite(30, { thread: "a" }) }),
      write({ callSite: callSite(30, { thread: "a" }) }),
      write({ callSite: callSite(30, { thread: "b" }) }, { connectionId: 2 }),
    ],
    "tasks-with-own-connections",
  ],
  ["a read in a transaction", [{ ...autocommitRead(), program: { connectionId: 1 } }], "cursor-left-open"],
  [
    "a read after BEGIN of which the program does not tell",
    [autocommitRead({ statements: [statement({ sql: "begin" }), statement({ sql: "select 1" })] })],
    "cursor-left-open",
  ],
  ["a long call", [autocommitRead({ insideMs: 2_900, outsideMs: 100 })], "cursor-left-open"],
  ["a read of a program that is not traced", [autocommitRead({ callSite: null })], "cursor-left-open"],
  ["a long call, in samples", [SAMPLED, reading(), countsLine({ fromMs: 0, toMs: 2_950 })], "cursor-left-open"],
  [
    "a transaction, in samples",
    [SAMPLED, reading(), write({ kind: "read", writeFromMs: null, toMs: 2_990 })],
    "cursor-left-open",
  ],
  [
    "the lock of an open connection in WAL mode",
    [SAMPLED, reading({ toMs: 20 }), reading({ lock: "SHARED" })],
    "cursor-left-open",
  ],
  ["the only connection, with a timeout of 0", [connectionLine({ timeoutMs: 0 })], "timeout-zero"],
  [
    "a timeout that was set later: it has waited",
    [waitLine(), connectionLine({ timeoutMs: 0 }), connectionLine({ pid: 9 })],
    "timeout-zero",
  ],
  [
    "a timeout of 0 of which a refusal is told",
    [refusalLine({ why: "no-wait" }), connectionLine({ timeoutMs: 0 }), connectionLine()],
    "timeout-zero",
  ],
  [
    "connections to memory, one after the other",
    [memory(), memory({ openedMs: 21, closedMs: 30 })],
    "shared-memory-database",
  ],
  ["connections to memory in two processes", [memory(), memory({ pid: 9 })], "shared-memory-database"],
  [
    "a database in memory of one connection",
    [memory({ memory: null }), memory({ memory: null })],
    "shared-memory-database",
  ],
])("silent: %s", (_, lines, id) => {
  expect(patternsOf(lines).filter((pattern) => pattern.id === id)).toEqual([]);
});

test.each<[string, readonly RecordingLine[], string]>([
  ["the command", [processLine(), connectionLine({ closed: "collected" })], "django"],
  [
    "a line of a library",
    [
      connectionLine({
        closed: "collected",
        openedAt: callSite(1, { file: "/v/site-packages/sqlalchemy/engine/default.py", inLibrary: true }),
      }),
    ],
    "sqlalchemy",
  ],
  [
    "what is above the driver",
    [processLine({ commandLine: ["/usr/bin/python3", "-m", "flask", "run"] }), connectionLine({ closed: "collected" })],
    "flask",
  ],
  ["the package that opened it", [connectionLine({ closed: "collected", library: "django" })], "django"],
  ["another package", [connectionLine({ closed: "collected", library: "peewee" })], "sqlite3"],
  ["the driver", [connectionLine({ closed: "collected", driver: "better-sqlite3" })], "better-sqlite3"],
])("the framework is known from %s", (_, lines, framework) => {
  expect(patternsOf(lines)).toMatchObject([{ id: "never-closed", framework }]);
});

test("no framework where nothing tells it", () => {
  const [pattern] = patternsOf([connectionLine({ closed: "collected", driver: "apsw" })]);
  expect(pattern).not.toHaveProperty("framework");
});

test("processes that only opened connections are listed, with their names", () => {
  const tally = new Tally();
  for (const line of [processLine(), connectionLine({ closed: "collected" })]) tally.add(line);
  expect(tally.summary().processes).toMatchObject([{ pid: 4250, name: "python3" }]);
});

test("the line of a cause is said to be that of most calls where it is not that of all, also of two databases", () => {
  const causeOf = (...lines: readonly RecordingLine[]) => {
    const tally = new Tally();
    for (const line of lines) tally.add(line);
    return tally.summary().verdict.causes;
  };
  const at = (line: number, path: string) => refusalLine({ why: "same-process", callSite: callSite(line), path });
  expect(causeOf(at(44, "/a"), at(44, "/b"))).toMatchObject([{ times: 2, callSite: callSite(44) }]);
  expect(causeOf(at(44, "/a"), at(60, "/b"), at(60, "/b"))).toMatchObject([
    { times: 3, callSite: callSite(60, { most: true }) },
  ]);
});
