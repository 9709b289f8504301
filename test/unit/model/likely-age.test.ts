import { describe, expect, test } from "vitest";
import type { FileFacts } from "../../../src/model/file-facts.ts";
import { toHolder } from "../../../src/model/holder.ts";
import {
  likelyAgeOf,
  likelyForgottenMs,
  type TransactionOnFile,
  transactionOnFile,
} from "../../../src/model/likely-age.ts";
import { relate } from "../../../src/model/relate.ts";
import type { Lock } from "../../../src/model/report.ts";
import type { DatabaseFile, ProcessSeen, Target } from "../../../src/model/snapshot.ts";
import { lock } from "../../support/report.ts";
import {
  handleSeen,
  kernelLock,
  look,
  processSeen,
  ROLLBACK,
  reserved,
  targetFile,
  WAL,
} from "../../support/snapshot.ts";

const NOW = Date.UTC(2026, 1, 1);
const BEGUN = {
  header: "unsynced",
  sizeBytes: 4616,
  begun: true,
  committedBySuperJournal: false,
  pagesOfEmpty: 0,
} as const;
const WRITING: FileFacts = { ...ROLLBACK, journal: BEGUN };

/** Ages in ms: of the journal's birth and its last write, and of the database's last change. */
function files(born: number | null, written: number, changed: number): Target["files"] {
  const journal: Partial<DatabaseFile> = { bornMs: born === null ? null : NOW - born, writtenMs: NOW - written };
  return [targetFile("database", { changedMs: NOW - changed }), targetFile("journal", journal)];
}

const NETWORK = { type: "nfs4", mountPoint: "/", network: true, readOnly: false };

describe("what the files show of the transaction", () => {
  test.each<[string, Target["files"], Partial<Target>, FileFacts, TransactionOnFile | null]>([
    [
      "delete mode: since its journal was made",
      files(22_000, 10_000, 30_000),
      {},
      WRITING,
      { ms: 22_000, basis: "journal-born", unwrittenMs: 10_000 },
    ],
    [
      "another transaction used the file before (truncate, persist), or this one has spilled",
      files(90_000, 10_000, 30_000),
      {},
      WRITING,
      { ms: 10_000, basis: "journal-written", unwrittenMs: 10_000 },
    ],
    [
      "one that has spilled writes to the database alone",
      [
        targetFile("database", { changedMs: NOW - 100, writtenMs: NOW - 100 }),
        targetFile("journal", { bornMs: NOW - 22_000, writtenMs: NOW - 13_000 }),
      ],
      {},
      WRITING,
      { ms: 13_000, basis: "journal-written", unwrittenMs: 100 },
    ],
    [
      "no time of birth",
      files(null, 10_000, 30_000),
      {},
      WRITING,
      { ms: 10_000, basis: "journal-written", unwrittenMs: 10_000 },
    ],
    [
      "a journal that was copied here: its last write is older than it",
      files(10_000, 50_000, 90_000),
      {},
      WRITING,
      { ms: 50_000, basis: "journal-written", unwrittenMs: 50_000 },
    ],
    [
      "finished, in persist mode",
      files(90_000, 10_000, 10_000),
      {},
      { ...WRITING, journal: { ...BEGUN, begun: false } },
      null,
    ],
    ["nothing written yet", [targetFile("database")], {}, ROLLBACK, null],
    ["a time in the future: a clock was set", files(-5000, -5000, 30_000), {}, WRITING, null],
    ["a server's clock", files(22_000, 10_000, 30_000), { fileSystem: NETWORK }, WRITING, null],
    [
      "WAL: frames after the last commit",
      [targetFile("database"), targetFile("wal", { writtenMs: NOW - 40_000 })],
      {},
      { ...WAL, wal: WAL.wal === null ? null : { ...WAL.wal, uncommittedFrames: 7 } },
      { ms: 40_000, basis: "wal-written", unwrittenMs: 40_000 },
    ],
    [
      "WAL: none",
      [targetFile("database"), targetFile("wal", { writtenMs: NOW - 40_000 })],
      {},
      { ...WAL, wal: WAL.wal === null ? null : { ...WAL.wal, uncommittedFrames: 0 } },
      null,
    ],
    [
      "WAL: how many is not known",
      [targetFile("database"), targetFile("wal", { writtenMs: NOW - 40_000 })],
      {},
      { ...WAL, wal: WAL.wal === null ? null : { ...WAL.wal, uncommittedFrames: null } },
      null,
    ],
    ["a journal beside a WAL database", files(22_000, 10_000, 30_000), {}, { ...WAL, journal: BEGUN }, null],
  ])("%s", (_, of, target, facts, expected) => {
    const [seen, snapshot] = look({ facts, target: { files: of, ...target }, takenAt: new Date(NOW) });
    expect(transactionOnFile(seen, snapshot)).toEqual(expected);
  });
});

const ON_FILE: TransactionOnFile = { ms: 240_000, basis: "journal-born", unwrittenMs: 200_000 };
const RESERVED = [lock("RESERVED"), lock("SHARED")];

describe("for how long locks are likely held", () => {
  const ofAnother = [handleSeen({ locks: [kernelLock({ pid: 5000 })] })];
  test.each<[string, Partial<ProcessSeen>, readonly Lock[], TransactionOnFile | null, number | null, object | null]>([
    ["a thread has ended", { livingIdleMs: 14_000 }, RESERVED, null, null, { ms: 14_000, basis: "living-threads" }],
    ["proved", { livingIdleMs: 14_000 }, RESERVED, null, 14_000, null],
    [
      "threads that wake by themselves",
      { livingIdleMs: 200 },
      RESERVED,
      ON_FILE,
      200,
      { ms: 240_000, basis: "journal-born" },
    ],
    // a thread that slept, took the lock and ended: those that are left have not run for longer
    [
      "the files know better",
      { livingIdleMs: 300_000 },
      RESERVED,
      ON_FILE,
      null,
      { ms: 240_000, basis: "journal-born" },
    ],
    ["proved for nearly as long", { livingIdleMs: 150_000 }, RESERVED, ON_FILE, 150_000, null],
    ["a reader: the transaction is another's", { livingIdleMs: 200 }, [lock("SHARED")], ON_FILE, 200, null],
    ["rolling back a hot journal", { livingIdleMs: 200 }, [lock("EXCLUSIVE")], ON_FILE, 200, null],
    ["waiting for RESERVED", { livingIdleMs: 200 }, [lock("RESERVED", { waiting: true })], ON_FILE, null, null],
    ["an OFD lock", { livingIdleMs: 14_000 }, [lock("SHARED", { api: "ofd" })], null, null, null],
    [
      "an OFD lock, by the files",
      {},
      [lock("RESERVED", { api: "ofd" })],
      ON_FILE,
      null,
      { ms: 240_000, basis: "journal-born" },
    ],
    ["nobody knows when it ran", { livingIdleMs: null }, RESERVED, null, null, null],
    ["no lock", { livingIdleMs: 14_000 }, [], null, null, null],
  ])("%s", (_, change, locks, transaction, proved, expected) => {
    const parts = { process: processSeen(change), handles: [handleSeen()] };
    expect(likelyAgeOf(parts, locks, transaction, proved)).toEqual(expected);
  });

  test("its table of descriptors is another process's as well", () => {
    const parts = { process: processSeen({ livingIdleMs: 14_000 }), handles: ofAnother };
    expect(likelyAgeOf(parts, RESERVED, null, null)).toBeNull();
  });
});

test.each<[string, Partial<ProcessSeen>, readonly Lock[], TransactionOnFile | null, number | null]>([
  ["a thread has ended", { livingIdleMs: 14_000 }, RESERVED, null, 14_000],
  [
    "threads wake by themselves: the last write counts, not the birth",
    { livingIdleMs: 200 },
    RESERVED,
    ON_FILE,
    200_000,
  ],
  ["a thread that has ended wrote last", { livingIdleMs: 300_000 }, RESERVED, ON_FILE, 200_000],
  ["it has just run, as one at work in its cache does", { livingIdleMs: 9 }, RESERVED, ON_FILE, null],
  ["it runs", { state: "running", livingIdleMs: 0 }, RESERVED, ON_FILE, null],
  ["it is hidden", { state: null, livingIdleMs: null }, RESERVED, ON_FILE, null],
  ["a reader", { livingIdleMs: 14_000 }, [lock("SHARED")], ON_FILE, 14_000],
  ["nothing is known", { livingIdleMs: null }, RESERVED, null, null],
])("for how long nobody has likely worked on it: %s", (_, change, locks, transaction, expected) => {
  expect(likelyForgottenMs(processSeen(change), locks, transaction)).toBe(expected);
});

describe("of a holder", () => {
  const state = { journalMode: "rollback", journalValid: false, wal: null } as const;
  const holderWith = (change: Partial<ProcessSeen>, transaction: TransactionOnFile | null = null) =>
    toHolder(
      { process: processSeen(change), handles: [handleSeen()], locks: RESERVED, lost: new Set() },
      state,
      10_000,
      transaction,
    );
  const ENDED = { idleMs: null, idleProvesLocks: false };

  test("after a thread has ended: likely, and likely forgotten", () => {
    expect(holderWith({ ...ENDED, livingIdleMs: 14_000 })).toMatchObject({
      heldAtLeastMs: null,
      heldLikelyMs: 14_000,
      heldLikelyBasis: "living-threads",
      stale: ["likely-idle-in-transaction"],
    });
    expect(holderWith({ ...ENDED, livingIdleMs: 9999 }).stale).toEqual([]);
  });

  test("proved: no more is said", () => {
    expect(holderWith({ idleMs: 60_000 }, { ...ON_FILE, ms: 61_000 })).toMatchObject({
      heldAtLeastMs: 60_000,
      heldLikelyMs: null,
      heldLikelyBasis: null,
      stale: ["idle-in-transaction"],
    });
  });

  test("threads that wake by themselves: by the files", () => {
    expect(holderWith({ idleMs: 200 }, ON_FILE)).toMatchObject({
      heldAtLeastMs: 200,
      heldLikelyMs: 240_000,
      stale: ["likely-idle-in-transaction"],
    });
    expect(holderWith({ idleMs: 200 }, { ...ON_FILE, unwrittenMs: 300 })).toMatchObject({
      heldLikelyMs: 240_000,
      stale: [],
    });
  });
});

test("blockers say the same", () => {
  const [seen, snapshot] = look({
    facts: WRITING,
    target: { files: files(240_000, 200_000, 300_000) },
    takenAt: new Date(NOW),
    handles: { 4242: [handleSeen({ locks: [reserved(4242), kernelLock()] })] },
    processes: [processSeen({ idleMs: 200 })],
  });
  const { blockers, holders } = relate(seen, snapshot, 10_000);
  expect(holders).toMatchObject([{ heldAtLeastMs: 200, heldLikelyMs: 240_000, heldLikelyBasis: "journal-born" }]);
  expect(blockers.map(({ effect, heldLikelyMs }) => [effect, heldLikelyMs])).toEqual([
    ["writers", 240_000],
    ["commits", 240_000],
    ["journal-mode", 240_000],
  ]);
});
