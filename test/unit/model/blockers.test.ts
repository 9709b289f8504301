import { describe, expect, test } from "vitest";
import { blocksSomebody } from "../../../src/model/blockers.ts";
import { type Related, relate } from "../../../src/model/relate.ts";
import type { Blocker, ChangesHands, Holder, Wait } from "../../../src/model/report.ts";
import type { LockName } from "../../../src/sqlite/locks.ts";
import { summaryOf } from "../../../src/text/blocker.ts";
import { database, holder, lock } from "../../support/report.ts";
import { handleSeen, kernelLock, type Look, look, processSeen, reserved } from "../../support/snapshot.ts";

const WAL = {
  frames: 3021,
  uncommittedFrames: 0,
  checkpointedFrames: 12,
  checkpointedKnown: true,
  readMarks: [0, 3021, 512, null, null],
  unreadBytes: 0,
  complete: true,
};
const sentence = (change: Partial<Holder>, wal = false) =>
  summaryOf(
    database({
      ...(wal ? { journalMode: "wal", wal: WAL } : {}),
      holders: [holder({ commandLine: ["app"], idleMs: 60_000, ...change })],
    }),
  )[0];

test("who blocks whom, for each activity", () => {
  const journalMode = "journal-mode";
  // long-lines: each sentence is one line
  expect([
    sentence({ activity: "writing", blocks: ["writers", journalMode], locks: [lock("RESERVED")] }),
    sentence({ activity: "writing", blocks: ["readers", "writers", journalMode], locks: [lock("EXCLUSIVE")] }),
    sentence({ activity: "committing", blocks: ["readers", "writers", journalMode], locks: [lock("PENDING")] }),
    sentence({ activity: "exclusive", blocks: ["readers", "writers", journalMode], locks: [lock("EXCLUSIVE")] }),
    sentence({ activity: "exclusive", blocks: ["readers", "writers", journalMode], locks: [lock("FOREIGN")] }),
    sentence({ activity: "reading", blocks: ["commits", journalMode], locks: [lock("SHARED")], idleMs: 20 }),
    sentence({ activity: "reading", blocks: ["checkpoints", journalMode], readMark: 512, state: "stopped" }, true),
    sentence({ activity: "reading", blocks: ["checkpoints", journalMode], readMark: 0, idleMs: null }, true),
    sentence({ activity: "checkpointing", blocks: ["checkpoints", journalMode] }, true),
    sentence({ activity: "checkpointing", blocks: ["writers", "checkpoints", journalMode] }, true),
    sentence({ activity: "recovering", blocks: ["readers", "writers", "checkpoints", journalMode] }, true),
    sentence({ activity: "idle", blocks: ["writers", "commits", journalMode], locks: [lock("FOREIGN")] }),
  ]).toMatchInlineSnapshot(`
    [
      "4242 (app) holds the write lock, asleep for 1 m 0 s: every other writer gets 'database is locked'.",
      "4242 (app) is writing with the EXCLUSIVE lock, asleep for 1 m 0 s: every other reader and writer gets 'database is locked'.",
      "4242 (app) holds PENDING, likely since a commit that was refused, asleep for 1 m 0 s: every other reader and writer gets 'database is locked'.",
      "4242 (app) holds the EXCLUSIVE lock, asleep for 1 m 0 s: every other reader and writer gets 'database is locked'.",
      "4242 (app) holds a lock that is not SQLite's on SQLite's bytes, asleep for 1 m 0 s: every other reader and writer gets 'database is locked'.",
      "4242 (app) is reading, active within the last second: no writer can commit until it has finished.",
      "4242 (app) reads the snapshot at frame 512 and keeps 2,509 WAL frames from being copied back, stopped for 1 m 0 s: the WAL cannot be reset or shrink until it has finished.",
      "4242 (app) reads only the database file (READ0) and keeps 3,009 WAL frames from being copied back: the WAL cannot be reset or shrink until it has finished.",
      "4242 (app) is checkpointing, asleep for 1 m 0 s: the WAL cannot be reset or shrink until it has finished.",
      "4242 (app) is checkpointing and holds the write lock, asleep for 1 m 0 s: every other writer gets 'database is locked'.",
      "4242 (app) is recovering the WAL, asleep for 1 m 0 s: every other reader and writer gets 'database is locked'.",
      "4242 (app) holds a lock that is not SQLite's on SQLite's bytes, asleep for 1 m 0 s: every other writer gets 'database is locked'.",
    ]
  `);
  // long-lines end
});

describe("one that keeps others out, and gets on or waits", () => {
  const writing = { commandLine: ["app"], activity: "writing", blocks: ["writers"], idleMs: 20 } as const;
  const progress = { commits: 9, counterMoved: true, withinMs: 52 };
  const reader = holder({ pid: 4243, commandLine: ["report"], activity: "reading" });
  const wait: Wait = {
    pid: 4242,
    for: "commit",
    lock: "EXCLUSIVE",
    blockedBy: [4243],
    byUnknown: false,
    sure: "proved",
  };
  const first = (change: Partial<Holder>, of: Partial<Related>) =>
    summaryOf(database({ ...of, holders: [holder({ ...writing, ...change }), reader] }))[0];

  test("commits in between: contention, not a holder that is stuck", () => {
    expect(first({}, { progress })).toBe(
      "4242 (app) holds the write lock at this moment; the lock was released in between (at least 9 commits within " +
        "52 ms): another writer that waits for it " +
        "(busy timeout) likely gets it.",
    );
    expect(
      first({ blocks: ["readers", "writers"] }, { progress: { commits: 1, counterMoved: true, withinMs: 50 } }),
    ).toContain("(at least 1 commit within 50 ms): another reader or writer that waits");
  });

  test("a commit, and no proof that the lock was released: unknown; in WAL mode EXCLUSIVE is kept", () => {
    const moved = { commits: 0, counterMoved: true, withinMs: 52 };
    expect(first({}, { progress: moved })).toBe(
      "4242 (app) holds the write lock at this moment; it commits (seen within 52 ms), and it is unknown whether it " +
        "released the lock in between: another writer that waits for it (busy timeout) gets it, unless the lock is " +
        "kept (locking_mode=EXCLUSIVE).",
    );
    expect(first({}, { progress: moved, journalMode: "wal" })).toContain("every other writer gets");
  });

  test("silent next to it: no commit, none that could be counted, or one that does not run", () => {
    const stuck = "4242 (app) holds the write lock, active within the last second: every other writer gets";
    expect(first({}, { progress: { commits: 0, counterMoved: false, withinMs: 52 } })).toContain(stuck);
    expect(first({}, { progress: null })).toContain(stuck);
    expect(first({ idleMs: 60_000 }, { progress })).toContain("asleep for 1 m 0 s: every other writer gets");
    expect(first({ state: "stopped" }, { progress })).toContain("every other writer gets");
  });

  test("a commit that waits names the readers", () => {
    const committing = { activity: "committing", blocks: ["readers", "writers"] } as const;
    expect(first(committing, { waits: [wait] })).toBe(
      "4242 (app) waits to commit until the read of 4243 (report) has finished (PENDING), active within the last " +
        "second: every other reader and writer gets 'database is locked'.",
    );
    expect(first(committing, { waits: [{ ...wait, blockedBy: [4243, 7], byUnknown: true }] })).toContain(
      "until the reads of 4243 (report), 7 and an unknown process have finished",
    );
    expect(first(committing, {})).toContain("4242 (app) holds PENDING for a commit, ");
  });

  test("a checkpoint that waits names the readers", () => {
    const checkpointing = { activity: "checkpointing", blocks: ["writers", "checkpoints"] } as const;
    const waits: Wait[] = [{ ...wait, for: "checkpoint", lock: "READ1" }];
    expect(first(checkpointing, { waits })).toMatch(
      /every other writer gets 'database is locked'\. Its checkpoint waits for the read of 4243 \(report\)\.$/,
    );
    expect(first(checkpointing, { waits: waits.map((each) => ({ ...each, sure: "likely" })) })).toMatch(
      /Its checkpoint likely waits for /,
    );
    expect(first(checkpointing, {})).not.toContain("Its checkpoint");
  });

  test("EXCLUSIVE in WAL mode is no sign of a transaction; frames after the last commit are", () => {
    const exclusive = { activity: "exclusive", blocks: ["readers", "writers"], locks: [lock("EXCLUSIVE")] } as const;
    expect(first(exclusive, { journalMode: "wal", wal: WAL })).toContain(
      "(likely locking_mode=EXCLUSIVE; whether it has a transaction open cannot be seen from outside)",
    );
    expect(first(exclusive, { journalMode: "wal", wal: { ...WAL, uncommittedFrames: 12 } })).toContain(
      "(likely locking_mode=EXCLUSIVE; it likely has a write transaction open, with 12 frames not committed)",
    );
  });

  test("who waits in the kernel, and for whom; a holder that a finding explains is named all the same", () => {
    const inKernel: Wait = { ...wait, pid: 4243, for: "lock", lock: "WRITE", blockedBy: [4242] };
    const of = (change: Partial<Wait>) =>
      summaryOf(database({ holders: [holder(writing), reader], waits: [{ ...inKernel, ...change }] }), new Set([4242]));
    expect(of({})).toEqual(["4243 (report) waits for WRITE (F_SETLKW); 4242 (app) blocks it."]);
    expect(of({ blockedBy: [] })).toEqual([
      "4243 (report) waits for WRITE (F_SETLKW); the process that holds it cannot be seen.",
    ]);
  });
});

test("a holder that is only in the way of the journal mode blocks nobody", () => {
  expect(blocksSomebody(holder())).toBe(false);
  expect(blocksSomebody(holder({ blocks: ["journal-mode"] }))).toBe(false);
  expect(blocksSomebody(holder({ blocks: ["commits"] }))).toBe(true);
  expect(summaryOf(database({ holders: [holder({ blocks: ["journal-mode"] })] }))).toEqual([]);
});

test("of locks that keep others from the same thing, one that proves its owner is named", () => {
  const locks = [
    kernelLock({ api: "ofd", type: "write", start: 1073741825n, end: 1073741825n, pid: null }),
    kernelLock({ api: "posix", type: "read", start: 1073741825n, end: 1073741825n }),
  ];
  const [seen, snapshot] = look({ handles: { 4242: [handleSeen({ locks })] } });
  const { blockers } = relate(seen, snapshot, 10_000);
  expect(blockers.filter(({ effect }) => effect === "writers")).toMatchObject([{ pid: 4242, sure: "proved" }]);
});

test("locks of nobody known", () => {
  expect(
    summaryOf(database({ unownedLocks: [lock("RESERVED", { api: "ofd" }), lock("SHARED", { api: "ofd" })] })),
  ).toEqual(["An unknown process holds RESERVED (an OFD lock: only the descriptors of its owner show it)."]);
  expect(
    summaryOf(
      database({ unownedLocks: [lock("SHARED", { api: "ofd" }), lock("EXCLUSIVE", { api: "ofd", waiting: true })] }),
    ),
  ).toEqual([]);
});

function unknownBlocker(lock: Blocker["lock"], effect: Blocker["effect"]): Blocker {
  return { pid: null, lock, effect, heldAtLeastMs: null, heldLikelyMs: null, waitsFor: [], sure: "unknown" };
}

test.each<[string, Partial<Related>, string[]]>([
  [
    "all descriptors of all threads were read",
    { unownedLocks: [lock("RESERVED", { api: "ofd" }), lock("SHARED", { api: "ofd" })], unownedSearched: "everything" },
    [
      "A process that cannot be seen holds RESERVED, SHARED: no process or thread has a descriptor that shows it. It " +
        "is on its way through a unix socket, or kept by io_uring.",
    ],
  ],
  [
    "some could not be looked into",
    { unownedLocks: [lock("SHARED", { api: "ofd" })], unownedSearched: "visible" },
    [
      "A process that cannot be seen holds SHARED: no process or thread that can be inspected has a descriptor that " +
        "shows it. Another process has it, or it is on its way through a unix socket, or kept by io_uring.",
    ],
  ],
  [
    "there were too many threads",
    { unownedLocks: [lock("SHARED", { api: "ofd" })], unownedSearched: "part" },
    [
      "A process that cannot be seen holds SHARED: no process or thread that could be inspected in time has a " +
        "descriptor that shows it. Another process has it, or it is on its way through a unix socket, or kept by " +
        "io_uring.",
    ],
  ],
  [
    "what they block is told, though not who has them",
    {
      unownedLocks: [lock("RESERVED", { api: "ofd" })],
      unownedSearched: "visible",
      blockers: [unknownBlocker("RESERVED", "writers"), unknownBlocker("RESERVED", "journal-mode")],
    },
    [
      "A process that cannot be seen holds RESERVED: no process or thread that can be inspected has a descriptor " +
        "that shows it. Another process has it, or it is on its way through a unix socket, or kept by io_uring. " +
        "Every other writer gets 'database is locked'.",
    ],
  ],
  [
    "of SHARED in WAL mode, which blocks a change of the mode alone, nothing is told",
    {
      unownedLocks: [lock("SHARED")],
      unownedSearched: "lock-owners",
      blockers: [unknownBlocker("SHARED", "journal-mode")],
    },
    [],
  ],
  [
    "a POSIX lock, which goes with its descriptor",
    { unownedLocks: [lock("RESERVED")], unownedSearched: "everything" },
    [
      "A process that cannot be seen holds RESERVED: no process or thread has a descriptor that shows it. It " +
        "belongs to a process that has ended or closed the file, or to a client of this NFS server.",
    ],
  ],
  ["none of SQLite's", { unownedLocks: [lock("FOREIGN", { api: "flock" })], unownedSearched: "everything" }, []],
  [
    "a lock that changes hands is told once",
    {
      unownedLocks: [lock("RESERVED")],
      unownedSearched: "everything",
      changesHands: [changesHands("RESERVED", [7, 8, 9], 62)],
    },
    ["RESERVED changes hands: 3 processes had it within 62 ms, the last seen was 9."],
  ],
  [
    "several that change hands, held by nobody at this moment",
    { changesHands: [changesHands("SHARED", [7, 8], 9), changesHands("RESERVED", [8, 9], 20)] },
    ["RESERVED, SHARED change hands: 3 processes had them within 20 ms."],
  ],
])("locks of nobody who was seen: %s", (_, change, expected) => {
  expect(summaryOf(database(change))).toEqual(expected);
});

function changesHands(name: LockName, pids: number[], withinMs: number): ChangesHands {
  const { waiting: _, ...each } = lock(name);
  return { ...each, pids, withinMs };
}

describe("blockers as data", () => {
  const blockersIn = (at: Look) => relate(...look(at), 10_000).blockers;

  test("a forgotten writer in rollback mode: its lock, what it keeps others from, how old, how sure", () => {
    const handles = { 4242: [handleSeen({ locks: [kernelLock(), reserved(4242)] })] };
    const age = { heldAtLeastMs: 60_000, heldLikelyMs: null, sure: "proved", waitsFor: [] };
    expect(blockersIn({ handles })).toEqual([
      { pid: 4242, lock: "RESERVED", effect: "writers", ...age },
      { pid: 4242, lock: "SHARED", effect: "commits", ...age },
      { pid: 4242, lock: "RESERVED", effect: "journal-mode", ...age },
    ]);
  });

  test("where a thread has ended, the age is likely, not proved", () => {
    const processes = [processSeen({ idleProvesLocks: false })];
    const [first] = blockersIn({ handles: { 4242: [handleSeen({ locks: [reserved(4242)] })] }, processes });
    expect(first).toMatchObject({ effect: "writers", heldAtLeastMs: null, heldLikelyMs: 60_000, sure: "proved" });
  });

  test("an OFD lock shows in every process that has its descriptor: likely this one; without any it is unknown", () => {
    const ofd = { ...reserved(4242), api: "ofd", pid: null } as const;
    const [seen] = blockersIn({ handles: { 4242: [handleSeen({ locks: [ofd] })] } });
    expect(seen).toMatchObject({ pid: 4242, heldAtLeastMs: null, heldLikelyMs: null, sure: "likely" });
    expect(blockersIn({ systemLocks: [{ role: "database", lock: ofd }] })).toEqual([
      {
        pid: null,
        lock: "RESERVED",
        effect: "writers",
        heldAtLeastMs: null,
        heldLikelyMs: null,
        sure: "unknown",
        waitsFor: [],
      },
      {
        pid: null,
        lock: "RESERVED",
        effect: "journal-mode",
        heldAtLeastMs: null,
        heldLikelyMs: null,
        sure: "unknown",
        waitsFor: [],
      },
    ]);
  });

  test("a lock on a deleted file, one that is waited for, and one that lsof cannot see block nobody", () => {
    const deleted = handleSeen({ deleted: true, file: "65024:999", locks: [reserved(4242)] });
    expect(blockersIn({ handles: { 4242: [deleted] } })).toEqual([]);
    // the same file, by a descriptor or another of its names: there it counts
    const same = handleSeen({ deleted: true, locks: [reserved(4242)] });
    expect(blockersIn({ handles: { 4242: [same] } })).not.toEqual([]);
    // no file is at the path: a program that opens it makes a new one, whatever is held on the old one or beside it
    for (const handle of [deleted, same, handleSeen({ locks: [reserved(4242)] })])
      expect(blockersIn({ target: { files: [] }, handles: { 4242: [handle] } })).toEqual([]);
    const waits = { ...reserved(4242), waiting: true };
    expect(blockersIn({ handles: { 4242: [handleSeen({ locks: [waits] })] } })).toEqual([]);
    expect(blockersIn({ source: "lsof", handles: { 4242: [handleSeen()] } })).toEqual([]);
  });
});
