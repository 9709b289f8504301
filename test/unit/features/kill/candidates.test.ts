/** Who may be ended, in which order, and what that does. */
import { describe, expect, test } from "vitest";
import { candidatesOf } from "../../../../src/features/kill/candidates.ts";
import type { DatabaseReport, Finding, Holder, Lock, Wait } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock, walWriter } from "../../../support/report.ts";

const finding = (id: Finding["id"], pids: readonly number[], remedy = ""): Finding => ({
  id,
  severity: "warning",
  pids,
  summary: "",
  detail: "",
  remedy,
});

function candidateOf(change: Partial<Holder>, database: Partial<DatabaseReport> = {}, inits: readonly number[] = []) {
  const report = databaseReport({ holders: [holder({ terminal: null, ...change })], ...database });
  const [candidate] = candidatesOf(report, new Set(inits));
  if (candidate === undefined) throw new Error("no candidate");
  return candidate;
}

const kinds = (all: readonly { readonly kind: string }[]) => all.map(({ kind }) => kind);

test("those that keep readers or writers out come first, then other blockers, stale ones, busy ones, idle ones", () => {
  const holders = [
    holder({ pid: 1, activity: "idle" }),
    holder({ pid: 2, activity: "reading" }),
    holder({ pid: 3, activity: "reading", stale: ["deleted-file"] }),
    holder({ pid: 4, activity: "reading", blocks: ["commits", "journal-mode"] }),
    holder({ pid: 6, activity: "writing", blocks: ["writers"] }),
    holder({ pid: 5, activity: "exclusive", blocks: ["readers"] }),
    holder({ pid: 7, activity: "idle", blocks: ["journal-mode"] }),
  ];
  const order = candidatesOf(databaseReport({ holders }), new Set()).map(({ holder: { pid } }) => pid);
  expect(order).toEqual([5, 6, 4, 3, 2, 1, 7]);
});

test.each<[string, Partial<Holder>, Partial<DatabaseReport>, { blocks: boolean; yes: boolean; stale: boolean }]>([
  ["idle", {}, {}, { blocks: false, yes: false, stale: false }],
  ["a writer at work", { blocks: ["writers"] }, {}, { blocks: true, yes: true, stale: false }],
  ["a reader that blocks commits", { blocks: ["commits"] }, {}, { blocks: true, yes: false, stale: false }],
  ["only the journal mode", { blocks: ["journal-mode"] }, {}, { blocks: false, yes: false, stale: false }],
  [
    "a forgotten writer",
    { blocks: ["writers"], stale: ["idle-in-transaction"] },
    {},
    { blocks: true, yes: true, stale: true },
  ],
  [
    "a writer that is likely forgotten",
    { blocks: ["writers"], stale: ["likely-idle-in-transaction"] },
    {},
    { blocks: true, yes: true, stale: false },
  ],
  [
    "a stopped reader that blocks commits",
    { blocks: ["commits"], stale: ["stopped"] },
    {},
    { blocks: true, yes: false, stale: true },
  ],
  ["stopped, and blocks nothing", { stale: ["stopped"] }, {}, { blocks: false, yes: false, stale: false }],
  [
    "a writer left over from a session",
    { blocks: ["writers"] },
    { findings: [finding("orphaned-holder", [4242])] },
    { blocks: true, yes: true, stale: true },
  ],
  [
    "another one is left over",
    { blocks: ["writers"] },
    { findings: [finding("orphaned-holder", [1])] },
    { blocks: true, yes: true, stale: false },
  ],
  [
    "a forgotten writer of a deleted file",
    { blocks: ["writers"], stale: ["idle-in-transaction", "deleted-file"] },
    {},
    { blocks: true, yes: true, stale: false },
  ],
  [
    "Litestream, which sleeps while it reads on purpose",
    { blocks: ["checkpoints"], stale: ["idle-in-transaction"], name: "litestream", activity: "reading" },
    {},
    { blocks: true, yes: false, stale: false },
  ],
])("%s: what --yes and --stale take", (_, change, database, { blocks, yes, stale }) => {
  expect(candidateOf(change, database)).toMatchObject({ blocks, takenByYes: yes, takenByStale: stale });
});

const TURNS = { commits: 9, counterMoved: true, withinMs: 53 };
const AT_WORK = { blocks: ["writers"], state: "running", idleMs: 0 } as const;
const READ_WAIT: Wait = {
  pid: 1,
  for: "commit",
  lock: "EXCLUSIVE",
  blockedBy: [4242],
  byUnknown: false,
  sure: "proved",
};

test.each<[string, Partial<Holder>, Parameters<typeof candidateOf>[1], boolean]>([
  ["it commits every few milliseconds", AT_WORK, { progress: TURNS }, true],
  ["no commit is over", AT_WORK, { progress: { ...TURNS, commits: 0 } }, false],
  ["nobody has counted them", AT_WORK, {}, false],
  ["it has not run meanwhile", { ...AT_WORK, state: "sleeping", idleMs: 60_000 }, { progress: TURNS }, false],
  ["it was stopped since", { ...AT_WORK, state: "stopped" }, { progress: TURNS }, false],
  ["by a lock that is none of SQLite's", { ...AT_WORK, locks: [lock("FOREIGN")] }, { progress: TURNS }, false],
  ["a commit waits for it", AT_WORK, { progress: TURNS, waits: [READ_WAIT] }, false],
])("a writer while others commit: %s", (_, change, database, spared) => {
  const found = candidateOf(change, database);
  expect(found).toMatchObject({ blocks: true, takenByYes: !spared });
  expect(found.turns).toEqual(spared ? { commits: 9, withinMs: 53 } : null);
});

test("a reader that takes turns with nobody is not said to", () => {
  const found = candidateOf({ blocks: ["checkpoints"] }, { progress: TURNS });
  expect(found).toMatchObject({ takenByYes: false, turns: null });
});

test("stale reasons, with the time that it has not run", () => {
  const { staleReasons } = candidateOf(
    { stale: ["idle-in-transaction", "stopped", "deleted-file"], idleMs: 5000 },
    { findings: [finding("orphaned-holder", [4242])] },
  );
  expect(staleReasons).toEqual([
    { kind: "stopped", idleMs: 5000 },
    { kind: "idle-in-transaction", idleMs: 5000 },
    { kind: "orphaned" },
    { kind: "deleted-file" },
  ]);
});

describe("dangers", () => {
  const exclusive = { locks: [lock("EXCLUSIVE")], activity: "exclusive", blocks: ["readers", "writers"] } as const;
  const journal = (header: NonNullable<DatabaseReport["journal"]>["header"]) =>
    ({ journal: { hot: null, header, sizeBytes: 512 } }) as const;
  const missingSuperJournal = { name: "/app/db-mj0123459AB", beside: null };
  const elsewhere = { journal: { ...journal("valid").journal, missingSuperJournal } };

  test.each<[string, Partial<Holder>, Partial<DatabaseReport>, string[]]>([
    ["EXCLUSIVE without a journal", exclusive, {}, ["no-journal"]],
    ["EXCLUSIVE, and a journal with a valid header", exclusive, journal("valid"), []],
    ["EXCLUSIVE, and a super-journal that is not at its path", exclusive, elsewhere, ["undone-elsewhere"]],
    ["a reader beside that commit", { locks: [lock("SHARED")] }, elsewhere, []],
    ["EXCLUSIVE, and a journal that was not synced", exclusive, journal("unsynced"), ["no-journal"]],
    ["PENDING without a journal", { locks: [lock("PENDING")] }, {}, ["no-journal"]],
    ["PENDING that a new reader takes", { locks: [lock("PENDING", { type: "read" })] }, {}, []],
    ["EXCLUSIVE that is only waited for", { locks: [lock("EXCLUSIVE", { waiting: true })] }, {}, []],
    ["RESERVED: nothing is written to the file yet", { locks: [lock("RESERVED"), lock("SHARED")] }, {}, []],
    ["a reader", { locks: [lock("SHARED")] }, {}, []],
    ["a lock that is none of SQLite's", { locks: [lock("FOREIGN")] }, {}, []],
    ["EXCLUSIVE in WAL mode", exclusive, { journalMode: "wal" }, []],
    ["a deleted file", { ...exclusive, stale: ["deleted-file"] }, {}, ["lost-file"]],
    ["a file that was moved away", {}, { findings: [finding("deleted-file", [4242])] }, ["lost-file"]],
    ["one that writes over the file", {}, { findings: [finding("foreign-writer", [4242])] }, ["half-written"]],
    ["another one writes over the file", {}, { findings: [finding("foreign-writer", [1])] }, []],
    ["a file that another one has lost", {}, { findings: [finding("deleted-file", [1])] }, []],
  ])("%s", (_, change, database, expected) => {
    const { dangers, consequences } = candidateOf(change, database);
    expect(kinds(dangers)).toEqual(expected);
    expect(consequences.filter(({ kind }) => kind === "danger")).toEqual(
      dangers.map((danger) => ({ kind: "danger", danger })),
    );
  });

  test("the rescue is that of the finding", () => {
    const remedy = "cp it first:\n  cp /proc/4242/fd/3 rescued";
    expect(candidateOf({}, { findings: [finding("deleted-file", [4242], remedy)] }).dangers).toEqual([
      { kind: "lost-file", pid: 4242, rescue: remedy },
    ]);
    expect(candidateOf({ stale: ["deleted-file"] }).dangers).toMatchObject([{ rescue: null }]);
  });

  test("the first process of a container, which may be in another danger as well", () => {
    expect(kinds(candidateOf({}, {}, [4242]).dangers)).toEqual(["container-init"]);
    expect(kinds(candidateOf({ stale: ["deleted-file"] }, {}, [4242]).dangers)).toEqual([
      "lost-file",
      "container-init",
    ]);
    expect(candidateOf({}, {}, [1]).dangers).toEqual([]);
  });
});

/** A -wal with so many frames after its last commit. */
const wal = (uncommittedFrames: number): DatabaseReport["wal"] => ({
  frames: 3,
  uncommittedFrames,
  checkpointedFrames: 0,
  checkpointedKnown: false,
  readMarks: [],
  unreadBytes: 0,
  complete: true,
});

describe("who waits for a reader", () => {
  const reader = holder({ pid: 2, activity: "reading", terminal: null });
  const waiter = holder({
    pid: 1,
    activity: "checkpointing",
    blocks: ["writers", "checkpoints"],
    terminal: null,
  });
  const wait: Wait = { pid: 1, for: "checkpoint", lock: "READ1", blockedBy: [2], byUnknown: false, sure: "proved" };
  const candidates = (waits: readonly Wait[]) =>
    candidatesOf(databaseReport({ journalMode: "wal", holders: [waiter, reader], waits }), new Set());
  const taken = (waits: readonly Wait[]) =>
    candidates(waits).flatMap(({ takenByYes, holder: { pid } }) => (takenByYes ? [pid] : []));

  test("--yes takes the reader, which loses nothing, and not the one that waits", () => {
    expect(taken([wait])).toEqual([2]);
    expect(taken([{ ...wait, for: "commit", lock: "EXCLUSIVE" }])).toEqual([2]);
    expect(candidates([wait]).map(({ holder: { pid } }) => pid)).toEqual([2, 1]);
  });

  test("silent: it waits for nobody; for somebody who cannot be seen; in the kernel for a lock", () => {
    expect(taken([])).toEqual([1]);
    expect(taken([{ ...wait, blockedBy: [], byUnknown: true }])).toEqual([1]);
    expect(taken([{ ...wait, pid: 3, for: "lock" }])).toEqual([1]);
  });

  test("both are told what the end of the reader does", () => {
    const [first, second] = candidates([wait]);
    expect(first?.consequences).toEqual([
      { kind: "read-transaction" },
      { kind: "lets-go-on", pid: 1, what: "checkpoint" },
    ]);
    expect(second?.consequences).toContainEqual({ kind: "waits-for-readers", what: "checkpoint", pids: [2] });
  });
});

describe("consequences", () => {
  test.each<[Partial<Holder>, Partial<DatabaseReport>, object[]]>([
    [{ activity: "writing" }, {}, [{ kind: "write-transaction", wal: false }]],
    [
      { activity: "reading", name: "litestream" },
      { journalMode: "wal" },
      [{ kind: "read-transaction" }, { kind: "reader-on-purpose", reader: "litestream" }],
    ],
    [
      {},
      { findings: [finding("foreign-writer", [4242])] },
      [{ kind: "danger", danger: { kind: "half-written", pid: 4242 } }],
    ],
    [{ activity: "committing" }, { journalMode: "wal" }, [{ kind: "write-transaction", wal: true }]],
    [{ activity: "reading" }, {}, [{ kind: "read-transaction" }]],
    [{ activity: "checkpointing" }, {}, [{ kind: "repeated", activity: "checkpointing" }]],
    [{ activity: "recovering" }, {}, [{ kind: "repeated", activity: "recovering" }]],
    [{ activity: "idle" }, {}, [{ kind: "no-lock" }]],
    [{ activity: "unknown" }, {}, [{ kind: "unknown-activity" }]],
    [{ state: "stopped" }, {}, [{ kind: "no-lock" }, { kind: "stopped", process: { pid: 4242, uid: 1000 } }]],
    [{ container: "db-1" }, {}, [{ kind: "no-lock" }, { kind: "container", container: "db-1", uid: null }]],
    [
      { container: "db-1", containerUid: 7 },
      {},
      [{ kind: "no-lock" }, { kind: "container", container: "db-1", uid: 7 }],
    ],
    [
      { unit: "app.service", unitManager: "system" },
      {},
      [{ kind: "no-lock" }, { kind: "service", unit: "app.service", unitManager: "system", unitUid: null }],
    ],
    [
      { unit: "app.service", unitManager: "user", unitUid: 1001 },
      {},
      [{ kind: "no-lock" }, { kind: "service", unit: "app.service", unitManager: "user", unitUid: 1001 }],
    ],
    [{ unit: "session-1.scope" }, {}, [{ kind: "no-lock" }]],
    [{ terminal: "pts/3" }, {}, [{ kind: "no-lock" }, { kind: "terminal", terminal: "pts/3" }]],
  ])("%j %j", (change, database, expected) => {
    expect(candidateOf(change, database).consequences).toEqual(expected);
  });

  test("EXCLUSIVE in WAL mode is no sign of a transaction, and a foreign lock is none of SQLite's at all", () => {
    const of = (name: Lock["name"], database: Partial<DatabaseReport>) =>
      candidateOf({ activity: "exclusive", locks: [lock(name)] }, database).consequences;
    const inWal = { kind: "exclusive-in-wal", uncommittedFrames: null };
    expect(of("EXCLUSIVE", { journalMode: "wal" })).toEqual([inWal]);
    expect(of("EXCLUSIVE", { journalMode: "wal", wal: wal(12) })).toEqual([{ ...inWal, uncommittedFrames: 12 }]);
    expect(of("FOREIGN", {})).toEqual([{ kind: "foreign-lock" }]);
  });

  test("with a lost file, or without a journal, no transaction is said to be rolled back", () => {
    const lost = candidateOf({ activity: "writing", stale: ["deleted-file"] });
    expect(kinds(lost.consequences)).toEqual(["danger"]);
    const exclusive = candidateOf({ activity: "exclusive", locks: [lock("EXCLUSIVE")], terminal: "pts/3" });
    expect(kinds(exclusive.consequences)).toEqual(["danger", "terminal"]);
    expect(kinds(candidateOf({}, {}, [4242]).consequences)).toEqual(["danger", "no-lock"]);
    const [wal] = candidatesOf(databaseReport({ journalMode: "wal", holders: [walWriter()] }), new Set());
    expect(wal?.consequences).toContainEqual({ kind: "write-transaction", wal: true });
  });
});
