/** docs/record.schema.json, the checks of what is read, and what is written say the same. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Folder } from "../../../../src/recording/document/folder.ts";
import { readLine } from "../../../../src/recording/document/read-line.ts";
import { SHAPES } from "../../../../src/recording/document/shapes.ts";
import { Shrinker } from "../../../../src/recording/document/shrinker.ts";
import type { WrittenLine } from "../../../../src/recording/document/uncounted.ts";
import type { ProgramTransaction, RecordingLine } from "../../../../src/recording/lines.ts";
import { Tally } from "../../../../src/recording/summary/tally.ts";
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
} from "../../../support/recording.ts";
import { expectToFit } from "../../../support/schema.ts";

interface Definition {
  readonly properties: object;
  readonly required: readonly string[];
}

const { $defs } = JSON.parse(readFileSync(new URL("../../../../docs/record.schema.json", import.meta.url), "utf8")) as {
  readonly $defs: Readonly<Record<string, Definition>>;
};

test.each(Object.entries(SHAPES))("%s: what is read is what the schema has", (type, { needed, optional = {} }) => {
  const { properties, required } = $defs[type] as Definition;
  expect(Object.keys({ type, ...needed, ...optional }).sort()).toEqual(Object.keys(properties).sort());
  expect(["type", ...Object.keys(needed)].sort()).toEqual([...required].sort());
});

const LONG = `select ${"a, ".repeat(100)} b`;
const LONG_CHANGE = `update t set ${"a = ?, ".repeat(50)} b = ?`;
const CALL = { file: "app.py", line: 3, function: "save" };

const SITE = callSite(7, {
  thread: "worker-1",
  task: "secret task",
  inLibrary: true,
  sure: "likely",
  calledFrom: [CALL],
});
const PROGRAM: ProgramTransaction = {
  ...{ connectionId: 1, alone: true, readAt: SITE, wroteAt: SITE, endedAt: SITE, endedBy: "close" },
  ...{ pause: { ms: 2_000, after: SITE, before: null }, leftOpenBy: "task" },
};

/** What programs tell, and all patterns that follow from it. */
const TOLD: readonly RecordingLine[] = [
  connectionLine({ timeoutMs: 0, driver: "node:sqlite", pid: 77, openedAt: SITE, inherited: true }),
  connectionLine({ closed: "collected", closedMs: null, closedAt: null, times: 30, openedAt: SITE, path: "/b.db" }),
  connectionLine({ timeoutMs: 0, path: "/b.db", pid: 78 }),
  connectionLine({ path: null, memory: "/srv/secret", openedAt: SITE, closedMs: null, closed: "open" }),
  connectionLine({ path: null, memory: "/srv/secret", openedAt: null, closed: "not-opened" }),
  connectionLine({ path: null, memory: "/srv/secret", closed: "process-ended", closedMs: null }),
  misuseLine({ callSite: SITE, times: 3 }),
  misuseLine({ kind: "wrong-thread", callSite: SITE, closedAt: null, path: null, connectionId: null }),
  misuseLine({ kind: "left-open", ended: "request" }),
  transactionLine({ toMs: 5_000, outsideMs: 4_900, callSite: SITE, program: PROGRAM, statements: [] }),
  transactionLine({ toMs: 5_000, callSite: { ...SITE, task: "Task-2" }, program: { ...PROGRAM, connectionId: 2 } }),
  refusalLine({ why: "same-process", callSite: SITE, connectionId: 1, blockers: [blocker({ sql: LONG })] }),
  refusalLine({ why: "no-wait", callSite: SITE, pid: 77, path: "/c.db" }),
  connectionLine({ timeoutMs: 0, pid: 77, path: "/c.db" }),
  refusalLine({ why: "unknown", callMs: 5_000, callSite: SITE, blockers: [blocker()] }),
  refusalLine({ why: "deadlock", callSite: SITE, atMs: 1_000 }),
  refusalLine({ why: "snapshot", callSite: SITE, atMs: 1_000 }),
  transactionLine({ fromMs: 900, toMs: 1_100, program: PROGRAM, callSite: SITE }),
  transactionLine({ kind: "read", toMs: 9_000, outsideMs: 8_000, writeFromMs: null, callSite: SITE }),
  countsLine({ oneStatement: [{ sql: "delete from t", tid: 5, times: 200, heldMs: 9, callSite: SITE }] }),
  waitLine({ lock: "READ1", waitedMs: 200, blockers: [blocker({ lock: "READ1", lockType: "read", callSite: SITE })] }),
  { type: "unknown", atMs: 0, what: "call-site", why: "messages-lost", pids: [4250], untilMs: null },
];

const BLOCKER = { pid: 4242, startTicks: "77" };

const LINES: readonly RecordingLine[] = [
  metaLine({ only: { pids: [1] }, callSites: true, bootId: "6c3f", segment: 2 }),
  { type: "unknown", atMs: 0, what: "sql", why: "no-symbols", pids: [4242], untilMs: null },
  processLine(),
  processLine({ pid: 4242, startTicks: null, name: null, commandLine: null, uid: null, user: null }),
  lockLine({ toMs: null, sharedBy: 2, connection: null, callSite: CALL }),
  lockLine(),
  ...Array.from({ length: 120 }, (_, n) => transactionLine({ fromMs: n, writeFromMs: n, toMs: n + 1, pid: 4242 })),
  transactionLine({ toMs: null, outcome: "open", insideMs: null, outsideMs: null }),
  transactionLine({ toMs: 9_000, outsideMs: 8_000, statements: [statement({ sql: LONG, times: 2 })] }),
  waitLine({ sql: LONG, callSite: CALL, blockers: [blocker({ tid: null, sql: null }), blocker({ sql: LONG })] }),
  waitLine({ waitedMs: 1 }),
  waitLine({ perhapsSeveralCalls: true, sql: null }),
  waitLine({ withinProcess: true, attempts: 0 }),
  transactionLine({ sharedLocks: true }),
  refusalLine({ why: "same-process", waitedMs: 200 }),
  refusalLine({ why: "unknown", pathIs: "likely" }),
  waitLine({ whileReading: true, outcome: "gave-up", attempts: 1, waitedMs: 0, blockers: [] }),
  waitLine({ outcome: "gave-up", attempts: 1, waitedMs: 0, blockers: [], pid: 9, tid: 9 }),
  waitLine({ lock: "READ1", waitedMs: 200, blockers: [blocker({ lock: "READ1", lockType: "read" })] }),
  waitLine({ waitedMs: 5_000, oversleptMs: 4_000, blockers: [] }),
  refusalLine({ why: "same-process" }),
  refusalLine({ why: "snapshot", sure: "likely", sql: null }),
  ...TOLD,
  { type: "gap", fromMs: 1, toMs: 2, lostEvents: 3 },
  { type: "gap", fromMs: 2, toMs: 3, lostEvents: null, why: "switched-off" },
  countsLine({ gaveUp: 1, refusals: 1, optionalRefusals: 3 }),
  lockLine({ fromMs: 5_000, toMs: 5_001 }),
  transactionLine({ fromMs: 5_000, toMs: 5_001, statements: [statement({ sql: LONG_CHANGE })] }),
  waitLine({ fromMs: 5_000, waitedMs: 1 }),
  { type: "gap", fromMs: 3, toMs: 4, lostEvents: null, why: "disk-full" },
  { type: "database", atMs: 1, path: "/a.db", change: "deleted" },
  { type: "clock", atMs: 5_000, wallClock: "2026-07-02T10:00:00.000+02:00", suspendedMs: 3_600_000 },
  {
    ...{
      type: "open",
      atMs: 5_000,
      locks: [lockLine({ toMs: null, sql: LONG })],
      waits: [waitLine({ outcome: "still" })],
    },
    transactions: [transactionLine({ toMs: null, outcome: "open", statements: [statement({ sql: LONG })] })],
  },
  {
    ...{ type: "wal", atMs: 5_000, path: "/a.db", bytes: 4_152, frames: 1, copied: 0, pinned: 1 },
    pinnedBy: [BLOCKER],
  },
  { type: "folded", fromMs: 0, toMs: 1, lines: 9 },
];

function written(redact: boolean, given: readonly RecordingLine[] = LINES): readonly WrittenLine[] {
  const lines: WrittenLine[] = [];
  const folder = new Folder({ minWaitMs: 10, redact }, (line) => lines.push(line));
  const tally = new Tally();
  for (const line of given) {
    folder.add(line);
    tally.add(line);
  }
  folder.add(tally.summary(10_000));
  return lines;
}

test.each([false, true])("what is written fits the schema (redacted: %s)", (redact) => {
  const lines = written(redact);
  const types = new Set(lines.map(({ type }) => type));
  expect(types.size).toBe(redact ? 17 : 18); // no statement stands apart where there is none
  expect(lines.at(-1)).toMatchObject({ type: "summary" });
  expectToFit("record", JSON.parse(JSON.stringify({ schemaVersion: 1, sqlock: "0.1.0", lines })));
});

test.each([false, true])("what is written is read whole, however deep a field is (redacted: %s)", (redact) => {
  const lines = written(redact).filter(({ type }) => type !== "summary");
  for (const line of lines) expect(readLine(JSON.stringify(line), 1)).toEqual({ line, problem: null });
});

const HELD: readonly RecordingLine[] = [
  processLine(),
  lockLine(),
  lockLine({ fromMs: 5_000, toMs: 5_001 }),
  transactionLine({ insideMs: null, outsideMs: null, waitedMs: null, outcome: "unknown", statements: [] }),
  transactionLine({
    fromMs: 5_000,
    writeFromMs: 5_000,
    toMs: 5_001,
    waitedMs: null,
    outcome: "unknown",
    statements: [],
  }),
];
const SAMPLED = metaLine({ source: "sampled", exact: false, statements: false });
const CALLS = { gaveUp: null, refusals: null };
const WAITS = { waits: null, waitedMs: null };
const ATTEMPTS = { refusedAttempts: null, optionalRefusals: null };

test("samples: what they do not show is null, not 0", () => {
  const lines = written(false, [SAMPLED, ...HELD]);
  expectToFit("record", JSON.parse(JSON.stringify({ schemaVersion: 1, sqlock: "0.1.0", lines })));
  const counts = lines.flatMap((line) => (line.type === "counts" ? line : []));
  for (const each of counts) expect(each).toMatchObject({ transactions: null, waits: null, optionalRefusals: null });
  expect(counts.reduce((sum, { holds }) => sum + (holds.WRITE?.times ?? 0), 0)).toBe(2);
  expect(counts.reduce((sum, { writeTransactions = 0 }) => sum + writeTransactions, 0)).toBe(2);
  const summary = lines.at(-1);
  expect(summary).toMatchObject({
    verdict: { state: "waits-not-seen", ...CALLS, ...WAITS, waiting: null, ended: null, runs: null, atOnce: null },
    totals: { ...CALLS, ...WAITS, ...ATTEMPTS, transactions: null, commits: null, writeHolds: 2, gaps: 0 },
    databases: [{ ...CALLS, ...WAITS, writeHolds: 2 }],
    processes: [{ ...CALLS, ...ATTEMPTS, waits: null, runs: null, blockedOthersMs: null, writes: { times: 2 } }],
    ...{ moreWaits: null, unknown: { waitsWithoutBlocker: null, gaps: { times: 0, lostEvents: null } } },
  });
});

test("locks without statements: what only calls show is null", () => {
  const lines = written(false, [metaLine({ statements: false }), ...HELD]);
  expectToFit("record", JSON.parse(JSON.stringify({ schemaVersion: 1, sqlock: "0.1.0", lines })));
  expect(lines.find(({ type }) => type === "counts")).toMatchObject({ transactions: null, waits: { times: 0 } });
  expect(lines.at(-1)).toMatchObject({
    verdict: { ...CALLS, waits: 0, runs: { times: 0 } },
    totals: { ...CALLS, transactions: null, commits: null, waits: 0, optionalRefusals: 0 },
    databases: [{ ...CALLS, waits: 0 }],
    processes: [{ ...CALLS, locked: null, waits: { times: 0 }, refusedAttempts: 0 }],
  });
});

test("what is read back of samples is as unknown as it was", () => {
  const lines = written(false, [SAMPLED, ...HELD]).filter(({ type }) => type !== "summary");
  const again: RecordingLine[] = [];
  for (const line of lines) {
    const { line: read, problem } = readLine(JSON.stringify(line), 1);
    expect({ read, problem }).toEqual({ read: line, problem: null });
    if (read !== null) again.push(read);
  }
  const tally = new Tally();
  for (const line of again) tally.add(line);
  expect(tally.summary(10_000).totals).toMatchObject({ writeHolds: 2, waits: 0 });
  const shrunk: string[] = [];
  const shrinker = new Shrinker({ withFailures: true }, (text) => shrunk.push(text));
  for (const line of again) shrinker.line(JSON.stringify(line));
  shrinker.end();
  const counts = shrunk.map((text) => JSON.parse(text)).filter(({ type }) => type === "counts");
  expect(counts).toMatchObject([{ holds: { WRITE: { times: 2 } }, ...{ transactions: null, waits: null } }]);
});

test("every pattern that programs tell of is among what fits the schema", () => {
  const summary = written(false).at(-1);
  const ids = summary?.type === "summary" ? new Set(summary.patterns.map(({ id }) => id)) : null;
  for (const id of ["never-closed", "wrong-thread", "used-after-close", "transaction-left-open", "timeout-zero"])
    expect(ids).toContain(id);
  for (const id of ["tasks-with-own-connections", "cursor-left-open", "shared-memory-database"])
    expect(ids).toContain(id);
});

test("samples beside programs that tell their calls: refused calls are counted, waits are not known", () => {
  const told = metaLine({ source: "sampled", exact: false, statements: false, callSites: true });
  const refused = refusalLine({ callMs: 5_000, connectionId: 3, blockers: [blocker()] });
  const lines = written(false, [told, processLine({ pid: 9 }), ...HELD, refused]);
  expectToFit("record", JSON.parse(JSON.stringify({ schemaVersion: 1, sqlock: "0.1.0", lines })));
  expect(lines.at(-1)).toMatchObject({
    verdict: {
      ...{ state: "refusals", gaveUp: null, refusals: 1, waits: null, callSites: true },
      told: { withBlocker: 1, timedOut: 1 },
      causes: [{ cause: "timeout", times: 1, sure: "likely", longestMs: 5_000 }],
      refusedBehind: [{ pid: 4242, refused: 1 }],
    },
    totals: { gaveUp: null, refusals: 1, transactions: null, waits: null },
    databases: [{ gaveUp: null, refusals: 1 }],
    processes: [
      { pid: 4250, told: true, refusals: 1, waits: null },
      { pid: 9, refusals: null }, // no tracer is in it
      { pid: 4242, refusals: null },
    ],
  });
});

test("--redact leaves out what may name a request or a folder", () => {
  const text = JSON.stringify(written(true));
  expect(text).not.toMatch(/secret |\/srv|shop\//);
  expect(text).toContain('"file":"views.py"');
});
