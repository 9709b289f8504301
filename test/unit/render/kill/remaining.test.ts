/** What kill says of those that are left. */
import { expect, test } from "vitest";
import type { KillReport } from "../../../../src/features/kill/result.ts";
import type { Finding } from "../../../../src/model/report.ts";
import { adviceTexts, nobodyText, remainingText } from "../../../../src/render/kill/remaining.ts";
import { killReport } from "../../../support/kill-report.ts";
import { blocker, holder, lock, walWriter } from "../../../support/report.ts";

const WRITER = walWriter();
const STILL = [blocker({ effect: "writers" }), blocker({ effect: "checkpoints" })];
const DIRECTORY = { path: "/srv/app/db.sqlite3.lock", since: new Date(0) };

function found(id: Finding["id"], pids: readonly number[]): Finding {
  return { id, severity: "error", pids, summary: "s", detail: "d", remedy: "r" };
}

test.each<[string, Partial<KillReport>, string[]]>([
  ["nobody", {}, []],
  ["one that does not block", { remaining: [holder()] }, []],
  ["one in the way of a checkpoint alone", { remaining: [WRITER], blockers: STILL.slice(1) }, []],
  ["not known", { remaining: [WRITER], blockers: STILL, pathChanged: true }, []],
  [
    "a writer",
    { remaining: [WRITER, holder({ pid: 7 })], blockers: STILL },
    [
      "4242 (python manage.py shell) still blocks writers: let it finish (sqlock watch db.sqlite3 shows whether " +
        "it does), or end its transaction in that program; to see what ending the process would lose: sqlock " +
        "kill db.sqlite3 " +
        "--pid 4242 --dry-run.",
    ],
  ],
  [
    "a stopped one",
    { remaining: [walWriter({ state: "stopped" })], blockers: STILL },
    ["4242 (python manage.py shell) still blocks writers: kill -CONT 4242 lets it finish."],
  ],
  [
    "a frozen one",
    { remaining: [walWriter({ frozen: { path: "/sys/fs/cgroup/a", version: 2 } })], blockers: STILL },
    [
      "4242 (python manage.py shell) still blocks writers: its cgroup is frozen; echo 0 > " +
        "/sys/fs/cgroup/a/cgroup.freeze lets it finish.",
    ],
  ],
  [
    "one that is likely forgotten",
    { remaining: [walWriter({ stale: ["likely-idle-in-transaction"], heldLikelyMs: 14_000 })], blockers: STILL },
    [
      "4242 (python manage.py shell) still blocks writers: its transaction is likely abandoned (~14 s); to see " +
        "whether it ends: sqlock watch db.sqlite3; to end the process: sqlock kill db.sqlite3 --stale --likely.",
    ],
  ],
  [
    "nobody who can be seen",
    { unownedLocks: [lock("RESERVED", { api: "ofd" })], blockers: [blocker({ pid: null, effect: "writers" })] },
    ["A process that cannot be seen still blocks writers: sqlock who-holds db.sqlite3 may show it."],
  ],
  [
    "a lock directory",
    { lockDirectory: DIRECTORY },
    [
      "/srv/app/db.sqlite3.lock still keeps out every program that locks in this way: sqlock who-holds db.sqlite3 " +
        "says which process it may belong to, and whether it can be removed.",
    ],
  ],
  [
    "findings by which it is not safe to open",
    {
      remaining: [holder()],
      unsafeToOpen: [found("other-locking", [4242]), found("separate-locks", [4242]), found("damaged-wal", [])],
    },
    [
      "The database is not safe to open now, although no lock shows that (other-locking and separate-locks of " +
        "4242 (python " +
        "manage.py shell); damaged-wal): see below what to do first.",
    ],
  ],
])("what to do about %s", (_, change, expected) => {
  expect(adviceTexts(killReport(change))).toEqual(expected);
});

test("programs at work block for moments", () => {
  const progress = { commits: 7, withinMs: 60, counterMoved: true };
  const report = killReport({ remaining: [WRITER], blockers: STILL, progress });
  expect(adviceTexts(report)).toEqual([]);
  expect(remainingText(report)).toBe(
    "1 process holds /srv/app/db.sqlite3 now; blocking: 4242 (python manage.py shell) (only for moments: at least 7 " +
      "commits within 60 ms).",
  );
});

test("a lock directory is told of, and nobody is not all of the answer then", () => {
  expect(nobodyText(killReport({ lockDirectory: DIRECTORY }))).toBe(
    "the lock directory /srv/app/db.sqlite3.lock exists",
  );
  expect(remainingText(killReport({ lockDirectory: DIRECTORY }))).toBe(
    "No process that can be seen holds /srv/app/db.sqlite3 now; the lock directory /srv/app/db.sqlite3.lock exists.",
  );
  expect(remainingText(killReport({ lockDirectory: DIRECTORY, remaining: [holder()] }))).toBe(
    "1 process holds /srv/app/db.sqlite3 now; it does not block readers, writers, commits or checkpoints; the lock " +
      "directory /srv/app/db.sqlite3.lock exists.",
  );
});
