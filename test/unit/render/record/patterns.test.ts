import { expect, test } from "vitest";
import { TOPICS } from "../../../../src/features/explain/topics/index.ts";
import { PATTERN_IDS, type Pattern } from "../../../../src/recording/summary/pattern.ts";
import { fixText } from "../../../../src/render/record/fixes.ts";
import { patternText } from "../../../../src/render/record/patterns.ts";
import { Names } from "../../../../src/render/record/words.ts";
import { processSummary } from "../../../support/record-end.ts";

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
];

const P = "4242 (python3 manage.py import)";
const NAMES = new Names([processSummary()]);

test.each(PATTERNS.map(([pattern, text]) => [pattern.id, pattern, text] as const))("%s", (_, pattern, expected) => {
  const text = patternText(pattern, NAMES, false, (pid) => (pid === 4242 ? "100" : null));
  expect(text).toBe(expected.replace(/\bP\b/, P));
});

test("every pattern has its row here", () => {
  expect([...new Set(PATTERNS.map(([{ id }]) => id))].toSorted()).toEqual(PATTERN_IDS.toSorted());
});

test("what helps, and a word that sqlock explain knows", () => {
  for (const [pattern] of PATTERNS) {
    expect(fixText(pattern)).toMatch(/^[A-Z][^\n]+\. See: sqlock explain [\w-]+$/);
    expect(TOPICS.some(({ words }) => words.includes(pattern.explain))).toBe(true);
  }
});
