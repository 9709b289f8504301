/** What a remedy gives an ordinary user to type: sudo where it takes root, and nowhere else. */
import { expect, test } from "vitest";
import type { Related } from "../../../src/model/relate.ts";
import type { FindingId, Holder } from "../../../src/model/report.ts";
import { findingOf } from "../../support/diagnosed.ts";
import { handle, holder, lock, walWriter } from "../../support/report.ts";
import { type Look, targetFile } from "../../support/snapshot.ts";

const writing: Partial<Holder> = {
  locks: [lock("RESERVED")],
  activity: "writing",
  blocks: ["writers", "journal-mode"],
  idleMs: 60_000,
};
const stopped: Partial<Holder> = { ...writing, state: "stopped", stale: ["stopped"] };
const stuck: Partial<Holder> = { ...writing, uninterruptible: { idleMs: 60_000, waitsIn: null } };
const lost: Partial<Holder> = { handles: [handle(3, "database", { deleted: true })] };
const FROZEN = { path: "/sys/fs/cgroup/a.service", version: 2 as const };

/** `mine`: of user 1000's process; `others`: of another user's. */
const COMMANDS: readonly (readonly [FindingId, string, Partial<Holder>, string, string])[] = [
  ["uncommitted-write", "to end it", writing, ": kill 4242 (", ": sudo kill 4242 ("],
  ["suspended-holder", "to continue it", stopped, ": kill -CONT 4242,", ": sudo kill -CONT 4242,"],
  ["orphaned-holder", "to end it", { stale: ["orphaned"] }, ": kill 4242.", ": sudo kill 4242."],
  [
    "deleted-file",
    "to save its files",
    lost,
    "\n  kill -STOP 4242; cp /proc/4242/fd/3 /a/safe/folder/rescue-4242.db; kill -CONT 4242\n",
    "\n  sudo kill -STOP 4242; sudo cp /proc/4242/fd/3 /a/safe/folder/rescue-4242.db; sudo kill -CONT 4242\n",
  ],
  [
    "open-files-exhausted",
    "to see its files",
    { openFiles: 1024 },
    ": ls -l /proc/4242/fd.",
    ": sudo ls -l /proc/4242/fd.",
  ],
  [
    "suspended-holder",
    "to thaw its service",
    { ...stopped, frozen: FROZEN, unit: "a.service", unitManager: "user", unitUid: 1000 },
    ": systemctl --user thaw a.service.",
    ": systemctl --user thaw a.service.",
  ],
];

test.each(COMMANDS)("%s: %s", (id, _, change, mine, others) => {
  const remedy = (uid: number, viewer: number) =>
    findingOf(id, { holders: [holder({ uid, ...change })] }, { viewer: { uid: viewer } })?.remedy;
  expect(remedy(1000, 1000)).toContain(mine);
  expect(remedy(1001, 1000)).toContain(others);
  expect(remedy(1001, 0)).not.toMatch(/sudo (?!-u)/);
});

/** Whoever's process it is: only root can do that. */
const BY_ROOT: readonly (readonly [FindingId, Partial<Related>, Look, string])[] = [
  ["uninterruptible-holder", { holders: [holder(stuck)] }, {}, "cat /proc/4242/task/*/stack"],
  ["hard-linked", {}, { target: { files: [targetFile("database", { links: 2 })] } }, "find / -xdev -samefile"],
  [
    "foreign-companion",
    {},
    { target: { files: [targetFile("database"), targetFile("wal", { rights: { mode: 0o644, uid: 0, gid: 0 } })] } },
    "chown -h --reference=/srv/db /srv/db-wal",
  ],
  [
    "not-writable",
    { fileSystem: { type: "ext4", mountPoint: "/my disk", network: false, readOnly: true } },
    {},
    "mount -o remount,rw '/my disk'",
  ],
  [
    "foreign-lock",
    { unownedLocks: [lock("FOREIGN", { api: "flock", type: "write" })] },
    {},
    "sqlock who-holds /srv/app/db.sqlite3",
  ],
];

test.each(BY_ROOT)("%s, whoever owns the process", (id, change, seen, command) => {
  const remedy = (uid: number) => findingOf(id, change, { ...seen, viewer: { uid } })?.remedy;
  expect(remedy(1000)).toContain(`sudo ${command}`);
  expect(remedy(0)).not.toMatch(/sudo (?!-u)/);
});

test("what must not be killed gets no command, with sudo or without", () => {
  const danger = { ...stopped, handles: [handle(3, "database"), handle(4, "wal", { deleted: true })] };
  const remedy = findingOf(
    "suspended-holder",
    { journalMode: "wal", holders: [walWriter({ ...danger, uid: 1001 })] },
    { viewer: { uid: 1000 } },
  )?.remedy;
  expect(remedy).toContain("Do not kill it");
  expect(remedy).not.toMatch(/kill (?!-CONT)\d/);
});

/** A command that changes or opens something in the folder of the database. */
const ACTS = /(?:^|\s)(?:mv -i|rm|rmdir|sqlite3) (?:-init \/dev\/null )?\S*\/srv/;
const MOVED = handle(3, "database", { moved: true, path: "/srv/app/old" });
const FILES = (["database", "journal"] as const).map((role) => ({
  ...{ role, path: `/srv/app/${role}`, sizeBytes: 4096 },
  ...{ device: 1n, inode: 1n },
}));

test.each<[FindingId, Partial<Related>, Look]>([
  ["deleted-file", { holders: [holder({ handles: [MOVED, handle(4, "journal")] })], files: FILES }, {}],
  ["lock-directory", { lockDirectory: { path: "/srv/app/db.sqlite3.lock", since: new Date(0) } }, {}],
  ["odd-companion", {}, { target: { oddCompanions: [{ role: "shm", path: "/srv/db-shm", type: "folder" }] } }],
  ["hard-linked", {}, { target: { files: [targetFile("database", { links: 2 })] } }],
  ["foreign-writer", { holders: [holder({ handles: [handle(3, "database", { access: "write" })] })] }, {}],
])("%s: what acts in the folder of another user is that user's to do, not root's", (id, change, seen) => {
  const remedy = (uid: number) => findingOf(id, change, { ...seen, viewer: { uid } })?.remedy ?? "";
  expect(remedy(1000)).toMatch(ACTS);
  expect(remedy(1000)).not.toContain("sudo -u");
  expect(remedy(0).replace(/sudo -u '#1000' [^;\n]*/g, "")).not.toMatch(ACTS);
});
