import { expect, test } from "vitest";
import { signOfWrite } from "../../../../src/features/journal-mode/write-signs.ts";
import type { DatabaseReport } from "../../../../src/model/report.ts";
import { databaseReport, handle, holder, lock } from "../../../support/report.ts";

const LOCK_DIRECTORY = { path: "/srv/app/db.sqlite3.lock", since: new Date(0) };
const UNLOCKED = holder({ handles: [handle(3, "database"), handle(4, "journal")] });
const BY_FLOCK = holder({ pid: 4300, locks: [lock("FOREIGN", { api: "flock", type: "write" })] });
const LONGER = { pageCount: 12, pageSize: 4096, sizeBytes: 15 * 4096 };
const JOURNAL = { role: "journal", path: "/srv/app/db.sqlite3-journal" } as DatabaseReport["files"][number];
const FRAMES = {
  frames: 3,
  uncommittedFrames: null,
  checkpointedFrames: 0,
  checkpointedKnown: true,
  readMarks: [],
  unreadBytes: 0,
  complete: true,
};

test.each<[string, Partial<DatabaseReport>, object | null, boolean?]>([
  ["nothing", {}, null],
  ["an idle connection, and one that writes by SQLite's locks", { holders: [holder(), byLocks()] }, null],
  ["a lock directory that stands", { lockDirectory: LOCK_DIRECTORY }, { kind: "lock-directory" }],
  ["one that came and went", {}, { kind: "lock-directory", path: "/srv/app/db.sqlite3.lock" }, true],
  [
    "a writer without locks, and a flock",
    { holders: [UNLOCKED, BY_FLOCK] },
    { kind: "users", holders: [UNLOCKED, BY_FLOCK] },
  ],
  ["a file with more pages than its header says", LONGER, { kind: "longer", pageCount: 12, pageSize: 4096 }],
  [
    "a -journal beside what is in WAL mode now",
    { journalMode: "wal", files: [JOURNAL] },
    { kind: "journal", path: "/srv/app/db.sqlite3-journal" },
  ],
  ["a -journal of rollback mode", { files: [JOURNAL] }, null],
  ["the same while a WAL has frames: a checkpoint is under way, perhaps", { ...LONGER, wal: FRAMES }, null],
  ["the same while somebody writes by SQLite's locks", { ...LONGER, holders: [byLocks()] }, null],
])("%s", (_, later, sign, seen = false) => {
  const found = signOfWrite(databaseReport(), databaseReport(later), seen);
  if (sign === null) expect(found).toBeNull();
  else expect(found).toMatchObject(sign);
});

test("a file that was longer before the switch is no sign", () => {
  expect(signOfWrite(databaseReport(LONGER), databaseReport(LONGER), false)).toBeNull();
});

function byLocks() {
  return holder({ pid: 4400, handles: UNLOCKED.handles, locks: [lock("RESERVED")], activity: "writing" });
}
