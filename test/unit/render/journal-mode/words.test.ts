/** The words for obstacles, reasons, blockers and effects. */
import { expect, test } from "vitest";
import type { Obstacle } from "../../../../src/features/journal-mode/obstacles.ts";
import type { SwitchReason } from "../../../../src/features/journal-mode/reason.ts";
import type { Holder } from "../../../../src/model/report.ts";
import { afterFindings, blockedRemedy, waitingLines } from "../../../../src/render/journal-mode/blocker-text.ts";
import { connectionModeError } from "../../../../src/render/journal-mode/connection-mode.ts";
import { effectsOf, notesOf } from "../../../../src/render/journal-mode/effects.ts";
import { obstacleReport } from "../../../../src/render/journal-mode/obstacle-text.ts";
import { reasonText } from "../../../../src/render/journal-mode/reason-text.ts";
import { block } from "../../../support/block.ts";
import { databaseReport, holder, lock } from "../../../support/report.ts";

const UNSEEN = { processes: 75, reasons: [], reason: "closed to root", remedy: "run as root" };
const path = "/srv/db";
const finding = {
  id: "hot-journal",
  severity: "warning",
  pids: [],
  summary: "Its journal is hot.",
  detail: "",
  remedy: "Copy it.",
} as const;
const none = { forcible: false, forced: false };

const reported = (obstacle: Obstacle) => obstacleReport(obstacle, { path, to: "wal", viewer: { uid: 1000 } });

test("obstacles, and what to do", () => {
  const obstacles: readonly Obstacle[] = [
    { kind: "read-only-mount", path, mountPoint: "/srv", ...none },
    { kind: "not-writable", paths: [path, `${path}-wal`], immutable: false, asUid: null, ...none },
    { kind: "not-writable", paths: [path], immutable: true, asUid: null, ...none },
    { kind: "folder-not-writable", folder: "/srv", to: "wal", asUid: null, ...none },
    { kind: "folder-not-writable", folder: "/srv", to: "delete", asUid: null, ...none },
    { kind: "not-writable", paths: [path], immutable: false, asUid: 1001, ...none },
    { kind: "folder-not-writable", folder: "/srv", to: "wal", asUid: 1001, ...none },
    { kind: "isolated", path, why: { kind: "out-of-reach", uid: 1001, path: "/srv" }, ...none },
    {
      kind: "isolated",
      path,
      why: { kind: "folder-of-others", uid: 0, intruder: { kind: "owner", folder: "/srv", uid: 1001 } },
      ...none,
    },
    { kind: "no-user", actor: { kind: "owner", uid: 1001, of: "database", folderUid: null }, ...none },
    { kind: "hard-linked-companion", path: `${path}-wal`, links: 2, mountPoint: "/srv", ...none },
    { kind: "finding", finding, why: "the switch would roll it back first", forcible: true, forced: false },
    { kind: "finding", finding, why: "the switch would roll it back first", ...none },
    { kind: "other-locking", path, writers: [holder()], foreign: [], foreignUnowned: false, ...none },
    {
      kind: "other-locking",
      path,
      writers: [],
      foreign: [holder(), holder({ pid: 7 })],
      foreignUnowned: false,
      ...none,
    },
    { kind: "other-locking", path, writers: [], foreign: [], foreignUnowned: true, ...none },
    { kind: "unseen", path: `${path}-journal`, role: "journal", unseen: UNSEEN, forcible: true, forced: false },
    { kind: "unseen", path: `${path}-wal`, role: "wal", unseen: { ...UNSEEN, processes: null }, ...none },
    { kind: "cut-off", path, pageCount: 3, pageSize: 4096, sizeBytes: 8192, ...none },
    {
      kind: "file-mount",
      path,
      mounts: [
        { pid: null, mountPoint: path },
        { pid: 7, mountPoint: "/app/db" },
      ],
      ...none,
    },
    { kind: "network-file-system", path, type: "nfs4", mountPoint: "/srv", to: "wal", ...none },
    { kind: "network-file-system", path, type: "nfs4", mountPoint: "/srv", to: "delete", ...none },
    { kind: "no-space", path, neededBytes: 81_920, freeBytes: 4096, ...none },
  ];
  const lines = obstacles.map(reported).map(({ code, message, remedy }) => `${code}: ${message} | ${remedy}`);
  expect(block(lines)).toMatchInlineSnapshot(`
    "
    read-only-mount: /srv/db is on a file system that is mounted read-only (/srv) | switch it where it
      can be written, before it is copied there
    not-writable: no permission to write to /srv/db and /srv/db-wal | sudo sqlock journal-mode /srv/db
      wal, or run it as the user that owns it
    not-writable: not even root can write to /srv/db: it is likely immutable | see lsattr /srv/db;
      chattr -i makes it mutable
    not-writable: no permission to create files in /srv, where SQLite needs -wal and -shm beside the
      database | let the users of the database write to it (chgrp and chmod g+w /srv); or sudo sqlock
      journal-mode /srv/db wal, or run it as the user that owns it
    not-writable: no permission to create files in /srv, where SQLite needs a -journal beside the
      database | let the users of the database write to it (chgrp and chmod g+w /srv); or sudo sqlock
      journal-mode /srv/db wal, or run it as the user that owns it
    not-writable: uid 1001, which root would switch it as, cannot write to /srv/db | let that user write
      to it: see ls -l /srv/db, and lsattr
    not-writable: uid 1001, which root would switch it as, cannot create files in /srv, where SQLite
      needs -wal and -shm beside the database | let the users of the database write to it (chgrp and
      chmod g+w /srv)
    no-user: its owner (uid 1001) cannot read /srv, and sqlock does not run SQLite as root on it | let
      uid 1001 read it (namei -l /srv shows where it is refused)
    no-user: it belongs to root, and uid 1001, the owner of /srv, can put other files there: sqlock does
      not run SQLite as root there | give it to the user that uses it (chown -h USER /srv/db); then it
      is switched as that user
    no-user: sqlock does not run SQLite as root on it, and this process cannot become uid 1001, its
      owner | run it as that user, or where root may change its user (CAP_SETUID)
    hard-linked-companion: /srv/db-wal has 2 names (hard links), one of which may be another user's
      file: SQLite would write to it | see which: find /srv -xdev -samefile /srv/db-wal
    hot-journal: Its journal is hot; the switch would roll it back first | Copy it.
    If that is what you
      want: --force.
    hot-journal: Its journal is hot; the switch would roll it back first | Copy it.
    other-locking: 4242 (python manage.py shell) has a companion file open for writing without SQLite's
      locks: SQLite would not notice its writes; its commits during the switch would be lost | let it
      finish, or stop it cleanly, and try again
    other-locking: 4242 (python manage.py shell) and 7 (python manage.py shell) have a lock that is not
      one of SQLite's, and that SQLite ignores; its commits during the switch would be lost | let it
      finish, or stop it cleanly, and try again
    other-locking: an unknown process has a lock that is not one of SQLite's, and that SQLite ignores;
      its commits during the switch would be lost | look again as root, which can see which process
      holds the lock
    unseen: /srv/db-journal exists, and 75 processes could not be inspected (closed to root): one of
      them may work without SQLite's locks (unix-none, unix-dotfile), and would overwrite the switch |
      to see them, run as root; when you are sure that no process uses it: --force
    unseen: there are commits in /srv/db-wal, and some processes could not be inspected (closed to
      root): one of them may work without SQLite's locks (unix-none, unix-dotfile), and would overwrite
      the switch | to see them, run as root; when you are sure that no process uses it: --force
    cut-off: /srv/db is truncated: its header says 3 pages of 4096, but it has 8192 bytes | restore it;
      to see what is left of it: sqlock integrity /srv/db
    file-mount: /srv/db is mounted without its folder (here: /srv/db; for 7: /app/db): processes that
      use it there have other companion files than processes that use it by its own name, and in WAL
      mode they lose each other's rows | mount the folder, not the file (docker: -v /srv/app:/srv/app);
      if all programs use the same name: --force
    network-file-system: /srv/db is on nfs4 (/srv), a network or FUSE file system: the -shm of WAL mode
      is memory that only programs on one machine share: programs on other machines would corrupt the
      database | keep the database on a local disk; if only programs on this machine use it, and the
      file system can share memory between them: --force
    network-file-system: /srv/db is on nfs4 (/srv), a network or FUSE file system: programs on other
      machines that have it open cannot be seen from here, and locks may not reach them | keep the
      database on a local disk; if only programs on this machine use it: --force
    no-space: the switch needs 80 KiB of disk space, but the file system of /srv/db has 4 KiB free |
      free disk space first
    "
  `);
});

const blocked = (pids: readonly number[], change: object = {}) =>
  ({
    kind: "blocked",
    blockers: { holders: pids.map((pid) => holder({ pid })), unowned: [] },
    walMode: false,
    hidden: false,
    ...change,
  }) as const;

const openFor = (change: Partial<Holder>, ...more: readonly Holder[]) =>
  blocked([], { blockers: { holders: [holder({ pid: 1, ...change }), ...more], unowned: [] } });

test("reasons", () => {
  const reasons: readonly SwitchReason[] = [
    { kind: "written-beside", sign: { kind: "lock-directory", path: `${path}.lock` } },
    { kind: "written-beside", sign: { kind: "users", holders: [holder()] } },
    { kind: "written-beside", sign: { kind: "journal", path: `${path}-journal` } },
    { kind: "written-beside", sign: { kind: "longer", pageCount: 12, pageSize: 4096 } },
    blocked([1]),
    blocked([1, 2]),
    blocked([1], { walMode: true }),
    blocked([1, 2], { walMode: true }),
    blocked([], { blockers: { holders: [], unowned: [lock("SHARED"), lock("SHARED"), lock("RESERVED")] } }),
    blocked([]),
    blocked([], { hidden: true }),
    openFor({ activity: "reading", heldAtLeastMs: 483_000, idleMs: 483_000 }),
    openFor({ activity: "reading", heldAtLeastMs: 483_000, idleMs: 200 }),
    openFor({ activity: "writing", heldAtLeastMs: 200, heldLikelyMs: 12_000, idleMs: null }),
    openFor({ activity: "exclusive", heldAtLeastMs: 12_000, idleMs: null }),
    openFor({ activity: "reading", heldAtLeastMs: 9_999, idleMs: 483_000 }),
    openFor({ activity: "reading", heldAtLeastMs: 483_000, idleMs: 483_000 }, holder({ pid: 2 })),
    { kind: "failed", failure: { kind: "unchanged", mode: "memory" } },
    { kind: "failed", failure: { kind: "failed", code: "SQLITE_IOERR_WRITE", message: "disk I/O error" } },
    { kind: "failed", failure: { kind: "failed", code: "SQLITE_ERROR", message: "SQL logic error" } },
    { kind: "failed", failure: { kind: "crashed", why: "it was ended by SIGKILL" } },
    { kind: "failed", failure: { kind: "not-started", message: "spawn EAGAIN" } },
    { kind: "failed", failure: { kind: "stuck", idleMs: 10_000 } },
    { kind: "pages-lost", pages: Array.from({ length: 12 }, (_, i) => i + 1), kept: "/srv/db-wal.kept" },
    { kind: "pages-lost", pages: [1], kept: null },
    { kind: "failed", failure: { kind: "another-file", switched: false } },
    { kind: "failed", failure: { kind: "another-file", switched: true } },
    { kind: "moved" },
    { kind: "switched-back", mode: "delete" },
    { kind: "unreadable", failure: { kind: "refused", refusal: { kind: "another-file", switched: false } } },
    { kind: "unreadable", failure: { kind: "refused", refusal: { kind: "busy" } } },
    { kind: "unreadable", failure: { kind: "refused", refusal: { kind: "failed", code: "", message: "its message" } } },
    { kind: "unreadable", failure: { kind: "crashed", why: "it ended with 1" } },
    { kind: "unreadable", failure: { kind: "no-answer" } },
    { kind: "unreadable", failure: null },
    { kind: "other-mode", mode: "delete" },
  ];
  expect(block(reasons.map(reasonText))).toMatchInlineSnapshot(`
    "
    /srv/db.lock, a lock that SQLite ignores, existed during the switch: commits of a program without
      SQLite's default locking may be lost, and the database may be damaged; stop that program, then
      check the database (sqlock integrity)
    4242 (python manage.py shell) had it open without SQLite's locks during the switch: commits of a
      program without SQLite's default locking may be lost, and the database may be damaged; stop that
      program, then check the database (sqlock integrity)
    /srv/db-journal, which no connection in WAL mode makes, appeared during the switch: commits of a
      program without SQLite's default locking may be lost, and the database may be damaged; stop that
      program, then check the database (sqlock integrity)
    the file became longer than its header says (12 pages of 4096) during the switch: commits of a
      program without SQLite's default locking may be lost, and the database may be damaged; stop that
      program, then check the database (sqlock integrity)
    1 (python manage.py shell) is using it now
    1 (python manage.py shell) and 2 (python manage.py shell) are using it now
    1 (python manage.py shell) has it open, and WAL mode can only be left when no process has
    1 (python manage.py shell) and 2 (python manage.py shell) have it open, and WAL mode can only be
      left when no process has
    an unknown process (RESERVED, SHARED) is using it now
    SQLite says 'database is locked', and the process that blocked it has ended or has released the lock
    SQLite says 'database is locked', and the process that blocks it cannot be seen from here
    1 (python manage.py shell) has had a read open for at least 8 m 3 s, and is idle
    1 (python manage.py shell) has had a read open for at least 8 m 3 s
    1 (python manage.py shell) has likely had a write transaction open for 12 s
    1 (python manage.py shell) has had a lock for at least 12 s
    1 (python manage.py shell) is using it now
    1 (python manage.py shell) has had a read open for at least 8 m 3 s, and is idle; 2 (python
      manage.py shell) is using it now
    SQLite left it in mode memory
    the disk or the file system reports errors: disk I/O error
    SQLite refuses: SQL logic error
    the process that switches it did not finish: it was ended by SIGKILL
    the process that switches it could not be started: spawn EAGAIN
    the process that switches it was ended: it did nothing for 10 s
    SQLite has left WAL mode, and 12 pages differ from the -wal (1, 2, 3, 4, 5, 6, 7, 8, 9, 10): the
      -wal is kept as /srv/db-wal.kept; copy both to another place, and report it
    SQLite has left WAL mode, and 1 page differs from the -wal (1): the -wal could not be kept; copy the
      database to another place, and report it
    the path now leads to a different file than the one inspected: nothing was changed; try again
    the path now leads to a different file than the one inspected: noticed only after the mode was
      changed
    the path now leads to another file, or to none: what happened to the database is unknown
    SQLite says that it is switched, but the header of the file says rollback-journal mode: another
      process has switched it back
    it is switched, but another process could not read it: the path leads to a different file than
      before the switch
    it is switched, but another process could not read it: it is locked
    it is switched, but another process could not read it: its message
    it is switched, but another process could not read it: it ended with 1
    it is switched, but another process could not read it: it did not answer
    it is switched, but another process could not read it: the reason is unknown
    it is switched, but another process finds it in mode delete: it was switched back
    "
  `);
});

test("what to do about blockers, and what is said while it waits for them", () => {
  const one = { holders: [holder({ pid: 1 })], unowned: [] };
  const idle = { holders: [holder({ pid: 1, heldAtLeastMs: 60_000, idleMs: 60_000 })], unowned: [] };
  const two = { holders: [holder({ pid: 1 }), holder({ pid: 2, idleMs: null })], unowned: [lock("SHARED")] };
  expect(
    block([
      ...[one, two, idle].flatMap((blockers) => [false, true].map((wal) => blockedRemedy(blockers, wal))),
      ...[one, two].flatMap((blockers) => [false, true].map((wal) => afterFindings(blockers, wal))),
      ...waitingLines(two),
    ]),
  ).toMatchInlineSnapshot(`
    "
    try again when it has finished, or wait longer (--wait 1m)
    have it close its connections (stop the service; no process needs to be killed), and try again, or
      wait longer (--wait 1m)
    try again when they have finished, or wait longer (--wait 1m)
    have them close their connections (stop the service; no process needs to be killed), and try again,
      or wait longer (--wait 1m)
    have it end its transaction, and try again
    have it close its connections (stop the service; no process needs to be killed), and try again, or
      wait longer (--wait 1m)
    try again
    try again; if 1 is still running, it has to close its connections first
    try again
    try again; those of 1 and 2 that are still running have to close their connections first
    1 (python manage.py shell) blocks the switch (asleep for 4 m 12 s)
    2 (python manage.py shell) blocks the switch
    an unknown process blocks the switch
    "
  `);
});

test("notes: what cannot be seen of idle connections, before a switch to WAL", () => {
  const reads = holder({ pid: 7, locks: [lock("SHARED")] });
  const database = databaseReport({ holders: [holder(), reads] });
  const note = expect.stringMatching(/^4242 \(.* holds no lock, like idle connections/);
  expect(notesOf({ database, unseen: null }, "wal")).toEqual([note]);
  expect(notesOf({ database, unseen: null }, "delete")).toEqual([]);
  expect(notesOf({ database: databaseReport({ holders: [reads] }), unseen: null }, "wal")).toEqual([]);
});

test("notes: how many could not be inspected, before any switch; not init", () => {
  const database = databaseReport();
  for (const to of ["wal", "delete"] as const) {
    expect(notesOf({ database, unseen: UNSEEN }, to)).toEqual([
      "75 processes could not be inspected (closed to root): one of them may use it without SQLite's locks " +
        "(unix-none, unix-dotfile), and would overwrite the switch; to see them, run as root",
    ]);
    expect(notesOf({ database, unseen: { ...UNSEEN, processes: 1, initAlone: true } }, to)).toEqual([]);
  }
});

test("effects name what is special here", () => {
  const access = {
    notWritable: [],
    folder: "/srv/app",
    folderWritable: false,
    hardLinked: null,
    freeBytes: null,
    fileMounts: [],
  };
  const opener = { kind: "opener", actor: { kind: "caller" } } as const;
  const context = { database: databaseReport(), access, opener, asRoot: false, viewer: { uid: 1000 }, unseen: null };
  expect(block([...effectsOf(context, "wal"), ...effectsOf(context, "delete")])).toMatchInlineSnapshot(`
    "
    Readers no longer block the writer, nor the writer readers. There is still one writer at a time.
    Two more files, db.sqlite3-wal and db.sqlite3-shm, belong to the database while it is in use: copy
      with sqlite3's .backup or VACUUM INTO, not with cp.
    Every program that opens it, even to read, must be able to write to /srv/app (you cannot).
    Not for network shares: all programs must be on one machine (here: ext4, local).
    A reader that never ends keeps the -wal growing: sqlock who-holds names it.
    Readers keep the writer from committing, and a commit keeps readers out: 'database is locked'
      becomes more likely.
    One file instead of three: db.sqlite3 alone is the database while no process writes, which is easy
      to copy; there is a -journal beside it during a transaction.
    It needs no shared memory, so it works on file systems without it (here: ext4, local).
    Each commit waits for the disk twice or more: small transactions are slower.
    "
  `);
  const network = { type: "nfs4", mountPoint: "/srv", network: true, readOnly: false };
  expect(effectsOf({ ...context, database: databaseReport({ fileSystem: network }) }, "wal")[3]).toContain(
    "(here: nfs4)",
  );
  expect(effectsOf({ ...context, database: databaseReport({ fileSystem: null }) }, "wal")[3]).toMatch(/machine\.$/);
});

test("modes that only a connection has", () => {
  expect(["wal", "delete", "wall"].map(connectionModeError)).toEqual([null, null, null]);
  expect(["TRUNCATE", "persist", "memory", "off"].map((mode) => connectionModeError(mode)?.hint)).toEqual([
    "set it in the program, on each connection: PRAGMA journal_mode = TRUNCATE",
    "set it in the program, on each connection: PRAGMA journal_mode = PERSIST",
    expect.stringMatching(/MEMORY \(a crash in the middle of a transaction then corrupts the database\)$/),
    expect.stringMatching(/OFF \(a crash/),
  ]);
});
