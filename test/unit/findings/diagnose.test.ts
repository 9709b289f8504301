/** Each rule fires, and stays silent right next to it. */
import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/findings/diagnose.ts";
import { suspectsOfLostLocks } from "../../../src/findings/lost-locks.ts";
import type { Related } from "../../../src/model/relate.ts";
import type { Finding, Holder } from "../../../src/model/report.ts";
import { database, handle, holder, lock, walWriter } from "../../support/report.ts";
import { look } from "../../support/snapshot.ts";

const STALE_AFTER_MS = 10_000;

const findings = (subject: Related): Finding[] => {
  const [seen, snapshot] = look({});
  return diagnose({ database: subject, seen, snapshot, staleAfterMs: STALE_AFTER_MS });
};

const ids = (change: Partial<Related>) => findings(database(change)).map(({ id, pids }) => [id, ...pids]);

const WAL = {
  frames: 3021,
  checkpointedFrames: 12,
  uncommittedFrames: 0,
  checkpointedKnown: true,
  readMarks: [0, 3021, 512, null, null],
  unreadBytes: 0,
  complete: true,
};
const writer = (change: Partial<Holder> = {}) =>
  holder({ locks: [lock("RESERVED")], activity: "writing", blocks: ["writers", "journal-mode"], idleMs: 0, ...change });
const reader = (change: Partial<Holder> = {}) =>
  holder({
    pid: 4300,
    locks: [lock("SHARED")],
    activity: "reading",
    blocks: ["commits", "journal-mode"],
    idleMs: 0,
    ...change,
  });
const walReader = (readMark: number | null, change: Partial<Holder> = {}) =>
  holder({
    pid: 4300,
    locks: [lock("SHARED"), lock("READ2"), lock("DMS")],
    activity: "reading",
    blocks: ["checkpoints", "journal-mode"],
    readMark,
    ...change,
  });

test("nothing to say of nobody, of idle holders and of short transactions", () => {
  expect(ids({})).toEqual([]);
  expect(ids({ holders: [holder(), writer()] })).toEqual([]);
  expect(ids({ journalMode: "wal", wal: { ...WAL, frames: 100 }, holders: [walWriter({ idleMs: 50 })] })).toEqual([]);
});

/** From when on a read beside a short WAL has been open for long: six times --stale-after. */
const LONG_MS = 6 * STALE_AFTER_MS;

describe("uncommitted-write", () => {
  test("a writer that has not run for long", () => {
    const [finding] = findings(database({ journalMode: "wal", holders: [walWriter()] }));
    // long-lines: sentences of a finding
    expect(finding).toMatchInlineSnapshot(`
      {
        "detail": "It has held WRITE, READ1, SHARED and DMS for at least 4 m 12 s, and none of its threads has run for 4 m 12 s: its write transaction is open, and nothing works on it. Likely a shell or database browser with unsaved changes, or a missing commit.",
        "id": "uncommitted-write",
        "pids": [
          4242,
        ],
        "remedy": "Commit or roll back in that program (it runs on pts/3). If nobody can, end the process: kill 4242 (SQLite undoes what was not committed).",
        "severity": "error",
        "summary": "4242 (python manage.py shell) holds the write lock, asleep for 4 m 12 s: every other writer gets 'database is locked'.",
      }
    `);
    // long-lines end
  });

  test.each<[string, Partial<Holder>]>([
    ["it ran a moment ago", { idleMs: STALE_AFTER_MS - 1 }],
    ["when it ran is not known", { idleMs: null }],
    ["it reads", { activity: "reading" }],
  ])("silent: %s", (_, change) => {
    expect(ids({ journalMode: "wal", holders: [walWriter(change)] })).toEqual([]);
  });

  test("a commit that was refused and given up, also beside a reader; not one that waits for readers", () => {
    const committing = writer({
      locks: [lock("PENDING"), lock("RESERVED")],
      activity: "committing",
      blocks: ["readers", "writers", "journal-mode"],
      idleMs: 60_000,
      stale: ["idle-in-transaction"],
    });
    const [finding] = findings(database({ holders: [committing] }));
    expect(finding).toMatchObject({ id: "uncommitted-write", severity: "error" });
    expect(finding?.detail).toContain("Likely a commit that was refused ('database is locked') and not tried again.");
    expect(finding?.summary).toContain("holds PENDING, likely since a commit that was refused, asleep for 1 m 0 s:");
    const beside = findings(database({ holders: [committing, reader()] }));
    expect(beside.map(({ id, severity, pids }) => [id, severity, ...pids])).toEqual([
      ["uncommitted-write", "error", 4242],
      ["open-read-blocks-commit", "warning", 4300],
    ]);
    expect(beside[1]?.summary).toContain("will not be able to commit if it tries again.");
    const wait = {
      pid: 4242,
      for: "commit",
      lock: "EXCLUSIVE",
      blockedBy: [],
      byUnknown: true,
      sure: "proved",
    } as const;
    expect(ids({ holders: [committing], waits: [wait] })).toEqual([]);
  });

  test("a lock that was taken a moment ago accuses nobody", () => {
    expect(ids({ holders: [writer({ idleMs: STALE_AFTER_MS - 1, heldAtLeastMs: STALE_AFTER_MS - 1 })] })).toEqual([]);
  });

  test("says so when the age of the locks is not provable", () => {
    expect(findings(database({ holders: [writer({ idleMs: 60_000 })] }))[0]?.detail).toContain(
      "It has held RESERVED for an unknown time",
    );
  });
});

describe("suspended-holder", () => {
  test("stopped while it blocks somebody: that, and not an uncommitted write", () => {
    expect(ids({ holders: [writer({ state: "stopped", stale: ["stopped"], idleMs: 60_000 })] })).toEqual([
      ["suspended-holder", 4242],
    ]);
  });

  test("by a debugger: no kill -CONT", () => {
    const [finding] = findings(database({ holders: [writer({ state: "traced", stale: ["stopped"] })] }));
    expect(finding?.remedy).toBe("Continue it or detach from it in the debugger (gdb: detach).");
  });

  test("silent: it blocks nobody, or only a change of the journal mode", () => {
    expect(ids({ holders: [holder({ state: "stopped", stale: ["stopped"] })] })).toEqual([]);
    expect(
      ids({
        journalMode: "wal",
        holders: [holder({ state: "stopped", stale: ["stopped"], blocks: ["journal-mode"] })],
      }),
    ).toEqual([]);
  });
});

describe("open-read-blocks-commit", () => {
  test("a warning while the writer still writes, an error when it waits", () => {
    const committing = writer({
      locks: [lock("PENDING"), lock("RESERVED")],
      activity: "committing",
      blocks: ["readers", "writers", "journal-mode"],
    });
    expect(findings(database({ holders: [writer(), reader()] }))).toMatchObject([
      { id: "open-read-blocks-commit", severity: "warning", pids: [4300] },
    ]);
    const [finding] = findings(database({ holders: [committing, reader(), reader({ pid: 4301 })] }));
    expect(finding).toMatchObject({ severity: "error", pids: [4300, 4301] });
    expect(finding?.summary).toBe("4300 and 4301 have a read open, so 4242 (python manage.py shell) cannot commit.");
  });

  test("for information: no writer yet, and a read that has been open for long", () => {
    const found = (...holders: Holder[]) => findings(database({ holders }));
    const long = (pid: number, heldAtLeastMs: number) => reader({ pid, heldAtLeastMs });
    const [one] = found(long(4300, 420_000));
    expect(one).toMatchObject({
      id: "open-read-blocks-commit",
      severity: "info",
      pids: [4300],
      remedy: expect.stringMatching(
        /^Not urgent while no process writes\. End the read in that program \(COMMIT or ROLL/,
      ),
    });
    expect(one?.summary).toBe(
      "4300 (python manage.py shell) has had a read open for at least 7 m 0 s: no writer can commit until it has " +
        "finished.",
    );
    expect(found(long(4300, 420_000), long(4301, 90_000), long(4302, 1000))).toMatchObject([{ pids: [4300, 4301] }]);
    expect(found(long(4300, STALE_AFTER_MS - 1))).toEqual([]);
    expect(
      found(reader({ pid: 4300, heldLikelyMs: STALE_AFTER_MS, heldLikelyBasis: "living-threads" }))[0]?.summary,
    ).toContain("4300 (python manage.py shell) has likely had a read open for 10 s:");
  });

  test("silent: no writer, no other reader than the writer, WAL mode, commits between two looks", () => {
    expect(ids({ holders: [reader()] })).toEqual([]);
    const busy = (commits: number) =>
      ids({ holders: [writer(), reader()], progress: { commits, counterMoved: commits > 0, withinMs: 52 } });
    expect([busy(1), busy(0)]).toEqual([[], [["open-read-blocks-commit", 4300]]]);
    expect(
      ids({
        holders: [
          writer({ locks: [lock("SHARED"), lock("RESERVED")], blocks: ["writers", "commits", "journal-mode"] }),
        ],
      }),
    ).toEqual([]);
    expect(ids({ journalMode: "wal", holders: [writer(), reader()] })).toEqual([]);
  });

  test("silent: a lock that is not SQLite's is no read of anybody", () => {
    const foreign = holder({
      pid: 4300,
      locks: [lock("FOREIGN", { type: "read" })],
      blocks: ["writers", "commits", "journal-mode"],
    });
    expect(ids({ holders: [writer(), foreign] })).toEqual([["foreign-lock", 4300]]);
  });
});

describe("checkpoint-starved", () => {
  const starved = (frames: number, ...holders: Holder[]) =>
    ids({ journalMode: "wal", wal: { ...WAL, frames }, holders });

  test("an old snapshot and a long WAL; the oldest reader is named first", () => {
    expect(starved(1001, walReader(512), walReader(100, { pid: 4301 }))).toEqual([["checkpoint-starved", 4301, 4300]]);
    const [finding] = findings(database({ journalMode: "wal", wal: WAL, holders: [walReader(512)] }));
    expect(finding?.summary).toBe(
      "4300 (python manage.py shell) reads an old snapshot (asleep for 4 m 12 s) and keeps 2,509 WAL frames (9.8 " +
        "MiB) from being checkpointed: the WAL can only grow.",
    );
  });

  test("for information only where a reader of the moment is some frames behind, as in every busy database", () => {
    const severity = (behind: number, idleMs: number) =>
      findings(
        database({
          journalMode: "wal",
          wal: { ...WAL, frames: 3021 },
          holders: [walReader(3021 - behind, { idleMs })],
        }),
      )[0]?.severity;
    expect([severity(1000, 9999), severity(1001, 0), severity(1, 10_000)]).toEqual(["info", "warning", "warning"]);
  });

  test("who reads on purpose is named after the others, is no warning for long, and goes on", () => {
    const of = (frames: number, ...holders: Holder[]) =>
      findings(database({ journalMode: "wal", wal: { ...WAL, frames, checkpointedFrames: 0 }, holders }))[0];
    const litestream = (mark: number) =>
      walReader(mark, { pid: 4301, name: "litestream", commandLine: ["litestream"] });
    expect(of(10_000, litestream(0))).toMatchObject({
      severity: "info",
      remedy: expect.stringMatching(/^Leave it run/),
    });
    expect(of(10_000, litestream(0))?.detail).toContain("About 4301: likely this is how Litestream works");
    expect(of(10_001, litestream(0))).toMatchObject({ severity: "warning" });
    expect(of(10_001, litestream(0), walReader(100))).toMatchObject({
      severity: "warning",
      pids: [4300, 4301],
      remedy: expect.stringMatching(/^End the read/),
    });
    const backup = walReader(0, { commandLine: ["sqlite3", "db", ".backup copy.db"] });
    expect(of(3021, backup)?.remedy).toMatch(/^Let it finish/);
  });

  describe("a WAL of ordinary length, and reads that have been open for long", () => {
    const found = (...holders: Holder[]) =>
      findings(database({ journalMode: "wal", wal: { ...WAL, frames: 300, checkpointedFrames: 12 }, holders }));
    const long = (pid: number, mark: number, change: Partial<Holder> = {}) =>
      walReader(mark, { pid, heldAtLeastMs: 420_000, ...change });

    test("for information, with what to do", () => {
      expect(found(long(4300, 100))).toEqual([
        {
          id: "checkpoint-starved",
          severity: "info",
          pids: [4300],
          summary:
            "4300 (python manage.py shell) has had a read open for at least 7 m 0 s; it keeps 200 WAL frames (804 " +
            "KiB) from being checkpointed. Until that read ends, the WAL cannot be reset.",
          detail: "The WAL has 300 frames, of which 12 are checkpointed; it is still short.",
          remedy:
            "Not urgent. End the read in that program (COMMIT or ROLLBACK; outside a transaction, read the cursor to " +
            "its end or close it) before the WAL grows.",
        },
      ]);
    });

    test("several: all that have been open for long, the oldest snapshot first, by the age that all have", () => {
      const [finding] = found(long(4301, 100, { heldAtLeastMs: 90_000 }), long(4300, 50), walReader(20, { pid: 4302 }));
      expect(finding?.pids).toEqual([4300, 4301]);
      expect(finding?.summary).toContain(
        "4300 (python manage.py shell) and 4301 (python manage.py shell) have had reads open for at least 1 m 30 s; " +
          "they keep 250 WAL frames",
      );
    });

    test("likely: said so, and a proved age that is long enough comes first", () => {
      const likely = { heldAtLeastMs: 1000, heldLikelyMs: 420_000, heldLikelyBasis: "living-threads" } as const;
      expect(found(long(4300, 100, likely))[0]?.summary).toContain("has likely had a read open for 7 m 0 s; it");
      expect(found(long(4300, 100, { ...likely, heldAtLeastMs: LONG_MS }))[0]?.summary).toContain(
        "has had a read open for at least 1 m 0 s; it",
      );
    });

    test.each<[string, Partial<Holder>]>([
      ["a shorter read", { heldAtLeastMs: LONG_MS - 1 }],
      ["one of unknown age", { heldAtLeastMs: null }],
      ["one that is likely shorter", { heldAtLeastMs: null, heldLikelyMs: LONG_MS - 1 }],
      ["one that keeps nothing back", { readMark: 300 }],
    ])("silent: %s", (_, change) => {
      expect(found(long(4300, 100, change))).toEqual([]);
    });

    test("a read on purpose is left alone", () => {
      const litestream = long(4300, 100, { name: "litestream", commandLine: ["litestream"] });
      expect(found(litestream)[0]).toMatchObject({ severity: "info", remedy: expect.stringMatching(/^Leave it run/) });
    });
  });

  test("silent: a WAL of ordinary length, a reader at its end, none, or all of it checkpointed", () => {
    expect(starved(1000, walReader(512))).toEqual([]);
    expect(starved(3021, walReader(3021))).toEqual([]);
    expect(starved(3021, walReader(null))).toEqual([]);
    expect(ids({ journalMode: "wal", wal: { ...WAL, checkpointedFrames: 3021 }, holders: [walReader(0)] })).toEqual([]);
  });
});

describe("hot-journal", () => {
  test("fires where it is known to be hot, and only there", () => {
    expect(ids({ journal: { hot: true, header: "valid", sizeBytes: 4616 } })).toEqual([["hot-journal"]]);
    for (const hot of [false, null]) expect(ids({ journal: { hot, header: "valid", sizeBytes: 4616 } })).toEqual([]);
  });

  test("warns of deleting it", () => {
    expect(findings(database({ journal: { hot: true, header: "valid", sizeBytes: 4616 } }))[0]?.remedy).toMatch(
      /^Do not delete the journal/,
    );
  });
});

describe("deleted-file", () => {
  const deleted = (role: "database" | "wal", fd: number) => handle(fd, role, { deleted: true });

  test("says how to rescue it, from this process", () => {
    const [finding] = findings(
      database({
        files: [],
        sizeBytes: null,
        holders: [holder({ handles: [deleted("database", 3), deleted("wal", 4)] })],
      }),
    );
    expect(finding).toMatchObject({ id: "deleted-file", severity: "error", pids: [4242] });
    expect(finding?.summary).toContain("works on a database and -wal file that was deleted");
    expect(finding?.remedy).toContain(
      "kill -STOP 4242; cp /proc/4242/fd/3 /a/safe/folder/rescue-4242.db; cp /proc/4242/fd/4 " +
        "/a/safe/folder/rescue-4242.db-wal; kill -CONT 4242\nThen restart the program.",
    );
    expect(finding?.detail).not.toContain("two generations");
  });

  test("tells of a second database under the old name, and of a move", () => {
    expect(findings(database({ holders: [holder({ handles: [deleted("database", 3)] })] }))[0]?.detail).toContain(
      "two generations of the database are in use",
    );
    const [moved] = findings(
      database({ holders: [holder({ handles: [handle(3, "database", { moved: true, path: "/srv/app/old" })] })] }),
    );
    expect(moved?.summary).toContain("was moved away: what it commits there does not reach this database");
  });

  test("rescues the journal as well, stops all who work on such files, and leaves those stopped who are", () => {
    const journal = holder({ pid: 7, handles: [deleted("database", 3), handle(5, "journal")] });
    const stopped = holder({ pid: 8, state: "stopped", handles: [deleted("database", 3)] });
    const [first] = findings(
      database({ holders: [journal, holder({ pid: 9, handles: [deleted("database", 3)] }), stopped] }),
    );
    expect(first?.remedy).toContain(
      "kill -STOP 7 9; cp /proc/7/fd/3 /a/safe/folder/rescue-7.db; cp /proc/7/fd/5 " +
        "/a/safe/folder/rescue-7.db-journal; kill -CONT 7 9\n",
    );
    const [alone] = findings(database({ holders: [stopped] })).filter((finding) => finding.id === "deleted-file");
    expect(alone?.remedy).toContain("save the data:\n  cp /proc/8/fd/3 /a/safe/folder/rescue-8.db\nThen");
  });

  test("warns of a -wal and -shm of the old one that have the new one's name, and moves them away", () => {
    const files = (["database", "wal", "shm"] as const).map((role) => ({
      role,
      path: `/srv/my app/db`,
      sizeBytes: 1,
      device: 1n,
      inode: 1n,
    }));
    const holders = [holder({ handles: [deleted("database", 3), handle(4, "wal"), handle(5, "shm")] })];
    const [finding] = findings(database({ path: "/srv/my app/db", files, holders }));
    expect(finding?.detail).toContain("The -wal and -shm beside it belong to the old file");
    expect(finding?.remedy).toContain(
      "Before any program opens the new file:\n  sudo -u '#1000' mv -i '/srv/my app/db-wal' '/srv/my " +
        "app/db-wal.old'; sudo -u '#1000' mv -i '/srv/my app/db-shm' '/srv/my app/db-shm.old'\n",
    );
    expect(
      findings(database({ holders: [holder({ handles: [deleted("database", 3), deleted("wal", 4)] })] }))[0]?.remedy,
    ).not.toContain("mv ");
    const onNew = holder({ pid: 7, handles: [handle(3, "database"), handle(4, "wal"), handle(5, "shm")] });
    const [beside] = findings(database({ path: "/srv/my app/db", files, holders: [...holders, onNew] }));
    expect(beside?.remedy).toContain("7 has the new file open, and may have committed to the -wal and -shm of the old");
    expect(beside?.remedy).toContain(
      "\n  cp -a '/srv/my app/db' '/srv/my app/db-wal' '/srv/my app/db-shm' /a/safe/folder/\n",
    );
    expect(beside?.remedy).not.toContain("mv ");
  });

  test("silent: files that have their names", () => {
    expect(
      ids({ holders: [holder({ handles: [handle(3, "database"), handle(4, "wal")], locks: [lock("SHARED")] })] }),
    ).toEqual([]);
  });
});

describe("lost-locks", () => {
  const suspects = (...holders: Holder[]) =>
    suspectsOfLostLocks(database({ journalMode: "wal", holders })).map(({ pid }) => pid);
  const inWal = (change: Partial<Holder> = {}) =>
    holder({ handles: [handle(3, "database"), handle(4, "wal"), handle(5, "shm")], ...change });

  test("in WAL mode: -shm open, and SHARED or DMS missing", () => {
    expect(suspects(inWal())).toEqual([4242]);
    expect(suspects(inWal({ locks: [lock("DMS")] }))).toEqual([4242]);
    expect(suspects(inWal({ locks: [lock("SHARED")] }))).toEqual([4242]);
    expect(suspects(inWal({ locks: [lock("SHARED"), lock("DMS", { waiting: true })] }))).toEqual([4242]);
  });

  test.each<[string, Holder]>([
    ["it has both", inWal({ locks: [lock("SHARED"), lock("DMS")] })],
    ["it has EXCLUSIVE", inWal({ locks: [lock("EXCLUSIVE")] })],
    ["it only has the database open, as a copy does", holder()],
    ["a flock that may be unix-flock's", inWal({ locks: [lock("FOREIGN", { api: "flock" })] })],
    ["its locks could not all be seen", inWal({ complete: false })],
  ])("silent in WAL mode: %s", (_, one) => {
    expect(suspects(one)).toEqual([]);
  });

  test("the flock of a script says nothing of SQLite's locks, nor does it of a child's", () => {
    const script = handle(9, "database", { access: "read", closeOnExec: false, flock: "write" });
    const flock = lock("FOREIGN", { api: "flock" });
    const command = (change: Partial<Holder> = {}) =>
      inWal({ handles: [script, handle(3, "database"), handle(5, "shm")], locks: [flock], ...change });
    expect(suspects(command())).toEqual([4242]);
    expect(suspects(command({ locks: [flock, lock("SHARED"), lock("DMS")] }))).toEqual([]);
    const parent = command({ pid: 4100, parentPid: 1, locks: [flock, lock("SHARED"), lock("DMS")] });
    expect(suspects(parent, command())).toEqual([]);
  });

  test("a child that shares its parent's descriptors never had the locks; one with its own has lost them", () => {
    const parent = inWal({ pid: 4100, parentPid: 1, locks: [lock("SHARED"), lock("DMS")] });
    expect(suspects(parent, inWal())).toEqual([]);
    expect(suspects(parent, inWal({ handles: [handle(7, "database"), handle(8, "shm")] }))).toEqual([4242]);
    expect(suspects(parent, inWal(), inWal({ pid: 4243, parentPid: 4242 }))).toEqual([]); // a grandchild
  });

  test("in rollback mode: a journal open that exists, and no lock", () => {
    const journal = { hot: true, header: "valid", sizeBytes: 4616 } as const;
    const open = (locks: Holder["locks"] = []) =>
      holder({ handles: [handle(3, "database"), handle(4, "journal")], locks });
    const suspected = (change: Partial<Related>) =>
      suspectsOfLostLocks(database({ journal, ...change })).map(({ pid }) => pid);
    expect(suspected({ holders: [open()] })).toEqual([4242]);
    for (const name of ["RESERVED", "SHARED", "EXCLUSIVE"] as const)
      expect(suspected({ holders: [open([lock(name)])] })).toEqual([]);
    expect(suspected({ holders: [open()], journal: null })).toEqual([]);
    expect(suspected({ holders: [holder()] })).toEqual([]);
  });

  test("the summary names the lock that is missing", () => {
    const change: Partial<Related> = { journalMode: "wal", holders: [inWal({ locks: [lock("DMS")] })] };
    expect(ids(change)).toEqual([["lost-locks", 4242]]);
    expect(findings(database(change))[0]?.summary).toContain("without its locks (SHARED)");
  });

  test("a child that has descriptors of its parent, and more, was likely forked; else it is the close trap", () => {
    const parent = inWal({ pid: 4100, parentPid: 1, locks: [lock("SHARED"), lock("DMS")] });
    const detail = (child: Holder) =>
      findings(database({ journalMode: "wal", holders: [parent, child] })).find(({ id }) => id === "lost-locks")
        ?.detail;
    expect(detail(inWal({ handles: [...parent.handles, handle(6, "database")] }))).toContain(
      "those of its parent 4100: likely it was forked",
    );
    expect(detail(inWal({ handles: [handle(7, "database"), handle(8, "shm")] }))).toContain(
      "Likely it opened and closed the file",
    );
  });
});

test("the gravest comes first", () => {
  const holders = [walWriter(), walReader(512)];
  const found = findings(
    database({ journalMode: "wal", wal: WAL, journal: { hot: true, header: "valid", sizeBytes: 1 }, holders }),
  );
  expect(found.map((each) => each.severity)).toEqual(["error", "warning", "warning"]);
});
