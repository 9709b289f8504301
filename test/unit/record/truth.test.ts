/** The judge of test/record: it finds what is wrong with a recording. */
import { describe, expect, it } from "vitest";
import type { RecordingLine, UnknownLine } from "../../../src/recording/lines.ts";
import { type Call, parseCalls } from "../../record/calls.ts";
import { certainHolds, transactionsOf } from "../../record/holds.ts";
import { compare } from "../../record/truth.ts";
import { blocker, lockLine, refusalLine, transactionLine, waitLine } from "../../support/recording.ts";

const PATH = "/srv/app/db.sqlite3";
const OWNER = { pid: 4242, tid: 4242 };
const WAITER = { pid: 4250, tid: 4250 };

function call(who: typeof OWNER, sql: string, fromMs: number, toMs: number, more: Partial<Call> = {}): Call {
  return {
    ...{ ...who, connection: "a", op: "sql", sql, path: PATH, fromMs, toMs, code: "SQLITE_OK", row: null },
    ...{ handled: null, refused: null, granted: null, ...more },
  };
}

/** 4242 has the write lock from 100 to 500; 4250 waits for it from 200 on, and gives up at 400. */
const CALLS: readonly Call[] = [
  call(OWNER, "begin immediate", 100, 102),
  call(OWNER, "commit", 500, 503),
  call(WAITER, "begin immediate", 200, 400.1, { code: "SQLITE_BUSY" }),
];

const WAIT = waitLine({
  ...{ ...WAITER, fromMs: 200.1, waitedMs: 199.9, outcome: "gave-up", result: "SQLITE_BUSY", sql: "begin immediate" },
  blockers: [blocker({ fromMs: 101, heldMs: 299, blockedMs: 199.9 })],
});
const LOCK = lockLine({ ...OWNER, fromMs: 101, toMs: 502 });
const TRANSACTION = transactionLine({
  ...{ ...OWNER, fromMs: 100.5, toMs: 502.5, insideMs: 3 },
  statements: [
    { sql: "begin immediate", atMs: 100.5, ms: 1, result: "SQLITE_DONE" },
    { sql: "commit", atMs: 500.5, ms: 2, result: "SQLITE_DONE" },
  ],
});

const UNKNOWN: UnknownLine = {
  ...{ type: "unknown", what: "lock", why: "unseen-file", atMs: 300, toMs: 310, pids: [1], path: PATH, untilMs: null },
};
const MISSED = ["not told", "no transaction is told", "no line of this lock"];

function mismatches(lines: readonly RecordingLine[], calls = CALLS): string[] {
  return compare({ calls, lines, sinceMs: 0, endMs: 1000 }).mismatches.map((text) => text.split(":")[0] ?? "");
}

describe("compare", () => {
  it("has nothing to say of a true recording", () => {
    const truth = compare({ calls: CALLS, lines: [WAIT, LOCK, TRANSACTION], sinceMs: 0, endMs: 1000 });
    expect(truth).toMatchObject({ mismatches: [], busy: 1, gaveUp: 1, refusals: 0, waits: 1, blockers: 1 });
    expect(truth.besidesMs).toEqual([expect.closeTo(0.2)]);
  });

  const changed = (more: Partial<typeof WAIT>): RecordingLine[] => [{ ...WAIT, ...more }, LOCK, TRANSACTION];
  const behind = (more: Partial<(typeof WAIT)["blockers"][number]>): RecordingLine[] =>
    changed({ blockers: [{ ...(WAIT.blockers[0] ?? blocker()), ...more }] });

  it.each<[string, readonly RecordingLine[], readonly string[]]>([
    ["a BUSY that is not told", [LOCK, TRANSACTION], ["not told"]],
    [
      "a BUSY that is told twice",
      [WAIT, refusalLine({ ...WAITER, atMs: 400, callMs: 200, sql: "begin immediate" }), LOCK, TRANSACTION],
      ["told, but no program got it"],
    ],
    ["a wait outside of its call", changed({ fromMs: 150 }), ["no call of the program"]],
    ["another statement", changed({ sql: "commit" }), ["not told", "told, but no program got it", "another statement"]],
    ["a wait that is too long", changed({ waitedMs: 250 }), ["not told", "told, but no program got it"]],
    ["nobody in the way", changed({ blockers: [] }), ["nobody in the way"]],
    ["a stranger in the way", behind({ pid: 1 }), ["a stranger in the way", "4242 had it by its log"]],
    ["a blocker of another time", behind({ fromMs: 101, heldMs: 50 }), ["not at that time"]],
    ["a blocker that did not have it", behind({ fromMs: 50, heldMs: 300 }), ["held through by nobody's log"]],
    ["the blocker's statement", behind({ sql: "commit" }), ["taken by another statement"]],
    ["two holders", [WAIT, LOCK, lockLine({ ...WAITER, fromMs: 450, toMs: 460 }), TRANSACTION], ["two holders"]],
    ["no line of a lock", [WAIT, TRANSACTION], ["no line of this lock"]],
    ["a lock that is too short", [WAIT, { ...LOCK, toMs: 400 }, TRANSACTION], ["no line of this lock"]],
    ["no transaction", [WAIT, LOCK], ["no transaction is told"]],
    ["another outcome", [WAIT, LOCK, { ...TRANSACTION, outcome: "rollback" }], ["another outcome"]],
    ["another kind", [WAIT, LOCK, { ...TRANSACTION, kind: "read" }], ["another kind"]],
    ["another end", [WAIT, LOCK, { ...TRANSACTION, toMs: 490 }], ["no transaction is told", "no transaction of the"]],
    ["other statements", [WAIT, LOCK, { ...TRANSACTION, statements: [] }], ["other statements, []"]],
  ])("finds %s", (_, lines, expected) => {
    const found = mismatches(lines);
    for (const text of expected) expect(found.join("\n")).toContain(text.replace(", []", ""));
  });

  it.each<[string, Partial<Omit<UnknownLine, "toMs">> & { readonly toMs?: number | undefined }, readonly string[]]>([
    ["of that database, at that time", {}, []],
    ["until it is not known when", { atMs: 10, toMs: undefined }, []],
    ["of another time", { atMs: 600, toMs: 700 }, MISSED],
    ["of another database", { path: "/srv/app/other" }, MISSED],
    ["of another thing", { why: "open-file" }, MISSED],
  ])("excuses what is missing where that is said to be unknown: %s", (_, more, expected) => {
    const { toMs = null, ...line } = { ...UNKNOWN, ...more };
    expect(mismatches([toMs === null ? line : { ...line, toMs }])).toEqual(expected);
    expect(mismatches([line, WAIT, LOCK, TRANSACTION])).toEqual([]);
    expect(mismatches([line, changed({ sql: "commit" })[0] ?? WAIT, LOCK, TRANSACTION])).not.toEqual([]);
  });

  it("finds a wait that must have been, and one that the busy handler counted", () => {
    const waited = call(WAITER, "begin immediate", 200, 510);
    const [first, last] = CALLS;
    if (first === undefined || last === undefined || CALLS[1] === undefined) throw new Error("no calls");
    const after = call(WAITER, "rollback", 511, 512);
    const asked = lockLine({ ...WAITER, lock: "READ0", lockType: "read", fromMs: 210, toMs: 512 });
    expect(mismatches([LOCK, asked, TRANSACTION], [first, CALLS[1], waited, after])).toContain("must have waited");
    const late = { ...asked, fromMs: 460 }; // it had no CPU
    expect(mismatches([LOCK, late, TRANSACTION], [first, CALLS[1], waited, after])).not.toContain("must have waited");
    const counted = call(WAITER, "select 1", 600, 610, { handled: 3 });
    expect(mismatches([WAIT, LOCK, TRANSACTION], [...CALLS, counted])).toEqual(["waited, and is not told"]);
  });

  it("finds a wait that begins or ends when the program saw neither a refusal nor a grant", () => {
    const [first, commit] = CALLS;
    if (first === undefined || commit === undefined) throw new Error("no calls");
    const late = (endMs: number, refusedMs: number) => {
      const times = { refused: [[refusedMs, refusedMs + 0.01]] as const, granted: [[503, 503.01]] as const };
      const waiter = call(WAITER, "begin immediate", 200, 510, times);
      const wait = { ...WAIT, outcome: "granted" as const, waitedMs: endMs - WAIT.fromMs, result: "SQLITE_DONE" };
      return mismatches([wait, LOCK, TRANSACTION], [first, commit, waiter]).join("\n");
    };
    expect(late(503, 200.1)).not.toContain("at another time");
    expect(late(502, 200.1)).toContain("at another time");
    expect(late(503, 200.3)).toContain("at another time");
  });

  it("finds attempts that are not told", () => {
    const counted = CALLS.map((each) => ({ ...each, refused: [], granted: [] }));
    const times = [[200.1, 200.11] as const, [300, 300.01] as const, [399, 399.01] as const];
    const calls = counted.map((each) => (each.pid === WAITER.pid ? { ...each, refused: times } : each));
    const told = (attempts: number) => mismatches([{ ...WAIT, attempts }, LOCK, TRANSACTION], calls);
    expect(told(3)).toEqual([]);
    expect(told(2)).toEqual([`2 refused attempts are told of ${WAITER.pid}, and it logged 3`]);
  });

  it("finds a reader that is in the way of a commit, and is not named", () => {
    const reader = [
      call(OWNER, "begin", 10, 11),
      call(OWNER, "select a from t", 20, 21),
      call(OWNER, "commit", 900, 901),
    ];
    const commit = call(WAITER, "commit", 200, 400.1, { code: "SQLITE_BUSY" });
    const wait = { ...WAIT, lock: "EXCLUSIVE" as const, sql: "commit" };
    const other = { ...wait, blockers: [blocker({ pid: 1 })] };
    expect(mismatches([other], [...reader, commit]).join("\n")).toContain("it read all the time, and is not named");
    const named = { ...wait, blockers: [blocker({ pid: OWNER.pid, lock: "SHARED", lockType: "read" })] };
    expect(mismatches([named], [...reader, commit]).join("\n")).not.toContain("is not named");
  });

  it("asks less of a recording with gaps, but nothing wrong", () => {
    const given = { calls: CALLS, sinceMs: 0, endMs: 1000, hasGaps: true };
    expect(compare({ ...given, lines: [] }).mismatches).toEqual([]);
    expect(compare({ ...given, lines: behind({ fromMs: 50, heldMs: 300 }) }).mismatches).not.toEqual([]);
  });
});

describe("what programs logged", () => {
  it("a call that has no end was cut off by a kill", () => {
    const facts = { pid: 1, tid: 1, connection: "a", op: "sql", sql: "commit", path: PATH };
    const lines = [
      { ...facts, from_ns: 1_000_000 },
      { ...facts, from_ns: 1_100_000, to_ns: 2_000_000, code: "SQLITE_OK" },
      { ...facts, from_ns: 3_000_000 },
    ];
    const calls = parseCalls(`${lines.map((line) => JSON.stringify(line)).join("\n")}\n{"pid":1`, 1_000_000n);
    expect(calls.map(({ fromMs, toMs, code }) => [fromMs, toMs, code])).toEqual([
      [0.1, 1, "SQLITE_OK"],
      [2, Number.POSITIVE_INFINITY, null],
    ]);
  });

  it("transactions, their kind and the write lock that is certain", () => {
    const calls = [
      call(OWNER, "begin", 0, 1),
      call(OWNER, "select count(*) from t", 2, 3),
      call(OWNER, "insert into t values (1)", 4, 5),
      call(OWNER, "commit", 8, 9),
      call(OWNER, "insert into t values (2)", 10, 11),
      call(OWNER, "begin immediate", 12, 13, { code: "SQLITE_BUSY" }),
      call(OWNER, "select a from t", 14, 15, { op: "fetch" }),
      call(OWNER, "select a from t", 18, 19, { op: "drop", sql: null }),
      call(OWNER, "begin exclusive", 20, 21),
    ];
    const found = transactionsOf(calls, new Set());
    expect(found.map(({ kind, outcome, first, last }) => [kind, outcome, first.fromMs, last?.toMs])).toEqual([
      ["upgrade", "commit", 0, 9],
      ["write", "commit", 10, 11],
      ["read", "commit", 14, 19],
      ["write", "open", 20, undefined],
    ]);
    expect(certainHolds(found, 30).map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [5, 8],
      [21, 30],
    ]);
  });
});
