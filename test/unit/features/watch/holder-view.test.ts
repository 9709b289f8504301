import { describe, expect, test } from "vitest";
import type { WatchEvent } from "../../../../src/features/watch/event.ts";
import { type HolderView, holderViews, LONG_HOLD_MS } from "../../../../src/features/watch/holder-view.ts";
import type { DatabaseReport, Holder } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock } from "../../../support/report.ts";
import { lockEvent, PATH } from "../../../support/watch-event.ts";

const NOW_MS = 60_000;

const RESERVED = { lock: "RESERVED", role: "database" } as const;
const SHARED = { lock: "SHARED", role: "database", type: "read" } as const;
const FOREIGN = { lock: "FOREIGN", role: "database" } as const;

/** `events`: of the locks that are held now, by any process. */
function views(report: DatabaseReport | null, ...events: WatchEvent[]): HolderView[] {
  const held = new Map<number, WatchEvent[]>();
  for (const event of events) if (event.pid !== null) held.set(event.pid, [...(held.get(event.pid) ?? []), event]);
  return holderViews(PATH, report, held, NOW_MS);
}

/** Of one holder of the last look. */
function viewOf(change: Partial<Holder>, database: Partial<DatabaseReport>, ...events: WatchEvent[]): HolderView {
  const [view, ...more] = views(databaseReport({ holders: [holder(change)], ...database }), ...events);
  if (view === undefined || more.length > 0) throw new Error("not one holder");
  return view;
}

test("nobody, without a look and with one", () => {
  expect(views(null)).toEqual([]);
  expect(views(databaseReport())).toEqual([]);
});

test("a process of a look and of events is one holder", () => {
  const report = databaseReport({ holders: [holder({ pid: 1 }), holder({ pid: 2 })] });
  expect(
    views(report, lockEvent("held", 0, { pid: 2 }), lockEvent("held", 0, { pid: 3 })).map(({ pid }) => pid),
  ).toEqual([2, 3, 1]);
});

describe("the command", () => {
  test("of the look, else of the event, else unknown", () => {
    expect(viewOf({ commandLine: ["/usr/bin/sqlite3", "x"] }, {}, lockEvent("held", 0)).command).toBe("sqlite3 x");
    expect(views(null, lockEvent("held", 0, { name: "sh" }))[0]?.command).toBe("sh");
    expect(views(null, lockEvent("held", 0, { name: null }))[0]?.command).toBe("?");
  });
});

describe("for how long", () => {
  const at = NOW_MS - 2000;
  test.each<[string, Partial<Holder>, WatchEvent[], number | null, boolean]>([
    ["no lock", { heldAtLeastMs: 9000 }, [], null, false],
    ["taken while it was watched", { heldAtLeastMs: 9000 }, [lockEvent("acquired", at)], 2000, false],
    ["held before; the look proves more", { heldAtLeastMs: 9000 }, [lockEvent("held", at)], 9000, true],
    ["held before; the look proves less", { heldAtLeastMs: 300 }, [lockEvent("held", at)], 2000, true],
    ["held before; the look proves nothing", { heldAtLeastMs: null }, [lockEvent("held", at)], 2000, true],
    [
      "its strongest lock, not its oldest",
      {},
      [lockEvent("acquired", 0, SHARED), lockEvent("acquired", at, RESERVED)],
      2000,
      false,
    ],
    ["the clock of the event is ahead", {}, [lockEvent("acquired", NOW_MS + 5)], 0, false],
  ])("%s", (_, change, events, heldMs, atLeast) => {
    expect(viewOf(change, {}, ...events)).toMatchObject({ heldMs, atLeast });
  });
});

describe("the locks", () => {
  test("those of now, the strongest first, then those that the look saw it wait for", () => {
    const locks = [lock("WRITE", { waiting: true }), lock("RESERVED")];
    const view = viewOf({ locks }, {}, lockEvent("held", 0, SHARED), lockEvent("held", 0, RESERVED));
    expect(view.locks).toEqual([
      { name: "RESERVED", role: "database", type: "write", api: "posix", waiting: false },
      { name: "SHARED", role: "database", type: "read", api: "posix", waiting: false },
      { name: "WRITE", role: "shm", type: "write", api: "posix", waiting: true },
    ]);
  });

  test("one that was released since the look is gone", () => {
    expect(viewOf({ locks: [lock("RESERVED")], activity: "writing", blocks: ["writers"] }, {})).toMatchObject({
      locks: [],
      activity: "idle",
      blocks: [],
    });
  });
});

describe("what it does, and what that blocks", () => {
  const EXCLUSIVE = { lock: "EXCLUSIVE", role: "database" } as const;
  const journal = { hot: null, header: "valid", sizeBytes: 512 } as const;
  const wal = {
    frames: 100,
    checkpointedFrames: 10,
    uncommittedFrames: 0,
    checkpointedKnown: true,
    readMarks: [0, 50, 100],
    unreadBytes: 0,
    complete: true,
  };
  const read = (name: "READ1" | "READ2") => lockEvent("held", 0, { lock: name, type: "read" });
  test.each<[string, Partial<DatabaseReport>, WatchEvent, HolderView["activity"], HolderView["blocks"]]>([
    ["RESERVED", {}, lockEvent("held", 0, RESERVED), "writing", ["writers", "journal-mode"]],
    ["SHARED in rollback mode", {}, lockEvent("held", 0, SHARED), "reading", ["commits", "journal-mode"]],
    ["SHARED in WAL mode", { journalMode: "wal" }, lockEvent("held", 0, SHARED), "idle", ["journal-mode"]],
    ["EXCLUSIVE", {}, lockEvent("held", 0, EXCLUSIVE), "exclusive", ["readers", "writers", "journal-mode"]],
    [
      "EXCLUSIVE with a valid journal",
      { journal },
      lockEvent("held", 0, EXCLUSIVE),
      "writing",
      ["readers", "writers", "journal-mode"],
    ],
    ["an old snapshot", { journalMode: "wal", wal }, read("READ1"), "reading", ["checkpoints", "journal-mode"]],
    ["the newest snapshot", { journalMode: "wal", wal }, read("READ2"), "reading", ["journal-mode"]],
  ])("%s", (_, database, event, activity, blocks) => {
    expect(viewOf({}, database, event)).toMatchObject({ activity, blocks });
  });

  const SEEN = { activity: "exclusive", blocks: ["readers"] } as const;
  test.each<[string, Partial<Holder>, WatchEvent[], HolderView["activity"], HolderView["blocks"]]>([
    ["the look knows what it blocks", SEEN, [lockEvent("held", 0, FOREIGN)], "exclusive", ["readers"]],
    [
      "beside a lock of SQLite: the stronger activity, and all that both block",
      SEEN,
      [lockEvent("held", 0, FOREIGN), lockEvent("held", 0, RESERVED)],
      "exclusive",
      ["readers", "writers", "journal-mode"],
    ],
    [
      "the lock of SQLite is the stronger",
      { activity: "idle", blocks: [] },
      [lockEvent("held", 0, FOREIGN), lockEvent("held", 0, RESERVED)],
      "writing",
      ["writers", "journal-mode"],
    ],
    ["the look knows nothing of locks", { activity: "unknown" }, [lockEvent("held", 0, FOREIGN)], "idle", []],
  ])("a lock that is not SQLite's: %s", (_, change, events, activity, blocks) => {
    expect(viewOf(change, {}, ...events)).toMatchObject({ activity, blocks });
  });

  test("a lock that is not SQLite's, of a process that no look has", () => {
    expect(views(null, lockEvent("held", 0, FOREIGN))).toMatchObject([{ activity: "idle", blocks: [], stale: [] }]);
  });
});

describe("the order", () => {
  const [LONG, SHORT] = [NOW_MS - LONG_HOLD_MS, NOW_MS - LONG_HOLD_MS + 1];
  const write = (pid: number, atMs: number) => lockEvent("acquired", atMs, { pid, ...RESERVED });
  const read = (pid: number, atMs: number) => lockEvent("acquired", atMs, { pid, ...SHARED });
  test.each<[string, WatchEvent[], number[]]>([
    ["by pid", [write(3, SHORT), read(1, SHORT), write(2, SHORT)], [1, 2, 3]],
    ["a long hold that keeps writers out comes first", [read(1, SHORT), write(3, LONG), write(2, SHORT)], [3, 1, 2]],
    ["then a long hold that blocks a commit", [write(1, SHORT), read(2, LONG), write(3, LONG)], [3, 2, 1]],
  ])("%s", (_, events, pids) => {
    expect(views(databaseReport(), ...events).map(({ pid }) => pid)).toEqual(pids);
  });
});
