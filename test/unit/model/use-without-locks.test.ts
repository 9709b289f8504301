import { expect, test } from "vitest";
import type { Related } from "../../../src/model/relate.ts";
import type { Holder, Lock } from "../../../src/model/report.ts";
import {
  mayHaveWriterWithoutLocks,
  openUnlocked,
  useWithoutLocks,
  writesJournalFile,
} from "../../../src/model/use-without-locks.ts";
import type { Access } from "../../../src/proc/fdinfo.ts";
import type { CompanionRole } from "../../../src/sqlite/roles.ts";
import { handle, holder, lock } from "../../support/report.ts";

const FLOCK = lock("FOREIGN", { api: "flock", type: "write" });

const opened = (role: CompanionRole, access: Access | null, ...locks: Lock[]): Holder =>
  holder({ handles: [handle(3, "database"), handle(4, role, { access })], locks });

test.each<[string, Holder, CompanionRole[]]>([
  ["the database alone", holder(), []],
  ["a -journal without a lock", opened("journal", "read-write"), ["journal"]],
  ["one by which nobody knows how it is open", opened("journal", null), ["journal"]],
  ["one that is only read", opened("journal", "read"), []],
  ["one with a flock", opened("journal", "read-write", FLOCK), ["journal"]],
  [
    "one with a lock that is only waited for",
    opened("journal", "write", lock("RESERVED", { waiting: true })),
    ["journal"],
  ],
  ["that of a writer", opened("journal", "read-write", lock("RESERVED"), lock("SHARED")), []],
  ["that of a writer with OFD locks", opened("journal", "read-write", lock("RESERVED", { api: "ofd" })), []],
  ["that of unix-excl", opened("journal", "read-write", lock("EXCLUSIVE")), []],
  ["a finished one, of a reader in persist mode", opened("journal", "read-write", lock("SHARED")), []],
  ["a -wal without a lock", opened("wal", "read-write"), ["wal"]],
  ["that of a connection", opened("wal", "read-write", lock("SHARED")), []],
  ["that of one in exclusive locking mode", opened("wal", "read-write", lock("EXCLUSIVE")), []],
  ["a -shm without DMS", opened("shm", "read-write", lock("SHARED")), ["shm"]],
  ["a -shm with both", opened("shm", "read-write", lock("SHARED"), lock("DMS")), []],
  [
    "a -journal that was deleted",
    holder({ handles: [handle(3, "database"), handle(4, "journal", { deleted: true })] }),
    [],
  ],
])("%s", (_, of, roles) => {
  expect(openUnlocked(of)).toEqual(roles);
});

const LOCK_DIRECTORY = { path: "/srv/app/db.sqlite3.lock", since: new Date(0) };
const script = holder({ handles: [handle(3, "database", { access: "read", flock: "write" })], locks: [FLOCK] });

test.each<[string, Partial<Related>, boolean]>([
  ["nobody", {}, false],
  ["idle connections, which hold nothing in rollback mode", { holders: [holder(), holder({ pid: 4300 })] }, false],
  ["a writer by SQLite's locks", { holders: [opened("journal", "read-write", lock("RESERVED"))] }, false],
  ["a backup that reads the -journal", { holders: [opened("journal", "read")] }, false],
  ["flock(1), whose descriptor can only read", { holders: [script] }, false],
  [
    "the command of flock(1), which writes by SQLite's locks",
    {
      holders: [
        holder({
          handles: [
            handle(9, "database", { access: "read", closeOnExec: false, flock: "write" }),
            handle(3, "database"),
          ],
          locks: [FLOCK, lock("RESERVED")],
        }),
      ],
    },
    false,
  ],
  ["a copy over the file", { holders: [holder({ handles: [handle(3, "database", { access: "write" })] })] }, true],
  ["a writer without locks", { holders: [opened("journal", "read-write")] }, true],
  ["a flock of one who can write", { holders: [holder({ locks: [FLOCK] })] }, true],
  ["a foreign lock of another kind", { holders: [holder({ locks: [lock("FOREIGN")] })] }, true],
  ["one that is only waited for", { holders: [holder({ locks: [{ ...FLOCK, waiting: true }] })] }, false],
  ["a foreign lock of nobody who is known", { unownedLocks: [FLOCK] }, true],
  ["a lock directory", { lockDirectory: LOCK_DIRECTORY }, true],
])("may write unseen: %s", (_, change, may) => {
  const use = useWithoutLocks({ holders: [], unownedLocks: [], lockDirectory: null, ...change });
  expect(mayHaveWriterWithoutLocks(use)).toBe(may);
});

test("who reads a companion file is known as well, but not who maps the -shm", () => {
  const use = useWithoutLocks({
    holders: [opened("journal", "read"), opened("shm", "read")],
    unownedLocks: [],
    lockDirectory: null,
  });
  expect(use.readers).toHaveLength(1);
  expect(use.writers).toEqual([]);
});

test("the pages of a transaction are in a -journal that is open to write, and not finished", () => {
  const begun = { hot: false, header: "unsynced", begun: true, sizeBytes: 4616 } as const;
  const finished = { hot: false, header: "unsynced", sizeBytes: 4616 } as const;
  const own = opened("journal", "read-write");
  expect(writesJournalFile(own, { journal: begun })).toBe(true);
  expect(writesJournalFile(own, { journal: { ...finished, header: "valid" } })).toBe(true);
  expect(writesJournalFile(own, { journal: finished })).toBe(false);
  expect(writesJournalFile(opened("journal", "read"), { journal: begun })).toBe(false);
  expect(writesJournalFile(opened("wal", "read-write"), { journal: begun })).toBe(false);
});
