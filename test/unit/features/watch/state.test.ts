/** What the screen shows after events and looks. */
import { describe, expect, test } from "vitest";
import { LiveState } from "../../../../src/features/watch/state.ts";
import { shownFile } from "../../../../src/features/watch/view.ts";
import type { DatabaseReport, Holder } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock } from "../../../support/report.ts";
import { lockEvent, PATH } from "../../../support/watch-event.ts";
import { finding, lookAt } from "../../../support/watch-view.ts";

const START = 10_000;

function stateOf(events: Parameters<LiveState["addEvents"]>[0], report: DatabaseReport | null = null): LiveState {
  const state = new LiveState([PATH], START);
  if (report !== null) state.addLook(lookAt(report, START - 1));
  state.addEvents(events);
  return state;
}

const holdersAt = (state: LiveState, nowMs: number) => state.view(nowMs).databases[0]?.holders ?? [];

describe("holders", () => {
  const reserved = (change: object = {}) =>
    lockEvent("acquired", START, { lock: "RESERVED", role: "database", ...change });

  test("one that shows only by its locks, from the event", () => {
    expect(holdersAt(stateOf([reserved()]), START + 500)).toEqual([
      {
        path: PATH,
        pid: 4242,
        command: "python manage.py shell",
        activity: "writing",
        locks: [{ name: "RESERVED", role: "database", type: "write", api: "posix", waiting: false }],
        heldMs: 500,
        atLeast: false,
        blocks: ["writers", "journal-mode"],
        stale: [],
        figures: { of: "writes", times: 1, totalMs: 500, longestMs: 500, atLeast: false, share: 1 },
        gone: null,
      },
    ]);
  });

  test("released: idle, until a look does not find it; then gone, and after ten seconds forgotten", () => {
    const events = [
      reserved(),
      lockEvent("released", START + 100, { lock: "RESERVED", role: "database", heldMs: 100 }),
    ];
    const state = stateOf(events);
    const idle = { activity: "idle", locks: [], heldMs: null, blocks: [] };
    expect(holdersAt(state, START + 200)).toMatchObject([{ ...idle, gone: null }]);
    state.addLook(lookAt(databaseReport(), START + 300));
    expect(holdersAt(state, START + 500)).toMatchObject([{ ...idle, gone: { atMs: START + 300, how: null } }]);
    expect(holdersAt(state, START + 10_301)).toEqual([]);
    expect(holdersAt(stateOf(events, databaseReport({ holders: [holder()] })), START + 500)).toMatchObject([
      { ...idle, gone: null },
    ]);
  });

  test("one that has ended keeps its place and its figures", () => {
    const [two, three] = [holder({ pid: 2 }), holder({ pid: 3 })];
    const state = stateOf([], databaseReport({ holders: [two, three] }));
    state.addEvents([
      lockEvent("acquired", START, { pid: 2 }),
      lockEvent("released", START + 100, { pid: 2, heldMs: 100 }),
    ]);
    state.addLook(lookAt(databaseReport({ holders: [three] }), START + 500));
    state.addEvents([lockEvent("ended", START + 500, { pid: 2, lock: null })]);
    expect(holdersAt(state, START + 1000)).toMatchObject([
      { pid: 2, gone: { atMs: START + 500, how: "ended" }, figures: { times: 1, totalMs: 100, share: 0.1 } },
      { pid: 3, gone: null, figures: null },
    ]);
  });

  test("the time when nothing was read is not time watched", () => {
    const state = stateOf([lockEvent("acquired", START), lockEvent("released", START + 100, { heldMs: 100 })]);
    expect(state.view(START + 2000, 1000).databases[0]?.holders[0]?.figures?.share).toBe(0.1);
  });

  test.each<[string, "held" | "acquired", number | null, { heldMs: number; atLeast: boolean }]>([
    ["taken while it was watched", "acquired", 60_000, { heldMs: 2000, atLeast: false }],
    ["held before, and the look knows for how long", "held", 60_000, { heldMs: 60_000, atLeast: true }],
    ["held before, for longer than the look can prove", "held", 300, { heldMs: 2000, atLeast: true }],
    ["held before, for how long is not known", "held", null, { heldMs: 2000, atLeast: true }],
  ])("how long: %s", (_, event, heldAtLeastMs, expected) => {
    const report = databaseReport({ holders: [holder({ heldAtLeastMs })] });
    expect(holdersAt(stateOf([lockEvent(event, START)], report), START + 2000)).toMatchObject([expected]);
  });

  test.each<[string, Partial<Holder>, object]>([
    [
      "a lock that it waits for comes last",
      { locks: [lock("WRITE", { waiting: true })] },
      { locks: [{ name: "READ1" }, { name: "WRITE", waiting: true }], activity: "reading" },
    ],
    ["stopped", { stale: ["stopped"] }, { stale: ["stopped"] }],
  ])("from the look: %s", (_, change, expected) => {
    const events = [lockEvent("acquired", START, { lock: "READ1", type: "read" })];
    const report = databaseReport({ journalMode: "wal", holders: [holder(change)] });
    expect(holdersAt(stateOf(events, report), START)).toMatchObject([expected]);
  });

  test("what a lock that is not SQLite's blocks is known from the look alone", () => {
    const events = [lockEvent("acquired", START, { lock: "FOREIGN", role: "database" })];
    expect(holdersAt(stateOf(events), START)).toMatchObject([{ activity: "idle", blocks: [] }]);
    const seen = holder({ activity: "exclusive", blocks: ["readers", "writers"] });
    expect(holdersAt(stateOf(events, databaseReport({ holders: [seen] })), START)).toMatchObject([
      { activity: "exclusive", blocks: ["readers", "writers"] },
    ]);
  });

  test("those that block for a second or more come first, the rest by pid", () => {
    const events = [
      reserved({ pid: 7 }),
      lockEvent("acquired", START, { pid: 8, lock: "SHARED", role: "database", type: "read" }),
      lockEvent("acquired", START, { pid: 3, lock: "WRITE" }),
      lockEvent("acquired", START + 900, { pid: 2, lock: "WRITE" }),
    ];
    const report = databaseReport({ holders: [holder({ pid: 5 })] });
    expect(holdersAt(stateOf(events, report), START + 1500).map(({ pid }) => pid)).toEqual([3, 7, 8, 2, 5]);
  });
});

describe("the times of the write lock", () => {
  test("of each lock that makes its holder the one writer, open while it lasts", () => {
    const state = stateOf([
      lockEvent("acquired", START),
      lockEvent("released", START + 50, { heldMs: 50 }),
      lockEvent("acquired", START, { lock: "READ1", type: "read" }),
      lockEvent("acquired", START, { lock: "CKPT" }),
      lockEvent("acquired", START + 100),
    ]);
    expect(state.view(START + 200).databases[0]?.writing).toEqual([
      { pid: 4242, fromMs: START, toMs: START + 50 },
      { pid: 4242, fromMs: START + 100, toMs: null },
    ]);
  });

  test("RESERVED, then EXCLUSIVE: one hold, until both are released", () => {
    const [reserved, exclusive] = [
      { lock: "RESERVED", role: "database" },
      { lock: "EXCLUSIVE", role: "database" },
    ] as const;
    const state = stateOf([
      lockEvent("acquired", START, reserved),
      lockEvent("acquired", START + 10, exclusive),
      lockEvent("released", START + 20, { ...reserved, heldMs: 20 }),
      lockEvent("released", START + 30, { ...exclusive, heldMs: 20 }),
    ]);
    expect(state.view(START + 200).databases[0]?.writing).toEqual([{ pid: 4242, fromMs: START, toMs: START + 30 }]);
  });

  test("forgotten after two minutes", () => {
    const state = stateOf([lockEvent("acquired", START), lockEvent("released", START + 50, { heldMs: 50 })]);
    expect(state.view(START + 120_049).databases[0]?.writing).toHaveLength(1);
    expect(state.view(START + 120_051).databases[0]?.writing).toHaveLength(0);
  });
});

describe("the log", () => {
  const rows = (events: Parameters<LiveState["addEvents"]>[0], report: DatabaseReport | null = null) =>
    stateOf(events, report)
      .view(START + 9000)
      .log.map(({ event, heldMs }) => [event.event, event.lock, heldMs]);

  test("a lock that was taken and released is one row", () => {
    const taken = lockEvent("acquired", START);
    expect(rows([taken])).toEqual([["acquired", "WRITE", null]]);
    expect(rows([taken, lockEvent("released", START + 20, { heldMs: 20 })])).toEqual([["acquired", "WRITE", 20]]);
  });

  test.each<[string, number, DatabaseReport["journalMode"], boolean]>([
    ["a short read", 999, "rollback", false],
    ["a long read", 1000, "rollback", true],
    ["in WAL mode it is that of an open connection", 1000, "wal", false],
  ])("SHARED: %s", (_, heldMs, journalMode, expected) => {
    const shared = { lock: "SHARED", role: "database", type: "read" } as const;
    const events = [lockEvent("acquired", START, shared), lockEvent("released", START + heldMs, { ...shared, heldMs })];
    expect(rows(events, databaseReport({ journalMode }))).toEqual(expected ? [["released", "SHARED", heldMs]] : []);
  });

  test("events that are not of a lock, but for those of the beginning", () => {
    const without = { lock: null, role: null, type: null, api: null };
    const events = (["watching", "open", "wal-growth", "opened", "closed", "finding"] as const).map((each) =>
      lockEvent(each, START, without),
    );
    expect(rows(events).map(([event]) => event)).toEqual(["opened", "closed", "finding"]);
  });

  test("the newest 200", () => {
    const events = Array.from({ length: 250 }, (_, pid) => lockEvent("opened", START, { pid, lock: null }));
    const { log } = stateOf(events).view(START);
    expect([log.length, log[0]?.event.pid, log.at(-1)?.event.pid]).toEqual([200, 50, 249]);
  });

  test("events of another database are none of its", () => {
    expect(rows([lockEvent("acquired", START, { path: "/other" })])).toEqual([]);
  });
});

describe("a gap: nothing was read for a second", () => {
  const gap = lockEvent("gap", START + 2000, { pid: null, name: null, lock: null, gapMs: 1000 });
  const old = databaseReport({ holders: [holder({ heldAtLeastMs: 60_000 })] });

  test("what is held is older than its end, for how long is unknown; the write lock was held until it", () => {
    const state = stateOf([lockEvent("held", START)], old);
    state.addLook(lookAt(old, START + 500));
    expect(holdersAt(state, START + 500)).toMatchObject([{ heldMs: 60_000 }]);
    state.addEvents([gap]);
    state.addLook(lookAt(old, START + 1500)); // it began before the end of the gap
    expect(holdersAt(state, START + 2100)).toMatchObject([{ heldMs: 100, atLeast: true, figures: { totalMs: 1100 } }]);
    state.addLook(lookAt(old, START + 2200));
    expect(holdersAt(state, START + 2300)).toMatchObject([{ heldMs: 60_100, atLeast: true }]);
    expect(state.view(START + 2300).databases[0]?.writing).toMatchObject([
      { fromMs: START, toMs: START + 1000, atLeast: true },
      { fromMs: START + 2000, toMs: null, atLeast: true, again: true },
    ]);
  });

  test("it is a row of the list, and a lock that was held across it stays one row", () => {
    const state = stateOf([lockEvent("acquired", START), gap]);
    state.addEvents([lockEvent("released", START + 5000, { heldMs: 3000, atLeast: true })]);
    expect(state.view(START + 5000).log).toMatchObject([
      { event: { event: "acquired" }, heldMs: 3000, atLeast: true },
      { event: { event: "gap" } },
    ]);
  });

  test("what was missing in the reading before it was not written for a negative time after it", () => {
    const state = stateOf([lockEvent("acquired", START), gap]);
    state.addEvents([lockEvent("released", START + 999, { heldMs: 999, atLeast: true })]);
    expect(state.view(START + 2100).databases[0]?.writing).toMatchObject([
      { fromMs: START, toMs: START + 1000 },
      { fromMs: START + 2000, toMs: START + 2000, again: true },
    ]);
  });
});

describe("another file at the path", () => {
  const reserved = { lock: "RESERVED", role: "database" } as const;
  const file = (event: "deleted" | "created" | "replaced" | "returned", atMs: number) =>
    lockEvent(event, atMs, { pid: null, name: null, lock: null, role: "database" });

  test.each<[string, Parameters<typeof file>[0][], boolean]>([
    ["deleted or moved, and nothing in its place yet", ["deleted"], true],
    ["moved away and back", ["deleted", "returned"], true],
    ["replaced", ["replaced"], false],
    ["moved away, and a new one", ["deleted", "created"], false],
  ])("%s", (_, events, isOfThis) => {
    const state = stateOf([lockEvent("acquired", START, reserved)], databaseReport());
    state.addEvents(events.map((event) => file(event, START + 2000)));
    const [database] = state.view(START + 3000).databases;
    expect(database?.verdict.kind).toBe(isOfThis ? "held" : "released");
    expect(database?.writing).toHaveLength(isOfThis ? 1 : 0);
    state.addEvents([
      lockEvent("acquired", START + 3000, { ...reserved, pid: 9 }),
      lockEvent("released", START + 5000, { ...reserved, heldMs: 5000, ...(isOfThis ? {} : { formerFile: true }) }),
    ]);
    expect(state.view(START + 5000).log[0]).toMatchObject({ event: { pid: 4242 }, heldMs: 5000 });
    expect(state.view(START + 5000).databases[0]?.verdict).toMatchObject({ kind: "held", holder: { pid: 9 } });
  });
});

test("what a look has proved is not forgotten when the lock is released", () => {
  const report = databaseReport({ holders: [holder({ heldAtLeastMs: 15_000 })] });
  const state = stateOf([lockEvent("held", START)]);
  state.addLook(lookAt(report, START + 1000));
  expect(holdersAt(state, START + 2000)).toMatchObject([{ heldMs: 16_000, atLeast: true }]);
  state.addEvents([lockEvent("released", START + 3000, { heldMs: 3000, atLeast: true })]);
  state.addLook(lookAt(databaseReport(), START + 3500));
  const [database] = state.view(START + 4000).databases;
  expect(database?.verdict).toMatchObject({ kind: "busy", longestMs: 17_000, atLeast: true, sinceMs: 1000 });
  expect(state.view(START + 4000).log).toMatchObject([{ heldMs: 17_000, atLeast: true }]);
  expect(database?.holders).toMatchObject([{ figures: { longestMs: 3000, atLeast: true } }]); // since the start
});

test("the most that there was at any time", () => {
  const state = stateOf([], databaseReport({ journalMode: "wal", holders: [holder({ pid: 2 }), holder({ pid: 3 })] }));
  const most = () => [state.view(START).databases[0]?.most, state.view(START).most];
  expect(most()).toEqual([{ holders: 2, wal: true }, { notes: 0 }]);
  const unseen = { processes: 2, reasons: ["other users"], reason: "other users", remedy: "run with sudo" };
  state.addLook(lookAt(databaseReport({ findings: [finding()] }), START, { unseen }));
  expect(most()).toEqual([{ holders: 2, wal: true }, { notes: 2 }]);
  state.addLook(lookAt(null, START));
  expect(most()).toEqual([{ holders: 2, wal: true }, { notes: 2 }]);
});

test("which file a holder is shown of: that of the last look; before the first one, that of the start", () => {
  const before = { device: 1n, inode: 7n };
  const state = new LiveState([PATH], START);
  const shown = () => shownFile(state.view(START), { path: PATH }, before);
  expect(shown()).toBe(before);
  state.addLook(lookAt(databaseReport()));
  expect(shown()).toMatchObject({ device: 2049n, inode: 2155506n });
  state.addLook(lookAt(databaseReport({ files: [] })));
  expect(shown()).toBeNull();
  state.addLook(lookAt(null));
  expect(shown()).toBeNull();
});
