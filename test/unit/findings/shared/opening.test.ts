/** No remedy opens a database while a process could lose data by it. */
import { describe, expect, test } from "vitest";
import { unlessHidden, whoCouldLose } from "../../../../src/findings/shared/opening.ts";
import type { Related } from "../../../../src/model/relate.ts";
import type { FindingId } from "../../../../src/model/report.ts";
import { diagnosed } from "../../../support/diagnosed.ts";
import { database, handle, holder, lock } from "../../../support/report.ts";
import { type Look, look, ROLLBACK, targetFile, WAL } from "../../../support/snapshot.ts";

const FLOCK = lock("FOREIGN", { api: "flock", type: "write" });
const LOCK_DIRECTORY = { path: "/srv/app/db.sqlite3.lock", since: new Date(0) };
const OTHER_USERS = { processes: 7, reasons: [], reason: "owned by other users", remedy: "run with sudo" };
const INIT = { processes: 1, reasons: [], reason: "protected even from root", remedy: "", initAlone: true } as const;
const opened = (...roles: ("journal" | "wal" | "shm")[]) => roles.map((role, i) => handle(4 + i, role));
const backup = holder({ handles: [handle(4, "journal", { access: "read" })] });

/** What speaks against opening the database, and its words. */
const AGAINST: readonly (readonly [string, Partial<Related>, Look, string])[] = [
  ["a writer without locks", { holders: [holder({ handles: opened("journal") })] }, {}, "4242 has the -journal open"],
  ["a backup that reads the -journal", { holders: [backup] }, {}, "4242 has the -journal open"],
  ["two of them", { holders: [backup, { ...backup, pid: 4300 }] }, {}, "4242 and 4300 have the -journal open"],
  [
    "a reader in persist mode",
    { holders: [holder({ handles: opened("journal"), locks: [lock("SHARED")] })] },
    {},
    "4242 has",
  ],
  ["a lock directory", { lockDirectory: LOCK_DIRECTORY }, {}, "/srv/app/db.sqlite3.lock exists"],
  [
    "a flock of one who can write",
    { holders: [holder({ locks: [FLOCK] })] },
    {},
    "4242 holds a lock that is not one of",
  ],
  ["a foreign lock of nobody who is known", { unownedLocks: [FLOCK] }, {}, "an unknown process holds a lock"],
  ["a view of a part of the machine", {}, { partialView: true }, "cannot be seen from here"],
  ["--locks-only", {}, { locksOnly: true }, "--locks-only"],
  [
    "processes of other users",
    {},
    { unseen: OTHER_USERS },
    "7 processes could not be inspected (to see them, run with sudo)",
  ],
  [
    "one process that is closed to root, and not init",
    {},
    { unseen: { ...OTHER_USERS, processes: 1 } },
    "1 process could not be inspected",
  ],
];

const loser = (change: Partial<Related>, seen: Look) => {
  const [, snapshot] = look(seen);
  return whoCouldLose({ database: database(change), snapshot });
};

test.each(AGAINST)("%s speaks against it", (_, change, seen, text) => {
  expect(loser(change, seen)).toContain(text);
});

test.each<[string, Partial<Related>, Look]>([
  ["nobody", {}, {}],
  ["an idle connection", { holders: [holder()] }, {}],
  [
    "a reader in WAL mode",
    { holders: [holder({ handles: opened("wal", "shm"), locks: [lock("SHARED"), lock("DMS")] })] },
    {},
  ],
  ["init alone, which is protected even from root", {}, { unseen: INIT }],
])("%s does not", (_, change, seen) => {
  expect(loser(change, seen)).toBeNull();
});

test("where root would see more, an ordinary user gets the command", () => {
  const unseen = { ...OTHER_USERS, asRoot: true } as const;
  expect(loser({ path: "/srv/a b.db" }, { unseen, viewer: { uid: 1000 } })).toBe(
    "7 processes could not be inspected (to see them: sudo sqlock who-holds '/srv/a b.db')",
  );
});

test("init makes it a condition", () => {
  expect(unlessHidden({ unseen: null })).toBe("");
  expect(unlessHidden({ unseen: INIT })).toContain("once you are sure that no other process uses it (1 process could");
});

describe("the remedies that open a database", () => {
  const JOURNAL = { hot: true, header: "valid", sizeBytes: 4616 } as const;
  const GROWN = [targetFile("database"), targetFile("wal", { sizeBytes: 10n ** 9n })];
  const OPENS: readonly (readonly [FindingId, Partial<Related>, Look])[] = [
    ["hot-journal", { journal: JOURNAL }, { facts: ROLLBACK }],
    [
      "leftover-wal",
      { journalMode: "wal" },
      { facts: { ...WAL, wal: WAL.wal === null ? null : { ...WAL.wal, live: false, pageCount: 12 } } },
    ],
    [
      "wal-oversized",
      { journalMode: "wal" },
      {
        facts: { ...WAL, wal: WAL.wal === null ? null : { ...WAL.wal, checkpointedFrames: 3021 } },
        target: { files: GROWN },
      },
    ],
    [
      "disk-full",
      {
        wal: {
          frames: 9,
          uncommittedFrames: null,
          checkpointedFrames: 0,
          checkpointedKnown: true,
          readMarks: [],
          unreadBytes: 0,
          complete: true,
        },
      },
      { target: { space: { freeBytes: 0, totalBytes: 2 ** 30, reservedBytes: 0, freeInodes: null } } },
    ],
    ["hard-linked", {}, { target: { files: [targetFile("database", { links: 2 })] } }],
  ];
  const COMMAND = /sqlite3 -init \/dev\/null \/srv\S* '/;

  test.each(OPENS)("%s: they do where nobody could lose by it, and say so where somebody could", (id, change, seen) => {
    const remedy = (more: Partial<Related>, also: Look = {}) =>
      diagnosed({ ...change, ...more }, { ...seen, ...also }).find((finding) => finding.id === id)?.remedy;
    expect(remedy({})).toMatch(COMMAND);
    for (const [, more, also] of AGAINST) expect(remedy(more, also) ?? "").not.toMatch(COMMAND);
  });
});
