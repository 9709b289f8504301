/** The verdict in words: as sure as the evidence, and within two lines of 80 columns. */
import { describe, expect, test } from "vitest";
import type { Related } from "../../../src/model/relate.ts";
import type { Blocker, Finding, Holder, Wait } from "../../../src/model/report.ts";
import { type Circumstances, verdictOf } from "../../../src/model/verdict.ts";
import { paragraph } from "../../../src/render/paragraph.ts";
import { PLAIN } from "../../../src/render/style.ts";
import { verdictSentence } from "../../../src/text/verdict.ts";
import { blocker, circumstances, database, holder, lock, wal, walWriter } from "../../support/report.ts";

function sentence(change: Partial<Related>, seen: Partial<Circumstances> = {}, columns: number | null = null): string {
  const all = circumstances(seen);
  const related = database(change);
  return verdictSentence(verdictOf(related, all), related, { ...all, columns });
}

/** One holder that blocks writers. */
const locked = (change: Partial<Holder> = {}, by: Partial<Blocker> = {}, more: Partial<Related> = {}) =>
  sentence({
    holders: [walWriter(change)],
    blockers: [blocker({ effect: "writers", heldAtLeastMs: 252_000, ...by })],
    ...more,
  });
const NAME = "4242 (python manage.py shell)";

describe("blocked", () => {
  test.each<[string, Partial<Holder>, Partial<Blocker>, string]>([
    ["proved", { stale: [] }, {}, `Locked for writers: ${NAME} has held the write lock for at least 4 m 12 s.`],
    ["idle", {}, {}, `Locked for writers: ${NAME} has held the write lock for at least 4 m 12 s and is idle.`],
    [
      "likely so old",
      { stale: ["likely-idle-in-transaction"] },
      { heldAtLeastMs: 200, heldLikelyMs: 14_000 },
      `Locked for writers: ${NAME} has likely held the write lock for 14 s and is likely idle.`,
    ],
    [
      "of a proved age below a second",
      { stale: [] },
      { heldAtLeastMs: 300 },
      `Locked for writers: ${NAME} has held the write lock for at least 0.3 s.`,
    ],
    [
      "of an age that says nothing",
      { stale: [] },
      { heldAtLeastMs: 30 },
      `Locked for writers: ${NAME} has held the write lock for an unknown time.`,
    ],
    [
      "an OFD lock",
      { stale: [] },
      { sure: "likely", heldAtLeastMs: null },
      `Locked for writers: likely ${NAME} has held the write lock for an unknown time.`,
    ],
    [
      "stopped",
      { state: "stopped" },
      {},
      `Locked for writers: ${NAME} has held the write lock for at least 4 m 12 s and is stopped.`,
    ],
    [
      "frozen",
      { frozen: { path: "/sys/fs/cgroup/a", version: 2 } },
      {},
      `Locked for writers: ${NAME} has held the write lock for at least 4 m 12 s and is frozen.`,
    ],
    [
      "in the kernel",
      { uninterruptible: { idleMs: 9000, waitsIn: null } },
      {},
      `Locked for writers: ${NAME} has held the write lock for at least 4 m 12 s and hangs in the kernel (state D).`,
    ],
    [
      "exclusive",
      { stale: [], activity: "exclusive", locks: [lock("EXCLUSIVE")] },
      { effect: "readers" },
      `Locked for readers: ${NAME} has held the EXCLUSIVE lock for at least 4 m 12 s.`,
    ],
    [
      "a commit that was refused and given up",
      { activity: "committing", idleMs: 252_000 },
      { effect: "readers" },
      `Locked for readers: ${NAME} has held PENDING (likely since a commit that was refused) for at least 4 m 12 s ` +
        "and is idle.",
    ],
    [
      "a commit that may go on",
      { stale: [], activity: "committing", idleMs: 0 },
      { effect: "readers", heldAtLeastMs: 0 },
      `Locked for readers: ${NAME} has held PENDING for a commit for an unknown time.`,
    ],
    [
      "reading",
      { stale: [], activity: "reading", locks: [lock("SHARED")] },
      { effect: "commits" },
      `Locked for commits: ${NAME} has had a read open for at least 4 m 12 s.`,
    ],
    [
      "recovering",
      { stale: [], activity: "recovering" },
      { heldAtLeastMs: null },
      `Locked for writers: ${NAME} has been recovering the WAL for an unknown time.`,
    ],
    [
      "a lock on SQLite's bytes that is none of SQLite's",
      { stale: [], activity: "idle" },
      {},
      `Locked for writers: ${NAME} has held a lock that is not SQLite's for at least 4 m 12 s.`,
    ],
  ])("%s", (_, change, by, expected) => {
    expect(locked(change, by)).toBe(expected);
  });

  const seen = (inEachLook: readonly number[], withinMs = 612) =>
    ({ progress: { commits: 0, counterMoved: false, withinMs, looks: 24, inEachLook } }) as const;
  const inEach = "in each of 24 checks within 0.6 s";

  test.each<[string, Partial<Related>, number | null, string]>([
    ["in each look", seen([4242]), null, inEach],
    ["in each look, longer than what is proved", seen([4242]), 30, inEach],
    ["in each look, and proved", seen([4242]), 300, "for at least 0.3 s"],
    ["in each of a few looks", seen([4242], 60), null, "for an unknown time"],
    ["not in each look", seen([]), null, "for an unknown time"],
  ])("%s", (_, more, heldAtLeastMs, expected) => {
    expect(locked({ stale: [] }, { heldAtLeastMs }, more)).toBe(
      `Locked for writers: ${NAME} has held the write lock ${expected}.`,
    );
  });

  describe("EXCLUSIVE in rollback mode", () => {
    const text = (change: Partial<Holder>, age: Partial<Blocker>, more: Partial<Related> = {}) =>
      locked(
        { stale: [], activity: "writing", blocks: ["readers", "writers"], locks: [lock("EXCLUSIVE")], ...change },
        { effect: "readers", heldAtLeastMs: null, ...age },
        { journalMode: "rollback", ...more },
      );
    const start = `Locked for readers: ${NAME}`;
    const kept = { activity: "exclusive" } as const;
    test.each<[string, Partial<Holder>, Partial<Blocker>, Partial<Related>, string]>([
      ["a commit", {}, {}, {}, "is likely writing its commit (EXCLUSIVE lock)"],
      ["a long commit", {}, {}, seen([4242]), `is likely writing its commit (EXCLUSIVE lock, ${inEach})`],
      ["a commit without a journal", kept, {}, {}, "is likely writing its commit (EXCLUSIVE lock)"],
      ["kept without a transaction", kept, {}, seen([4242]), `has held the EXCLUSIVE lock ${inEach}`],
      ["old", kept, { heldAtLeastMs: 9000 }, {}, "has held the EXCLUSIVE lock for at least 9 s"],
      ["likely old", {}, { heldLikelyMs: 9000 }, {}, "has likely held the EXCLUSIVE lock of a write for 9 s"],
      [
        "stopped",
        { state: "stopped" },
        {},
        {},
        "has held the EXCLUSIVE lock of a write for an unknown time and is stopped",
      ],
      ["in WAL mode", kept, {}, { journalMode: "wal" }, "has held the EXCLUSIVE lock for an unknown time"],
    ])("%s", (_, change, age, more, expected) => {
      expect(text(change, age, more)).toBe(`${start} ${expected}.`);
    });
  });

  test("waits for itself", () => {
    const findings: Finding[] = [
      { id: "same-process-contention", severity: "warning", pids: [4242], summary: "s", detail: "d", remedy: "r" },
    ];
    const at = { holders: [walWriter()], blockers: [blocker({ effect: "writers", heldAtLeastMs: 9000 })] };
    expect(sentence(at, { findings })).toBe(
      `Locked for writers: ${NAME} has held the write lock for at least 9 s and likely waits for itself.`,
    );
  });

  test("by a lock that no process which was seen has", () => {
    const blockers = [blocker({ pid: null, sure: "unknown" })];
    expect(sentence({ blockers, unownedSearched: "everything" })).toBe(
      "Locked for writers: a process that cannot be seen holds RESERVED.",
    );
    expect(sentence({ blockers, unownedSearched: "lock-owners" })).toBe(
      "Locked for writers: a process that was not looked for (--locks-only) holds RESERVED.",
    );
    // the known one blocks something else
    const reader = holder({ pid: 7, activity: "reading" });
    const reads = blocker({ pid: 7, lock: "SHARED", effect: "commits" });
    expect(sentence({ holders: [reader], blockers: [reads, ...blockers] })).toBe(
      "Locked for writers: a process that cannot be seen holds RESERVED.",
    );
  });

  test("beside others", () => {
    const read = (pid: number) => blocker({ pid, lock: "SHARED", effect: "commits" });
    const writes = blocker({ effect: "writers", heldAtLeastMs: 9000 });
    const text = (...others: Blocker[]) => locked({ stale: [] }, {}, { blockers: [writes, ...others] });
    const start = `Locked for writers: ${NAME} has held the write lock for at least 9 s`;
    expect(text(read(7))).toBe(`${start}; its commit has to wait for 1 read (7).`);
    expect(text(read(7), read(8))).toBe(`${start}; its commit has to wait for 2 reads (7 and 8).`);
    expect(text(blocker({ pid: 7 }))).toBe(`${start}; 1 more process blocks as well.`);
    expect(text(blocker({ pid: 7 }), blocker({ pid: 8 }))).toBe(`${start}; 2 more processes block as well.`);
  });

  test("a lock directory, a lock file", () => {
    const path = "/srv/app/db.sqlite3.lock";
    expect(sentence({ lockDirectory: { path, since: new Date(0) } })).toBe(
      "Locked for programs that lock by a directory: db.sqlite3.lock is there, and which process made it does not " +
        "show.",
    );
    expect(sentence({ lockDirectory: { path, since: new Date(0), pid: 77 } })).toBe(
      "Locked for programs that lock by a file: db.sqlite3.lock is there, with the pid 77.",
    );
  });
});

describe("a holder that waits itself", () => {
  const report = holder({ pid: 7, commandLine: ["python", "report.py"], activity: "reading", heldAtLeastMs: 9000 });
  const COMMIT = {
    pid: 4242,
    for: "commit",
    lock: "EXCLUSIVE",
    blockedBy: [7],
    byUnknown: false,
    sure: "proved",
  } as const;
  const writer = walWriter({ activity: "committing", commandLine: ["python", "app.py"] });
  const waits = (change: Partial<Wait> = {}, reader: Partial<Holder> = {}) =>
    sentence({
      holders: [writer, { ...report, ...reader }, holder({ pid: 8 })],
      blockers: [blocker({ lock: "PENDING", effect: "readers" }), blocker({ effect: "writers" })],
      waits: [{ ...COMMIT, ...change }],
    });
  const start = "Locked for readers and writers: ";

  test.each<[string, Partial<Wait>, Partial<Holder>, string]>([
    [
      "for a read",
      {},
      {},
      "the read of 7 (python report.py), open for at least 9 s, keeps 4242 (python app.py) from committing.",
    ],
    [
      "likely",
      { sure: "likely" },
      { heldAtLeastMs: null },
      "the read of 7 (python report.py), open for an unknown time, likely keeps 4242 (python app.py) from committing.",
    ],
    [
      "for one that is stopped",
      {},
      { state: "stopped" },
      "the read of 7 (python report.py), open for at least 9 s, which is stopped, keeps 4242 (python app.py) from " +
        "committing.",
    ],
    ["for several", { blockedBy: [7, 8] }, {}, "2 processes (7 and 8) keep 4242 (python app.py) from committing."],
    [
      "for one that cannot be seen",
      { blockedBy: [], byUnknown: true },
      {},
      "a process that cannot be seen keeps 4242 (python app.py) from committing.",
    ],
    [
      "with its checkpoint",
      { for: "checkpoint" },
      {},
      "the read of 7 (python report.py), open for at least 9 s, keeps 4242 (python app.py) from finishing its " +
        "checkpoint.",
    ],
    [
      "in the kernel",
      { for: "lock", lock: "WRITE" },
      {},
      "7 (python report.py) keeps 4242 (python app.py) from taking WRITE.",
    ],
  ])("%s", (_, wait, reader, expected) => {
    expect(waits(wait, reader)).toBe(start + expected);
  });
});

describe("busy", () => {
  const busy = (change: Partial<Related>) =>
    sentence({ holders: [walWriter()], blockers: [blocker({ effect: "writers" })], ...change });
  const counted = { commits: 6, counterMoved: true, withinMs: 85 };

  test("only what was seen is claimed", () => {
    expect(busy({ progress: counted })).toBe(
      `Busy, not stuck: ${NAME} holds the lock for moments (at least 6 commits within 85 ms).`,
    );
    expect(busy({ progress: { ...counted, seen: [4242, 7, 8] } })).toBe(
      "Busy, not stuck: 3 processes (4242, 7 and 8) take turns (at least 6 commits within 85 ms).",
    );
    expect(busy({ progress: { ...counted, commits: 0, released: [4242], withinMs: 51 } })).toBe(
      `Busy, not stuck: ${NAME} holds the lock for moments (the lock was released within 51 ms).`,
    );
  });
});

describe("not locked", () => {
  const WAL = { journalMode: "wal", wal: wal() } as const;
  const reader = walWriter({ activity: "reading", blocks: ["checkpoints", "journal-mode"], readMark: 10 });
  const unseen = { processes: 12, reasons: ["a"], reason: "a", remedy: "b" };

  test.each<[string, Partial<Related>, Partial<Circumstances>, string]>([
    ["nobody", {}, {}, "Not locked, nobody has it open."],
    [
      "nobody who can be seen",
      {},
      { unseen },
      "Not locked, no process that can be seen has it open; 12 processes could not be inspected.",
    ],
    ["--locks-only", {}, { locksOnly: true }, "Not locked. Open files were not looked for (--locks-only)."],
    ["one, idle", { holders: [holder()] }, {}, `Not locked. ${NAME} has it open and is idle.`],
    [
      "one that cannot be seen",
      { unownedLocks: [lock("DMS", { api: "ofd" })] },
      {},
      "Not locked. A process that cannot be seen has it open.",
    ],
    [
      "several, idle",
      { holders: [holder(), holder({ pid: 7 })] },
      {},
      "Not locked. 2 processes have it open, all idle.",
    ],
    [
      "several",
      { holders: [holder(), holder({ pid: 7, activity: "reading" }), holder({ pid: 8 })] },
      {},
      "Not locked. 3 processes have it open: 2 idle and 1 reading.",
    ],
    [
      "a read",
      { ...WAL, holders: [reader] },
      {},
      `Not locked. ${NAME} has had a read open for at least 4 m 12 s; it keeps 3,011 WAL frames from being copied ` +
        "back.",
    ],
    [
      "reads",
      { ...WAL, holders: [reader, { ...reader, pid: 7, heldAtLeastMs: 420_000 }] },
      {},
      "Not locked. 2 reads (4242 and 7) have been open, the oldest for at least 7 m 0 s; they keep 3,011 WAL frames " +
        "from being copied back.",
    ],
  ])("%s", (_, change, circumstances, expected) => {
    expect(sentence(change, circumstances)).toBe(expected);
  });
});

test.each<[string, Partial<Related>, Partial<Circumstances>, string]>([
  [
    "lsof",
    { holders: [holder(), holder({ pid: 7 })] },
    { source: "lsof" },
    "Unknown: 2 processes have it open, and lsof does not show their locks.",
  ],
  [
    "a container",
    {},
    { partialView: true, childNamespace: true },
    "Unknown: no process that can be seen has it open, and locks of processes outside this container (pid namespace) " +
      "do not show here.",
  ],
  [
    "a network file system",
    { holders: [holder()], fileSystem: { type: "nfs4", mountPoint: "/mnt", network: true, readOnly: false } },
    { partialView: true },
    "Unknown: no process that can be seen blocks it, and locks of other machines on its file system do not show here.",
  ],
  [
    "a lock of another kind",
    { holders: [holder({ locks: [lock("FOREIGN")] })] },
    {},
    `Unknown: ${NAME} uses it, and not by SQLite's default locks: whether it writes does not show.`,
  ],
])("unknown: %s", (_, change, circumstances, expected) => {
  expect(sentence(change, circumstances)).toBe(expected);
});

test("the longest sentences that are met have two lines of 80 columns", () => {
  const pid = 4_194_304;
  const long = { pid, commandLine: ["python3", "manage.py", "runserver_plus", "--settings=prod", "0.0.0.0:8000"] };
  const fits = (change: Partial<Related>) => sentence(change, {}, 80);
  const lines = (text: string) => paragraph(text, "  ", { ...PLAIN, width: 80 }).split("\n").length;
  const day = 86_340_000;
  const by = { pid, heldAtLeastMs: day } as const;
  const exclusive = { activity: "exclusive", locks: [lock("EXCLUSIVE")] } as const;
  const blockers = [blocker({ ...by, effect: "readers" }), blocker({ ...by, effect: "writers" })];
  for (const change of [exclusive, { activity: "writing", blocks: ["readers", "writers"] }] as const)
    expect(lines(fits({ holders: [walWriter({ ...long, ...change, state: "stopped" })], blockers }))).toBe(2);
  const reader = holder({ ...long, pid: pid - 1, activity: "reading", heldAtLeastMs: day });
  const waits: Wait[] = [
    { pid, for: "commit", lock: "EXCLUSIVE", blockedBy: [pid - 1], byUnknown: false, sure: "proved" },
  ];
  expect(lines(fits({ holders: [walWriter(long), reader], blockers, waits }))).toBe(2);
  // Through a pipe there is room for more of both.
  const text = sentence({ holders: [walWriter(long), reader], blockers, waits });
  for (const each of [pid - 1, pid])
    expect(text).toContain(`${each} (python3 manage.py runserver_plus --settings=prod 0.0.0.0:`);
});

test("a finding about several processes", () => {
  const finding = { id: "foreign-writer", severity: "warning", summary: "s", detail: "d", remedy: "r" } as const;
  const unsafe = [4242, 7].map((pid): Finding => ({ ...finding, pids: [pid] }));
  const holders = [holder(), holder({ pid: 7 })];
  expect(sentence({ holders }, { findings: unsafe, unsafe })).toBe(
    "Not safe to open: 2 processes (4242 and 7) likely write over the file, and not through SQLite.",
  );
  expect(sentence({ holders }, { findings: unsafe, unsafe: unsafe.slice(0, 1) })).toBe(
    `Not safe to open: ${NAME} likely writes over the file, and not through SQLite.`,
  );
});
