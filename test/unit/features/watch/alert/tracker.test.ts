/** When there is an alert, and when there is another one. */
import { beforeEach, describe, expect, test } from "vitest";
import { AlertTracker } from "../../../../../src/features/watch/alert/tracker.ts";
import type { WatchEvent } from "../../../../../src/features/watch/event.ts";
import type { DatabaseReport, Holder, Lock, Progress } from "../../../../../src/model/report.ts";
import { blocksOfLock } from "../../../../../src/sqlite/activity.ts";
import type { CommitMark } from "../../../../../src/sqlite/commit-mark.ts";
import { BLOCKS, type LockName } from "../../../../../src/sqlite/locks.ts";
import { blocker, databaseReport, holder, lock } from "../../../../support/report.ts";
import { lockEvent, PATH } from "../../../../support/watch-event.ts";

const AFTER_MS = 5000;
let tracker: AlertTracker;

beforeEach(() => {
  tracker = new AlertTracker([PATH], AFTER_MS);
});

const eventOf = (event: "held" | "acquired" | "released", atMs: number, name: LockName, pid = 4242): WatchEvent => {
  const { role, type, api } = lock(name);
  return lockEvent(event, atMs, { pid, lock: name, role, type, api, ...(event === "released" ? { heldMs: 1 } : {}) });
};

function take(atMs: number, ...names: readonly LockName[]): void {
  tracker.addEvents(names.map((name) => eventOf("acquired", atMs, name)));
}

function release(atMs: number, ...names: readonly LockName[]): void {
  tracker.addEvents(names.map((name) => eventOf("released", atMs, name)));
}

interface Seen {
  readonly change?: Partial<DatabaseReport>;
  readonly mark?: CommitMark;
  readonly more?: Partial<Holder>;
  readonly beganMs?: number;
  readonly readUntilMs?: number;
}

/** With these locks of 4242 (or, `pid` null, of nobody), and what they block. */
function look(atMs: number, names: readonly (LockName | Lock)[], seen: Seen = {}) {
  const { change = {}, mark, more = {}, beganMs = atMs, readUntilMs = atMs } = seen;
  const locks = names.map((name) => (typeof name === "string" ? lock(name) : name));
  const wal = locks.some(({ role }) => role === "shm");
  const report = databaseReport({ journalMode: wal ? "wal" : "rollback", ...change });
  const state = { journalMode: report.journalMode, journalValid: false, wal: null };
  const blockers = BLOCKS.flatMap((effect) => {
    const by = locks.find((each) => blocksOfLock(each, state).includes(effect));
    return by === undefined ? [] : [blocker({ effect, lock: by.name })];
  });
  const full = { ...report, holders: locks.length === 0 ? [] : [holder({ locks, ...more })], blockers, ...change };
  const marks = new Map([[PATH, mark ?? null]]);
  return tracker.addLook({ reports: new Map([[PATH, full]]), marks, beganMs, atMs }, readUntilMs);
}

const facts = (alerts: ReturnType<typeof look>) =>
  alerts.map(({ lock: by, heldMs, atLeast, blocks }) => `${by?.name} ${heldMs}${atLeast ? "+" : ""} ${blocks.join()}`);

describe("which lock, and from when on", () => {
  test.each<[string, readonly LockName[], readonly string[]]>([
    ["the writer in WAL mode", ["SHARED", "WRITE", "READ1", "DMS"], ["WRITE 5000 writers"]],
    ["a recovery", ["RECOVER"], ["RECOVER 5000 readers,writers"]],
    ["a reader in WAL mode keeps nothing out", ["SHARED", "READ1", "DMS"], []],
    ["a checkpoint makes no program fail", ["SHARED", "CKPT", "DMS"], []],
    ["a reader in rollback mode keeps commits out", ["SHARED"], ["SHARED 5000 commits"]],
    ["a writer in rollback mode", ["SHARED", "RESERVED"], ["RESERVED 5000 writers,commits"]],
    [
      "BEGIN EXCLUSIVE: one alert, of the strongest",
      ["EXCLUSIVE", "PENDING", "RESERVED"],
      ["EXCLUSIVE 5000 readers,writers"],
    ],
    ["no lock", [], []],
  ])("%s", (_, names, expected) => {
    take(1000, ...names);
    expect(facts(look(5999, names))).toEqual([]);
    expect(facts(look(6000, names))).toEqual(expected);
    expect(facts(look(7000, names))).toEqual([]); // once
  });

  test("held before the watching began: at least; at once, where its process has slept for so long", () => {
    tracker.addEvents([eventOf("held", 1000, "RESERVED")]);
    expect(facts(look(1100, ["RESERVED"], { more: { heldAtLeastMs: 4999 } }))).toEqual([]);
    expect(facts(look(1200, ["RESERVED"], { more: { heldAtLeastMs: 60_000 } }))).toEqual(["RESERVED 60000+ writers"]);
  });

  test("a lock that is only waited for counts nothing", () => {
    const waiting = lock("EXCLUSIVE", { waiting: true });
    look(1000, [waiting]);
    expect(look(9000, [waiting])).toEqual([]);
  });

  test("the reader that a commit waits for is named by it", () => {
    take(1000, "PENDING");
    const waits = [blocker({ effect: "readers", lock: "PENDING", waitsFor: [27936] })];
    expect(look(6000, ["PENDING"], { change: { blockers: waits } })[0]?.waitsFor).toEqual([27936]);
  });
});

describe("once an episode", () => {
  test("released and taken again: another one", () => {
    take(0, "WRITE");
    const [first] = look(5000, ["WRITE"]);
    expect(first !== undefined && tracker.isOpen(first)).toBe(true);
    release(6000, "WRITE");
    expect(first !== undefined && tracker.isOpen(first)).toBe(false);
    take(6002, "WRITE");
    expect(look(11_001, ["WRITE"])).toEqual([]);
    expect(facts(look(11_002, ["WRITE"]))).toEqual(["WRITE 5000 writers"]);
  });

  const gap = (endMs: number, gapMs: number) =>
    tracker.addEvents([lockEvent("gap", endMs, { pid: null, lock: null, gapMs })]);

  test("nothing was read for a while: the same episode, and its time begins anew", () => {
    take(0, "WRITE");
    look(5000, ["WRITE"]);
    gap(6000, 900);
    expect(look(20_000, ["WRITE"])).toEqual([]);
    release(21_000, "WRITE");
    take(21_000, "WRITE");
    gap(24_700, 700);
    expect(look(29_699, ["WRITE"])).toEqual([]);
    expect(facts(look(29_700, ["WRITE"]))).toEqual(["WRITE 5000+ writers"]);
  });

  test("nothing was read for a while, of a lock that looks alone find: from the next look on", () => {
    const ofd = [lock("WRITE", { api: "ofd" })];
    look(0, ofd);
    gap(3000, 900);
    expect(look(3500, ofd)).toEqual([]);
    expect(look(8499, ofd)).toEqual([]);
    expect(facts(look(8500, ofd))).toEqual(["WRITE 5000+ writers"]);
  });

  test("how long a command that has waited says that it is held: what is known, not what the clock says", () => {
    take(0, "WRITE");
    const [alert] = look(5000, ["WRITE"]);
    if (alert === undefined) throw new Error("no alert");
    tracker.needsLook(6200);
    expect(tracker.holdOf(alert)).toEqual({ heldMs: 6200, atLeast: false });
    gap(7000, 800);
    tracker.needsLook(7480);
    expect(tracker.holdOf(alert)).toEqual({ heldMs: 480, atLeast: true });
    release(7500, "WRITE");
    take(7900, "WRITE");
    expect(tracker.holdOf(alert)).toBeNull();
  });

  test("released after the look has found it, and before it is told: no alert, and no lock that stays", () => {
    const slept = { more: { heldAtLeastMs: 60_000 }, beganMs: 5000, readUntilMs: 5200 };
    take(0, "WRITE");
    release(5100, "WRITE");
    expect(look(5050, ["WRITE"], slept)).toEqual([]);
    take(5400, "WRITE");
    expect(facts(look(10_400, ["WRITE"]))).toEqual(["WRITE 5000 writers"]);
  });

  test("released and taken again since the look began: what the look proves is of the hold before", () => {
    take(0, "WRITE");
    release(5010, "WRITE");
    take(5020, "WRITE");
    const slept = { more: { heldAtLeastMs: 60_000 }, beganMs: 5000, readUntilMs: 5200 };
    expect(look(5050, ["WRITE"], slept)).toEqual([]);
  });

  test("a stronger lock of the same transaction: told of when it keeps out more", () => {
    take(0, "RESERVED");
    expect(facts(look(5000, ["RESERVED"]))).toEqual(["RESERVED 5000 writers"]);
    take(6000, "PENDING", "EXCLUSIVE");
    expect(look(10_999, ["EXCLUSIVE", "PENDING", "RESERVED"])).toEqual([]);
    expect(facts(look(11_000, ["EXCLUSIVE", "PENDING", "RESERVED"]))).toEqual(["EXCLUSIVE 5000 readers,writers"]);
    release(12_000, "PENDING", "EXCLUSIVE");
    expect([1, 2].map((episode) => tracker.isOpen({ path: PATH, episode }))).toEqual([true, false]);
    expect(look(20_000, ["RESERVED"])).toEqual([]); // the writers were told of, and it was never released
  });

  test("different processes in turn: none", () => {
    for (let i = 0; i < 20; i++) {
      tracker.addEvents([eventOf("acquired", i * 1000, "WRITE", 4242 + (i % 2))]);
      expect(look(i * 1000 + 500, ["WRITE"], { more: { pid: 4242 + (i % 2) } })).toEqual([]);
      tracker.addEvents([eventOf("released", i * 1000 + 999, "WRITE", 4242 + (i % 2))]);
    }
  });
});

describe("pauses that no reading shows", () => {
  const progress = (change: Partial<Progress>): Progress => ({
    commits: 0,
    counterMoved: false,
    withinMs: 50,
    ...change,
  });
  const wal = (changeCounter: number): CommitMark => ({ kind: "wal", changeCounter });
  const rollback = (changeCounter: number): CommitMark => ({ kind: "rollback", changeCounter, journal: null });

  test.each<[string, readonly LockName[], Seen, Seen, boolean]>([
    ["no commit", ["WRITE"], { mark: wal(7) }, { mark: wal(7) }, true],
    ["a commit between two looks", ["WRITE"], { mark: wal(7) }, { mark: wal(8) }, false],
    ["never known", ["WRITE"], {}, {}, true],
    ["known for the first time: it has to be compared", ["WRITE"], {}, { mark: wal(8) }, false],
    ["the same, of a process that did not run", ["WRITE"], {}, { mark: wal(8), more: { heldAtLeastMs: 5000 } }, true],
    ["commits while it was looked", ["WRITE"], {}, { change: { progress: progress({ commits: 2 }) } }, false],
    ["released while it was looked", ["WRITE"], {}, { change: { progress: progress({ released: [4242] }) } }, false],
    ["another one released", ["WRITE"], {}, { change: { progress: progress({ released: [1] }) } }, true],
    ["rollback: the last one may be its own", ["RESERVED"], { mark: rollback(7) }, { mark: rollback(8) }, true],
    ["rollback: two are", ["RESERVED"], { mark: rollback(7) }, { mark: rollback(9) }, false],
    ["also of EXCLUSIVE", ["EXCLUSIVE", "RESERVED"], { mark: rollback(7) }, { mark: rollback(9) }, false],
    [
      "unix-excl, which has EXCLUSIVE alone, releases nothing",
      ["EXCLUSIVE"],
      { mark: rollback(7) },
      { mark: rollback(9) },
      true,
    ],
  ])("%s", (_, names, before, after, alerts) => {
    take(0, ...names);
    look(500, names, before);
    expect(look(5000, names, after)).toHaveLength(alerts ? 1 : 0);
  });

  test.each<[string, Seen, Seen]>([
    ["nothing has to be compared", {}, { mark: wal(8) }],
    ["others commit, and it is still held", { mark: wal(7) }, { mark: wal(8) }],
    ["it is seen to be released, too early to be this hold", {}, { change: { progress: progress({ commits: 2 }) } }],
  ])("events of the kernel tell of every release: %s", (_, before, after) => {
    tracker = new AlertTracker([PATH], AFTER_MS, true);
    take(0, "WRITE");
    look(500, ["WRITE"], before);
    expect(facts(look(5000, ["WRITE"], after))).toEqual(["WRITE 5000 writers"]);
  });

  test("after a commit the time begins anew, as a lower bound", () => {
    take(0, "WRITE");
    look(500, ["WRITE"], { mark: wal(7) });
    look(3000, ["WRITE"], { mark: wal(8) });
    expect(look(7999, ["WRITE"], { mark: wal(8) })).toEqual([]);
    expect(facts(look(8000, ["WRITE"], { mark: wal(8) }))).toEqual(["WRITE 5000+ writers"]);
    look(9000, ["WRITE"], { mark: wal(9) });
    expect(facts(look(14_000, ["WRITE"], { mark: wal(9) }))).toEqual(["WRITE 5000+ writers"]); // another episode
  });
});

describe("no owner", () => {
  const unowned = (api: Lock["api"] = "ofd") => {
    const unownedLocks = [lock("RESERVED", { api })];
    return { change: { holders: [], unownedLocks, blockers: [blocker({ pid: null, sure: "unknown" })] } };
  };

  test("a lock of an unknown process: by the looks, at least, without a process", () => {
    expect(look(0, [], unowned())).toEqual([]);
    const [alert] = look(5000, [], unowned());
    expect(alert).toMatchObject({ holder: null, heldMs: 5000, atLeast: true, blocks: ["writers"] });
    expect(look(5500, [], unowned())).toEqual([]);
    look(6000, []);
    look(6500, [], unowned());
    expect(look(11_500, [], unowned())).toHaveLength(1);
  });

  test("a lock directory: from its birth on; another one is another episode", () => {
    const directory = (since: number) => ({
      change: { lockDirectory: { path: `${PATH}.lock`, since: new Date(since) }, holders: [], blockers: [] },
    });
    expect(look(5999, [], directory(1000))).toEqual([]);
    expect(look(6000, [], directory(1000))).toMatchObject([
      { holder: null, lock: null, lockDirectory: `${PATH}.lock`, heldMs: 5000, blocks: ["readers", "writers"] },
    ]);
    expect(look(7000, [], directory(1000))).toEqual([]);
    expect(look(12_000, [], directory(6500))).toHaveLength(1);
  });
});

describe("a look is asked for", () => {
  const asked = (...times: readonly number[]) => times.map((atMs) => tracker.needsLook(atMs));
  const mark: CommitMark = { kind: "wal", changeCounter: 7 };

  test("half-way, and when the time is over; once each, and anew for each hold", () => {
    take(0, "WRITE");
    expect(asked(2499, 2500, 2600, 4999, 5000, 5100)).toEqual([false, true, false, false, true, false]);
    release(6000, "WRITE");
    take(6000, "WRITE");
    expect(asked(6100, 8500, 11_000)).toEqual([false, true, true]);
  });

  test("not half-way, where one of those of --interval has found it", () => {
    take(0, "WRITE");
    look(1000, ["WRITE"], { mark });
    expect(asked(2500, 5000, 5100)).toEqual([false, true, false]);
    expect(look(5100, ["WRITE"], { mark })).toHaveLength(1);
  });

  test("once more, where the first one has nothing to compare with", () => {
    take(0, "WRITE");
    expect(asked(5000)).toEqual([true]);
    expect(look(5050, ["WRITE"], { mark })).toEqual([]);
    expect(asked(5100, 5200)).toEqual([true, false]);
    expect(look(5200, ["WRITE"], { mark })).toHaveLength(1);
  });
});

test("a database that is gone has no alert", () => {
  take(0, "WRITE");
  expect(
    tracker.addLook({ reports: new Map([[PATH, null]]), marks: new Map(), beganMs: 9000, atMs: 9000 }, 9000),
  ).toEqual([]);
});
