import { expect, test } from "vitest";
import { whyNotToEnd } from "../../../../src/findings/shared/ending.ts";
import type { Related } from "../../../../src/model/relate.ts";
import type { Holder } from "../../../../src/model/report.ts";
import { database, handle, holder, lock } from "../../../support/report.ts";

const NO_JOURNAL =
  "its journal may be in memory or off (journal_mode=MEMORY, OFF), and ending it now would leave the database corrupt";
const LOST_FILE = "it works on a file that was deleted or moved away: save that first (deleted-file)";

const UNSEEN = "it may be in a transaction that none of SQLite's locks shows: let it finish, or shut it down cleanly";
const FLOCK = lock("FOREIGN", { api: "flock", type: "write" });
const LOCK_DIRECTORY = { path: "/srv/app/db.sqlite3.lock", since: new Date(0) };
const JOURNAL = { hot: false, header: "unsynced", sizeBytes: 4616 } as const;
const WITH_JOURNAL = [handle(3, "database"), handle(4, "journal")];

const exclusive: Partial<Holder> = { locks: [lock("EXCLUSIVE")], activity: "exclusive" };

test.each<[string, Partial<Holder>, Partial<Related>, string | null]>([
  ["no transaction", {}, {}, null],
  ["RESERVED: nothing is in the database yet", { locks: [lock("RESERVED")], activity: "writing" }, {}, null],
  ["EXCLUSIVE without a journal", exclusive, {}, NO_JOURNAL],
  ["EXCLUSIVE in a mode that nobody knows", exclusive, { journalMode: "unknown" }, NO_JOURNAL],
  ["EXCLUSIVE with a valid journal", { ...exclusive, activity: "writing" }, {}, null],
  ["EXCLUSIVE in WAL mode", exclusive, { journalMode: "wal" }, null],
  ["EXCLUSIVE is waited for", { ...exclusive, locks: [lock("EXCLUSIVE", { waiting: true })] }, {}, null],
  ["another lock keeps all out", { ...exclusive, locks: [lock("FOREIGN")] }, {}, null],
  [
    "EXCLUSIVE, and its own -journal is open: unix-excl",
    { ...exclusive, handles: WITH_JOURNAL },
    { journal: { ...JOURNAL, begun: true } },
    null,
  ],
  ["a finished journal that is still open", { ...exclusive, handles: WITH_JOURNAL }, { journal: JOURNAL }, NO_JOURNAL],
  ["a -journal that is open without a lock", { handles: WITH_JOURNAL }, {}, UNSEEN],
  ["a flock of one who can write", { locks: [FLOCK] }, {}, UNSEEN],
  [
    "flock(1), whose descriptor can only read",
    { locks: [FLOCK], handles: [handle(3, "database", { access: "read", flock: "write" })] },
    {},
    null,
  ],
  ["a lock directory that may be its own", {}, { lockDirectory: LOCK_DIRECTORY }, UNSEEN],
  [
    "one beside who locks as SQLite does",
    { locks: [lock("RESERVED")], activity: "writing" },
    { lockDirectory: LOCK_DIRECTORY },
    null,
  ],
  ["its file is deleted", { handles: [handle(3, "database", { deleted: true })] }, {}, LOST_FILE],
  ["its file is moved away", { handles: [handle(3, "database", { moved: true })] }, {}, LOST_FILE],
  [
    "only its -wal is deleted",
    { handles: [handle(3, "database"), handle(4, "wal", { deleted: true })] },
    {},
    LOST_FILE,
  ],
  ["both: the worst first", { ...exclusive, handles: [handle(3, "database", { deleted: true })] }, {}, NO_JOURNAL],
])("%s", (_, change, ofDatabase, why) => {
  expect(whyNotToEnd(holder(change), database(ofDatabase))).toBe(why);
});
