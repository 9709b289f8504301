/** The trace of a recording: the rules of its format, whatever the lines, and what is in it. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { LockLine, RecordingLine, TransactionLine, WaitLine } from "../../../../src/recording/lines.ts";
import type { Counter, Flow, Instant, Slice, TraceEvent } from "../../../../src/render/perfetto/event.ts";
import { interpret, RECORDED, recorded } from "../../../support/recorded.ts";
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
import { problemsOfTrace } from "../../../support/trace-format.ts";
import { factsOf, traceOf } from "../../../support/trace-of.ts";

const PATH = "/srv/app/db.sqlite3";

function fitting(lines: readonly RecordingLine[], more?: Parameters<typeof traceOf>[1]): readonly TraceEvent[] {
  const { text, events } = traceOf(lines, more);
  expect(problemsOfTrace(text)).toEqual([]);
  return events;
}

const slices = (events: readonly TraceEvent[], cat: string) =>
  events.filter((event): event is Slice => event.ph === "X" && event.cat === cat);
const flows = (events: readonly TraceEvent[]) =>
  events.filter((event): event is Flow => event.ph === "s" || event.ph === "f");
const instants = (events: readonly TraceEvent[]) => events.filter((event): event is Instant => event.ph === "i");
const trackOf = (events: readonly TraceEvent[], { pid, tid }: { readonly pid: number; readonly tid: number }) =>
  events.flatMap((each) =>
    each.ph === "M" && each.name === "thread_name" && each.pid === pid && each.tid === tid ? [each.args["name"]] : [],
  )[0];

test.each(RECORDED)("a real recording (%s) is a trace that fits the format", (name) => {
  const { events, databases } = recorded(name);
  const { all, locks, waits, transactions } = interpret(events, databases);
  const meta = metaLine({ databases: databases.map((path) => ({ path, givenAs: path })) });
  const trace = fitting(all, { meta, facts: factsOf({ toMs: 1e6 }), originMs: 0 });
  expect(slices(trace, "lock").length).toBeGreaterThanOrEqual(locks.length);
  expect(slices(trace, "wait")).toHaveLength(waits.length);
  expect(slices(trace, "transaction")).toHaveLength(transactions.length);
  const behind = waits.flatMap((wait) =>
    wait.blockers.filter(({ blockedMs }) => wait.waitedMs > 0.01 && blockedMs > 0.01),
  );
  expect(flows(trace).length / 2).toBeGreaterThanOrEqual(behind.length);
});

const ms = fc.integer({ min: -50_000, max: 900_000 }).map((us) => us / 997);
const length = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 300_000 }).map((us) => us / 997),
);
const who = fc.record({
  pid: fc.constantFrom(1, 2, 4_194_304),
  startTicks: fc.constantFrom("1", "2", null),
  tid: fc.constantFrom(1, 2, 3),
});
const lock = fc.constantFrom<LockLine["lock"]>("WRITE", "READ1", "FOREIGN", "SHARED");
const path = fc.constantFrom("/a/db", "/b/db", PATH);
const anyLine: fc.Arbitrary<RecordingLine> = fc.oneof(
  fc.record({ who, lock, path, ms, length, open: fc.boolean() }).map((given): LockLine => {
    const toMs = given.open ? null : given.ms + given.length;
    return lockLine({ ...given.who, lock: given.lock, path: given.path, fromMs: given.ms, toMs });
  }),
  fc.record({ who, lock, path, ms, length, by: who, begun: ms }).map((given): WaitLine => {
    const blockers = [blocker({ ...given.by, lock: given.lock, fromMs: given.begun, heldMs: given.length })];
    return waitLine({
      ...given.who,
      lock: given.lock,
      path: given.path,
      fromMs: given.ms,
      waitedMs: given.length,
      blockers,
    });
  }),
  fc.record({ who, path, ms, length, at: fc.array(fc.tuple(ms, length), { maxLength: 5 }) }).map(
    (given): TransactionLine =>
      transactionLine({
        ...{ ...given.who, path: given.path, fromMs: given.ms, toMs: given.ms + given.length },
        statements: given.at.map(([atMs, took]) => statement({ atMs, ms: took })),
      }),
  ),
  fc.record({ who, ms }).map((given) => refusalLine({ ...given.who, atMs: given.ms })),
);

test("property: whatever overlaps, slices are nested or apart, and each arrow begins and ends within a slice", () => {
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 40 }), fc.constantFrom(0, 100), (lines, originMs) => {
      expect(problemsOfTrace(traceOf(lines, { originMs }).text)).toEqual([]);
    }),
  );
});

describe("what is in it", () => {
  it("a wait with its arrow to the lock, whichever of the two lines comes first", () => {
    const held = lockLine({ pid: 4242, startTicks: "900", tid: 4242, fromMs: 800, toMs: 1_800 });
    const waited = waitLine({ callSite: callSite(42) });
    for (const lines of [
      [held, waited],
      [waited, held],
    ]) {
      const events = fitting(lines);
      const [from, to] = flows(events);
      expect(slices(events, "lock")).toHaveLength(1);
      expect(from).toMatchObject({ ph: "s", pid: 4250, name: "behind WRITE", ts: 1_350_000 });
      expect(to).toMatchObject({ ph: "f", bp: "e", pid: 4242, id: from?.id });
      expect([trackOf(events, from as Flow), trackOf(events, to as Flow)]).toEqual(["waits", "WRITE"]);
      expect(slices(events, "wait")).toMatchObject([
        {
          ...{ name: "waits for WRITE", ts: 900_000, dur: 900_000 },
          args: { attempts: 12, outcome: "granted", sql: "insert into t values (?)", database: PATH },
        },
      ]);
      expect(slices(events, "wait")[0]?.args["code"]).toBe("/srv/app/shop/views.py:42 in create_order");
    }
  });

  it("a blocker whose lock has no line: the lock, as far as the wait tells of it", () => {
    const two = [waitLine(), waitLine({ pid: 7, fromMs: 1_000, waitedMs: 500, outcome: "gave-up" })];
    const events = fitting(two);
    expect(slices(events, "lock")).toMatchObject([
      { pid: 4242, name: "WRITE", ts: 800_000, dur: 1_000_000, args: { known_from: "the wait behind it" } },
    ]);
    expect(flows(events)).toHaveLength(4);
    expect(slices(events, "wait").map(({ name }) => name)).toEqual(["waits for WRITE", "gave up: WRITE"]);
  });

  it("locks that overlap on tracks of their own; a second process of a number is another one", () => {
    const events = fitting([
      processLine({ startTicks: "1" }),
      processLine({ startTicks: "2", commandLine: ["/bin/other"], user: null, unit: "app.service" }),
      lockLine({ startTicks: "1", fromMs: 0, toMs: 10, lock: "READ1", lockType: "read" }),
      lockLine({ startTicks: "1", fromMs: 5, toMs: 15, lock: "READ1", lockType: "read" }),
      lockLine({ startTicks: "2", fromMs: 7, toMs: 8 }),
    ]);
    const [first, second, other] = slices(events, "lock") as [Slice, Slice, Slice];
    expect([first, second, other].map((slice) => trackOf(events, slice))).toEqual(["READ1", "READ1 (2)", "WRITE"]);
    expect([first.pid, second.pid, other.pid]).toEqual([4250, 4250, 10_004_250]);
    const names = events.flatMap((event) =>
      event.ph === "M" && event.name.startsWith("process_")
        ? [[event.pid, event.args["name"] ?? event.args["labels"]]]
        : [],
    );
    expect(names).toContainEqual([4250, "python3 manage.py import"]);
    expect(names).toContainEqual([10_004_250, "other (4250)"]);
    expect(names).toContainEqual([10_004_250, "app.service"]);
  });

  it("statements within their transaction, refusals and misuses as moments, connections", () => {
    const statements = [statement({ atMs: 102, ms: 1 }), statement({ atMs: 99, ms: 2, sql: "begin" })];
    const events = fitting([
      transactionLine({ statements }),
      refusalLine(),
      misuseLine(),
      connectionLine(),
      transactionLine({ fromMs: 500, toMs: null, outcome: "open", kind: "read", statements: [] }),
    ]);
    expect(slices(events, "statement")).toMatchObject([
      { name: "begin", ts: 100_000, dur: 1_000 },
      { name: "insert into t values (?)", ts: 102_000, dur: 1_000 },
    ]);
    expect(slices(events, "transaction")).toMatchObject([
      { name: "write transaction" },
      { name: "read transaction", dur: 9_500_000 },
    ]);
    expect(instants(events).map(({ name }) => name)).toEqual(["SQLITE_BUSY", misuseLine().kind]);
    expect(slices(events, "connection")).toMatchObject([{ name: "sqlite3", args: { busy_timeout_ms: 5_000 } }]);
  });

  it("the WAL as counters, which say where it is not known; what was only counted, per second", () => {
    const wal = { type: "wal", path: PATH, bytes: 4_152, frames: 1, copied: 0, pinned: 1, pinnedBy: [] } as const;
    const events = fitting([
      { ...wal, atMs: 1_000 },
      { ...wal, atMs: 2_000, frames: null, copied: null, pinned: null },
      { ...wal, atMs: 3_000, frames: null, copied: null, pinned: null },
      countsLine({ holds: { WRITE: { times: 50, totalMs: 9, writes: 50 } } }),
    ]);
    const counters = events.filter((event): event is Counter => event.ph === "C");
    expect(counters.map(({ name, ts, args }) => [name, ts, Object.values(args)[0]])).toEqual([
      ["WAL size", 1_000_000, 4_152],
      ["WAL frames", 1_000_000, 1],
      ["WAL frames copied back", 1_000_000, 0],
      ["WAL frames pinned by readers", 1_000_000, 1],
      ["WAL size", 2_000_000, 4_152],
      ["WAL size", 3_000_000, 4_152],
      ["short write locks per second", 0, 50],
      ["short write locks per second", 1_000_000, 0],
    ]);
    expect(instants(events)).toMatchObject([{ ts: 2_000_000, name: "frames of the WAL not known from here on" }]);
  });

  it("what is not known: blanks on a track of their own, and sleeps of the machine; what goes on at the end", () => {
    const facts = factsOf({
      runs: [{ meta: metaLine(), fromMs: 0, toMs: 5_000, end: "cut" }],
      blanks: [{ fromMs: 100, toMs: 200, why: "lost" }],
      suspensions: [{ atMs: 4_000, lengthMs: 60_000 }],
    });
    const lines = [
      lockLine({ fromMs: 10, toMs: null }),
      waitLine({ fromMs: 50, waitedMs: 10, outcome: "still", blockers: [] }),
      transactionLine({ fromMs: 10, toMs: null, outcome: "open", statements: [] }),
    ];
    const events = fitting(lines, { facts });
    expect(slices(events, "recording")).toMatchObject([{ name: "events lost", ts: 100_000, dur: 100_000 }]);
    expect(slices(events, "lock")).toMatchObject([{ ts: 10_000, dur: 4_990_000, args: { held_at_the_end: true } }]);
    expect(slices(events, "wait")).toMatchObject([{ args: { outcome: "still", blockers: "not known" } }]);
    expect(slices(events, "transaction")).toMatchObject([{ dur: 4_990_000, args: { outcome: "open" } }]);
    expect(instants(events)).toMatchObject([{ name: "the machine slept", args: { slept_ms: 60_000 } }]);
  });

  it("what began before the part that is shown begins with it", () => {
    const events = fitting([lockLine({ fromMs: 50, toMs: 1_500 })], { originMs: 1_000 });
    expect(slices(events, "lock")).toMatchObject([{ ts: 0, dur: 500_000, args: { began_before_ms: 950 } }]);
  });

  it("names that are hostile: nothing of them ends a string, moves a terminal, or is a key", () => {
    const evil = '"}],"x":[\u0000\u001b[2J\u202e</script>';
    const { text, events } = traceOf([
      processLine({ commandLine: [evil], user: evil, unit: "__proto__" }),
      lockLine({ path: `/tmp/${evil}`, sql: evil }),
      transactionLine({ path: "__proto__", statements: [statement({ sql: evil })] }),
    ]);
    expect(problemsOfTrace(text)).toEqual([]);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(slices(events, "lock")[0]?.args["sql"]).toBe(evil);
  });
});
