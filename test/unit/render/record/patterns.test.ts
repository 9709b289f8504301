import { expect, test } from "vitest";
import { TOPICS } from "../../../../src/features/explain/topics/index.ts";
import { FRAMEWORKS } from "../../../../src/recording/summary/frameworks.ts";
import { PATTERN_IDS, type Pattern } from "../../../../src/recording/summary/pattern.ts";
import { fixText } from "../../../../src/render/record/fixes.ts";
import { patternText } from "../../../../src/render/record/patterns.ts";
import { Names } from "../../../../src/render/record/words.ts";
import { processSummary } from "../../../support/record-end.ts";
import { callSite } from "../../../support/recording.ts";

const COMMON = { severity: "warning", sure: "proved", path: "/db", pids: [4242], sql: null } as const;

const PATTERNS: readonly (readonly [Pattern, string])[] = [
  [
    {
      ...COMMON,
      id: "read-then-write",
      evidence: { refused: 3, likely: 1 },
      fix: "begin-immediate",
      explain: "upgrade",
    },
    "Transactions of P read first and wrote later, and were refused at once, 3 times (1 of them likely so): waiting " +
      "cannot help them.",
  ],
  [
    { ...COMMON, id: "busy-snapshot", evidence: { refused: 1 }, fix: "begin-immediate", explain: "snapshot" },
    "Transactions of P wanted to write after another connection had changed what they had read: " +
      "SQLITE_BUSY_SNAPSHOT, once.",
  ],
  [
    {
      ...{ ...COMMON, sure: "likely", pids: [4242, 7, 8] },
      ...{
        id: "no-busy-timeout",
        evidence: { refused: 9, longestMs: 0.4 },
        fix: "set-busy-timeout",
        explain: "timeout",
      },
    },
    "P, 7 and 1 other process give up at the first refusal, without a wait: 9 times (within 0.4 ms) " + "(likely).",
  ],
  [
    {
      ...COMMON,
      id: "same-process-connections",
      evidence: { refused: 2, waits: 0, waitedMs: 0, longestMs: 0, refusedLongestMs: 0 },
      ...{ fix: "one-connection", explain: "busy" },
    },
    "Connections inside P were in each other's way 2 times: no other process was involved.",
  ],
  [
    {
      ...{ ...COMMON, sure: "likely" },
      id: "same-process-connections",
      evidence: { refused: 1, waits: 3, waitedMs: 900, longestMs: 300, refusedLongestMs: 200 },
      ...{ fix: "one-connection", explain: "busy" },
    },
    "Connections inside P waited 900 ms in all (the longest 300 ms) inside SQLite for each other; a call was refused " +
      "once: no other process was involved (likely).",
  ],
  [
    {
      ...{ ...COMMON, sure: "likely" },
      id: "exclusive-mode",
      evidence: { times: 1, keptMs: 1_500, longestMs: 1_500, blockedMs: 309 },
      ...{ fix: "normal-locking-mode", explain: "transaction" },
    },
    "P kept the write lock for 1.5 s after the transaction had ended, as in exclusive locking mode; others waited " +
      "309 ms for it (likely).",
  ],
  [
    {
      ...{ ...COMMON, sql: "begin immediate" },
      id: "think-time",
      evidence: {
        ...{ transactions: 2, longestMs: 5800, longestOutsideMs: 5600, totalMs: 6000, totalOutsideMs: 5700 },
        blockedMs: 58_000,
      },
      ...{ fix: "commit-before-work", explain: "transaction" },
    },
    "P kept 2 write transactions open for 6.0 s in all, 95 % of it outside SQLite (the longest 5.8 s); others waited " +
      "58.0 s for them. Statement: `begin immediate`.",
  ],
  [
    {
      ...COMMON,
      id: "starvation",
      evidence: {
        ...{
          waits: 3,
          overtaken: 900,
          waitedMs: 20_000,
          got: 2,
          longestMs: 9000,
          others: 3,
          othersWaitedMs: 400,
          othersGot: 900,
        },
      },
      ...{ fix: "pause-between", explain: "busy" },
    },
    "P waited 20.0 s in all (3 waits, the longest 9.0 s) for the write lock and held it 2 times in the whole " +
      "recording, while others (3 processes) took it 900 times during these waits.",
  ],
  [
    {
      ...COMMON,
      id: "checkpoint-kept-busy",
      evidence: {
        ...{ refused: 40, waitedMs: 900, checkpoints: 3, gaveUp: 2 },
        ...{ readers: 2, readerPids: [7, 8], longestReadMs: 12_000 },
      },
      ...{ fix: "end-reads", explain: "checkpoint" },
    },
    "3 checkpoints of P waited 900 ms and 2 of them did not finish, because 2 readers, 7 and 8, kept reading " +
      "(longest 12.0 s).",
  ],
  [
    {
      ...COMMON,
      id: "one-transaction-per-row",
      evidence: { commits: 3000, heldMs: 900, overMs: 6000 },
      ...{ fix: "one-transaction", explain: "transaction" },
    },
    "P made 3,000 transactions of one change each within 6.0 s, and held the write lock for 900 ms of it.",
  ],
  [
    {
      ...COMMON,
      id: "oversleep",
      evidence: { waits: 5, totalMs: 450, longestMs: 90, waitedMs: 1500 },
      ...{ fix: "shorter-sleeps", explain: "busy" },
    },
    "In 5 waits of P the lock was already free for 450 ms of 1.5 s (longest 90 ms): the retry slept longer than " +
      "needed.",
  ],
  [
    {
      ...COMMON,
      id: "read-then-write",
      evidence: { refused: 1, likely: 0, readAt: callSite(40), wroteAt: callSite(44) },
      ...{ fix: "begin-immediate", explain: "upgrade" },
    },
    "Transactions of P read first and wrote later, and were refused at once, once: waiting cannot help them; read at " +
      "shop/views.py:40 in create_order, refused at shop/views.py:44 in create_order.",
  ],
  [
    {
      ...COMMON,
      id: "no-busy-timeout",
      evidence: { refused: 2, longestMs: 0.4, openedAt: callSite(4), refusedAt: callSite(44) },
      ...{ fix: "set-busy-timeout", explain: "timeout" },
    },
    "P gives up at the first refusal, without a wait: 2 times at shop/views.py:44 in create_order (within 0.4 ms); " +
      "opened with a timeout of 0 at shop/views.py:4 in create_order.",
  ],
  [
    {
      ...COMMON,
      id: "think-time",
      evidence: {
        ...{ transactions: 1, longestMs: 5800, longestOutsideMs: 5600, totalMs: 5800, totalOutsideMs: 5600 },
        ...{ blockedMs: 0, begunAt: callSite(40), pause: { ms: 2_100, after: callSite(42), before: callSite(45) } },
      },
      ...{ fix: "commit-before-work", explain: "transaction" },
    },
    "P kept a write transaction open for 5.8 s, 97 % of it outside SQLite; begun at shop/views.py:40 in " +
      "create_order, nothing for 2.1 s after shop/views.py:42 in create_order (before line 45).",
  ],
  [
    {
      ...COMMON,
      id: "one-transaction-per-row",
      evidence: { commits: 3000, heldMs: 900, overMs: 6000, changedAt: callSite(70) },
      ...{ fix: "one-transaction", explain: "transaction" },
    },
    "P made 3,000 transactions of one change each within 6.0 s at shop/views.py:70 in create_order, and held the " +
      "write lock for 900 ms of it.",
  ],
  [
    {
      ...COMMON,
      id: "never-closed",
      evidence: { opened: 40, collected: 39, leftOpen: 0, openedAt: callSite(4) },
      ...{ fix: "close-connections", explain: "idle" },
    },
    "P opened 40 connections at shop/views.py:4 in create_order, of which 39 were dropped without close().",
  ],
  [
    {
      ...COMMON,
      id: "never-closed",
      evidence: { opened: 40, collected: 39, leftOpen: 1, openedAt: callSite(4) },
      ...{ fix: "close-connections", explain: "idle" },
    },
    "P opened 40 connections at shop/views.py:4 in create_order, and closed none of them: 39 were dropped without " +
      "close() and 1 was still open at the end.",
  ],
  [
    {
      ...COMMON,
      id: "never-closed",
      evidence: { opened: 41, collected: 1, leftOpen: 25 },
      ...{ fix: "close-connections", explain: "idle" },
    },
    "P opened 41 connections, of which 1 was dropped without close() and 25 were still open at the end.",
  ],
  [
    {
      ...COMMON,
      id: "never-closed",
      evidence: { opened: 1, collected: 1, leftOpen: 0, openedAt: callSite(4) },
      ...{ fix: "close-connections", explain: "idle" },
    },
    "P opened 1 connection at shop/views.py:4 in create_order, which was dropped without close().",
  ],
  [
    {
      ...COMMON,
      id: "wrong-thread",
      evidence: { times: 3, openedAt: callSite(4), usedAt: callSite(12, { thread: "worker-1" }) },
      ...{ fix: "connection-per-thread", explain: "process" },
    },
    "P used a connection in another thread than its own, at least 3 times: made in the main thread at " +
      "shop/views.py:4 in create_order, used in thread worker-1 at shop/views.py:12 in create_order.",
  ],
  [
    {
      ...COMMON,
      id: "used-after-close",
      evidence: { times: 1, openedAt: callSite(4), closedAt: callSite(9), usedAt: callSite(12) },
      ...{ fix: "close-last", explain: "idle" },
    },
    "P used a connection after it was closed at shop/views.py:12 in create_order; opened at shop/views.py:4 in " +
      "create_order and closed at shop/views.py:9 in create_order.",
  ],
  [
    {
      ...COMMON,
      id: "transaction-left-open",
      evidence: {
        ...{ times: 1, ended: "request", writes: 1, longestMs: 4_000, totalMs: 4_000, blockedMs: 3_000 },
        begunAt: callSite(40),
      },
      ...{ fix: "end-transactions", explain: "transaction" },
    },
    "P had a write transaction open when a request ended; begun at shop/views.py:40 in create_order, open for 4.0 s; " +
      "others waited 3.0 s for it.",
  ],
  [
    {
      ...COMMON,
      id: "transaction-left-open",
      evidence: {
        ...{ times: 3, ended: "close", writes: 3, longestMs: 40, totalMs: 90, blockedMs: 0 },
        ...{ begunAt: callSite(40), endedAt: callSite(60) },
      },
      ...{ fix: "end-transactions", explain: "transaction" },
    },
    "P had 3 write transactions open when its connection was closed, and what it had changed was rolled back; begun " +
      "at shop/views.py:40 in create_order, ended at shop/views.py:60 in create_order, open for up to 40 ms.",
  ],
  [
    {
      ...{ ...COMMON, sure: "likely" },
      id: "tasks-with-own-connections",
      evidence: {
        ...{ tasks: 10, connections: 10, refused: 9, waits: 0, waitedMs: 0, overlaps: 0 },
        usedAt: callSite(30, { task: "Task-2" }),
      },
      ...{ fix: "one-task-writes", explain: "busy" },
    },
    "10 tasks of P, with 10 connections, were refused 9 times at shop/views.py:30 in create_order (task Task-2): " +
      "while SQLite waits in one task, no other task can commit (likely).",
  ],
  [
    {
      ...{ ...COMMON, severity: "info" },
      id: "tasks-with-own-connections",
      evidence: {
        ...{ tasks: 3, connections: 3, refused: 0, waits: 0, waitedMs: 0, overlaps: 4 },
        usedAt: callSite(30, { task: "Task-2", thread: "aiosqlite" }),
      },
      ...{ fix: "one-task-writes", explain: "busy" },
    },
    "3 tasks of P, with 3 connections, had 4 transactions open to write at the same time at shop/views.py:30 in " +
      "create_order (task Task-2).",
  ],
  [
    {
      ...COMMON,
      id: "cursor-left-open",
      evidence: { times: 1, longestMs: 3_000, totalMs: 3_000, readAt: callSite(50) },
      ...{ fix: "finish-cursors", explain: "checkpoint" },
    },
    "P left a read open for 3.0 s after the call at shop/views.py:50 in create_order had returned: a cursor that was " +
      "not read to its end.",
  ],
  [
    {
      ...{ ...COMMON, severity: "info", sure: "likely" },
      id: "timeout-zero",
      evidence: { opened: 2, openedAt: callSite(4) },
      ...{ fix: "set-busy-timeout", explain: "busy" },
    },
    "P opened 2 connections with a busy timeout of 0, the first at shop/views.py:4 in create_order: a call that " +
      "meets another " +
      "one's lock will fail at once (likely).",
  ],
  [
    {
      ...{ ...COMMON, severity: "info", path: "shared\u001b[2J" },
      id: "shared-memory-database",
      evidence: { connections: 3, openedAt: callSite(4) },
      ...{ fix: "no-shared-cache", explain: "busy" },
    },
    "3 connections of P share the database in memory `shared\\e[2J`, opened at shop/views.py:4 in create_order: what " +
      "one of them changes is refused to the others with SQLITE_LOCKED at once, whatever the busy timeout.",
  ],
];

const P = "4242 (python3 manage.py import)";
const NAMES = new Names([processSummary()], "/srv/app");

test.each(PATTERNS.map(([pattern, text]) => [pattern.id, pattern, text] as const))("%s", (_, pattern, expected) => {
  const text = patternText(pattern, NAMES, false, (pid) => (pid === 4242 ? "100" : null));
  expect(text).toBe(expected.replace(/\bP\b/, P));
});

test("every pattern has its row here", () => {
  expect([...new Set(PATTERNS.map(([{ id }]) => id))].toSorted()).toEqual(PATTERN_IDS.toSorted());
});

test("what helps, and a word that sqlock explain knows", () => {
  for (const [pattern] of PATTERNS) {
    for (const framework of [undefined, ...FRAMEWORKS])
      expect(fixText({ ...pattern, ...(framework && { framework }) })).toMatch(
        /^[A-Z][^\n]+\. See: sqlock explain [\w-]+$/,
      );
    expect(TOPICS.some(({ words }) => words.includes(pattern.explain))).toBe(true);
  }
});

test("in the words of what the program uses", () => {
  const immediate = { fix: "begin-immediate", explain: "transaction" } as const;
  expect(fixText({ ...immediate, framework: "django" })).toContain('"transaction_mode": "IMMEDIATE"');
  expect(fixText({ ...immediate, framework: "better-sqlite3" })).toContain("db.transaction(fn).immediate()");
  const close = { fix: "close-connections", explain: "idle" } as const;
  expect(fixText({ ...close, framework: "flask" })).toContain("teardown_appcontext");
  const sleeps = { fix: "shorter-sleeps", explain: "busy" } as const;
  expect(fixText({ ...sleeps, framework: "django" })).toBe(fixText(sleeps)); // nothing of its own
});
