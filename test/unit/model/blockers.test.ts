import { expect, test } from "vitest";
import { blocksSomebody, keepsOut, summaryOf } from "../../../src/model/blockers.ts";
import type { Holder } from "../../../src/model/report.ts";
import { database, holder, lock, walWriter } from "../../support/report.ts";

const WAL = { frames: 3021, checkpointedFrames: 12, readMarks: [0, 3021, 512, null, null] };
const sentence = (change: Partial<Holder>, wal = false) =>
  summaryOf(
    database({
      ...(wal ? { journalMode: "wal", wal: WAL } : {}),
      holders: [holder({ commandLine: ["app"], idleMs: 60_000, ...change })],
    }),
  )[0];

test("who blocks whom, for each activity", () => {
  const journalMode = "journal-mode";
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
      "4242 (app) waits to commit until the readers have finished (PENDING), asleep for 1 m 0 s: every other reader and writer gets 'database is locked'.",
      "4242 (app) holds the database in EXCLUSIVE mode, asleep for 1 m 0 s: every other reader and writer gets 'database is locked'.",
      "4242 (app) holds a lock that is not SQLite's on SQLite's bytes, asleep for 1 m 0 s: every other reader and writer gets 'database is locked'.",
      "4242 (app) is reading, active within the last second: no writer can commit until it has finished.",
      "4242 (app) reads the snapshot at frame 512 and keeps 2,509 WAL frames from being copied back, stopped for 1 m 0 s: the WAL cannot shrink or start again until it has finished.",
      "4242 (app) reads the database file alone (READ0) and keeps 3,009 WAL frames from being copied back: the WAL cannot shrink or start again until it has finished.",
      "4242 (app) is checkpointing, asleep for 1 m 0 s: the WAL cannot shrink or start again until it has finished.",
      "4242 (app) is checkpointing and holds the write lock, asleep for 1 m 0 s: every other writer gets 'database is locked'.",
      "4242 (app) is recovering the WAL, asleep for 1 m 0 s: every other reader and writer gets 'database is locked'.",
      "4242 (app) holds a lock that is not SQLite's on SQLite's bytes, asleep for 1 m 0 s: every other writer gets 'database is locked'.",
    ]
  `);
});

test("a holder that is only in the way of the journal mode blocks nobody", () => {
  expect(blocksSomebody(holder())).toBe(false);
  expect(blocksSomebody(holder({ blocks: ["journal-mode"] }))).toBe(false);
  expect(blocksSomebody(holder({ blocks: ["commits"] }))).toBe(true);
  expect(summaryOf(database({ holders: [holder({ blocks: ["journal-mode"] })] }))).toEqual([]);
});

test("locks of nobody known", () => {
  expect(
    summaryOf(database({ unownedLocks: [lock("RESERVED", { api: "ofd" }), lock("SHARED", { api: "ofd" })] })),
  ).toEqual(["somebody unknown holds RESERVED (an OFD lock: its owner shows only in its own descriptors)."]);
  expect(
    summaryOf(
      database({ unownedLocks: [lock("SHARED", { api: "ofd" }), lock("EXCLUSIVE", { api: "ofd", waiting: true })] }),
    ),
  ).toEqual([]);
});

test("keepsOut: readers or writers, now", () => {
  expect(keepsOut(database({ holders: [walWriter()] }))).toBe(true);
  expect(keepsOut(database({ holders: [holder({ blocks: ["commits", "checkpoints", "journal-mode"] })] }))).toBe(false);
  expect(keepsOut(database({ unownedLocks: [lock("WRITE", { api: "ofd" })] }))).toBe(true);
  expect(keepsOut(database({ unownedLocks: [lock("READ1", { api: "ofd" })] }))).toBe(false);
});
