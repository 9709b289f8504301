/** Rules on the database's files: each fires, and stays silent right next to it. */
import { describe, expect, test } from "vitest";
import { findingOf } from "../../support/diagnosed.ts";
import { handle, holder, lock, walWriter } from "../../support/report.ts";
import { handleSeen, type Look, targetFile, WAL } from "../../support/snapshot.ts";

const BORN = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

/** A -wal that nobody keeps a wal-index of. */
const left = (change: Partial<NonNullable<typeof WAL.wal>> = {}) => ({
  ...WAL,
  wal: {
    frames: 3,
    uncommittedFrames: 0,
    checkpointedFrames: 0,
    readMarks: [null, null, null, null, null],
    live: false,
    pageSize: 4096,
    pageCount: 0,
    besideRollback: false,
    lostCommits: 0,
    unreadBytes: 0,
    complete: true,
    ...change,
  },
});

/** A database born at BORN and its -wal, born and last written so long after it. */
const files = (walBornMs: number, walWrittenMs: number, databaseBornMs: number | null = BORN) => ({
  files: [
    targetFile("database", { bornMs: databaseBornMs }),
    targetFile("wal", { bornMs: BORN + walBornMs, writtenMs: BORN + walWrittenMs }),
  ],
});

describe("leftover-wal", () => {
  const seen = (change: Look = {}): Look => ({ facts: left(), target: files(HOUR, 2 * HOUR), ...change });

  test("committed frames, and nobody who has them open", () => {
    const finding = findingOf("leftover-wal", { journalMode: "wal" }, seen());
    expect(finding).toMatchObject({ severity: "warning", pids: [] });
    expect(finding?.summary).toBe(
      "/srv/app/db.sqlite3-wal holds 3 frames of committed changes, which may not be in the database file yet, " +
        "and nobody has it open.",
    );
    expect(finding?.remedy).toMatch(/^Do not delete the -wal/);
  });

  test("beside an empty database it is an error: SQLite deletes it unread", () => {
    const target = {
      files: [
        targetFile("database", { sizeBytes: 0n, bornMs: BORN + HOUR }),
        targetFile("wal", { writtenMs: BORN, bornMs: BORN }),
      ],
    };
    const empty = { journalMode: "unknown", sizeBytes: 0, pageSize: null, pageCount: 0 } as const;
    const finding = findingOf("leftover-wal", empty, {
      facts: { ...left(), journalMode: "unknown", pageSize: null, pageCount: 0 },
      target,
    });
    expect(finding).toMatchObject({
      severity: "error",
      summary: expect.stringContaining("the next program that opens the database deletes them"),
    });
    expect(finding?.remedy).not.toContain("PRAGMA");
    expect(
      findingOf("wal-from-another-file", empty, { facts: left({ besideRollback: true }), target }),
    ).toBeUndefined();
  });

  test("silent: somebody has it, might have it, or there is nothing committed in it", () => {
    expect(findingOf("leftover-wal", { holders: [holder()] }, seen())).toBeUndefined();
    expect(findingOf("leftover-wal", { unownedLocks: [lock("SHARED", { api: "ofd" })] }, seen())).toBeUndefined();
    expect(findingOf("leftover-wal", {}, seen({ partialView: true }))).toBeUndefined();
    expect(findingOf("leftover-wal", {}, seen({ facts: left({ frames: 0 }) }))).toBeUndefined();
    expect(findingOf("leftover-wal", {}, seen({ facts: left({ live: true }) }))).toBeUndefined();
    expect(findingOf("leftover-wal", {}, { target: files(HOUR, 2 * HOUR) })).toBeUndefined();
  });

  test("a database that was changed since may have been restored: no command that brings the old -wal in", () => {
    const changed = (changedMs: number) => ({
      files: [targetFile("database", { changedMs }), targetFile("wal", { bornMs: BORN, writtenMs: BORN + HOUR })],
    });
    const remedy = (ms: number) =>
      findingOf("leftover-wal", { journalMode: "wal" }, { facts: left(), target: changed(BORN + HOUR + ms) })?.remedy;
    expect(remedy(1000)).toContain("wal_checkpoint(TRUNCATE)");
    expect(remedy(1001)).not.toContain("wal_checkpoint");
    for (const ms of [1000, 1001])
      expect(remedy(ms)).toContain("First copy both files aside:\n  cp -a /srv/app/db.sqlite3 /srv/app/db.sqlite3-wal");
    expect(findingOf("leftover-wal", {}, { facts: left(), target: changed(BORN + 2 * HOUR) })?.detail).toContain(
      "changed 1 h 0 m after the last write to its -wal",
    );
  });

  test("silent where the -wal is likely another file's: having it copied back is then the harm", () => {
    expect(findingOf("leftover-wal", {}, seen({ facts: left({ pageSize: 1024 }) }))).toBeUndefined();
  });
});

describe("wal-from-another-file", () => {
  const finding = (seen: Look, change = {}) =>
    findingOf("wal-from-another-file", { journalMode: "wal", ...change }, seen);

  test("pages of another size", () => {
    const found = finding({ facts: left({ pageSize: 1024 }), target: files(HOUR, 2 * HOUR) });
    expect(found).toMatchObject({ severity: "warning", pids: [] });
    expect(found?.detail).toContain("The -wal has pages of 1024 bytes, the database has pages of 4096.");
    expect(found?.summary).toContain(
      "likely belongs to another database file: the next program that opens the database may replay it",
    );
  });

  test("a database whose own header knows of no WAL", () => {
    const found = finding(
      { facts: { ...left({ besideRollback: true }), journalMode: "rollback" }, target: files(HOUR, 2 * HOUR) },
      { journalMode: "rollback" },
    );
    expect(found?.detail).toContain("The database's own header says rollback journal");
    expect(found?.remedy).toMatch(/^Do not open it yet/);
  });

  test("a database that was born after the -wal was last written", () => {
    const found = finding({ facts: left(), target: files(-2 * HOUR, -HOUR) });
    expect(found?.detail).toContain("The database file was created 1 h 0 m after the last write to the -wal.");
  });

  test("who has the -wal open has replayed it", () => {
    const found = finding(
      { facts: WAL, target: files(-2 * HOUR, -HOUR) },
      { holders: [walWriter(), holder({ pid: 4300 })] },
    );
    expect(found?.pids).toEqual([4242]);
    expect(found?.summary).toContain("it may have been replayed");
    expect(found?.remedy).toMatch(/^Before the programs that have it open close it/);
  });

  test("silent: written since the database was born, no frames, or births that nobody keeps", () => {
    expect(finding({ facts: left(), target: files(-2 * HOUR, 1) })).toBeUndefined();
    expect(finding({ facts: left({ frames: 0, pageSize: 1024 }), target: files(-2 * HOUR, -HOUR) })).toBeUndefined();
    expect(finding({ facts: left(), target: files(-2 * HOUR, -HOUR, null) })).toBeUndefined();
    expect(finding({ facts: left({ pageSize: null }), target: files(HOUR, 2 * HOUR) })).toBeUndefined();
  });

  test("silent: both copied here with their times, the -wal first", () => {
    expect(finding({ facts: left(), target: files(-1000, -HOUR) })).toBeUndefined();
  });
});

describe("hot-journal", () => {
  const hot = { journal: { hot: true, header: "valid", sizeBytes: 4616 } } as const;
  const changed = (changedMs: number): Look => ({
    target: { files: [targetFile("database", { changedMs }), targetFile("journal", { writtenMs: BORN })] },
  });

  test("where the database was changed since, it may have been restored: it is not to be opened then", () => {
    expect(findingOf("hot-journal", hot, changed(BORN + 1000))?.remedy).toContain(
      "sqlite3 -init /dev/null /srv/app/db.sqlite3 'PRAGMA schema_version'",
    );
    expect(findingOf("hot-journal", hot, changed(BORN + HOUR))?.remedy).not.toContain("schema_version");
    expect(findingOf("hot-journal", hot, changed(BORN + HOUR))?.detail).toContain("or because it was restored");
  });
});

describe("super-journal-elsewhere", () => {
  const journal = (beside: string | null) => ({
    journal: {
      hot: null,
      header: "valid",
      sizeBytes: 4616,
      missingSuperJournal: { name: "/app/db.sqlite3-mj0123459AB", beside },
    } as const,
  });
  const beside = journal("/srv/app/db.sqlite3-mj0123459AB");
  const writer = { locks: [lock("EXCLUSIVE")], activity: "exclusive", blocks: ["readers", "writers"] } as const;

  test("proved where it lies beside the database, not known elsewhere", () => {
    expect(findingOf("super-journal-elsewhere", beside)).toMatchObject({
      severity: "error",
      summary: expect.stringContaining("It was not committed."),
      remedy: expect.stringContaining("db.sqlite3-journal /srv/app/db.sqlite3-mj0123459AB /a/safe/folder/"),
    });
    expect(findingOf("super-journal-elsewhere", journal(null))).toMatchObject({
      severity: "warning",
      summary: expect.stringContaining("Whether it was committed is unknown."),
    });
  });

  test("its writer: silent while it is at work, an error where it is stopped", () => {
    expect(findingOf("super-journal-elsewhere", { ...beside, holders: [holder(writer)] })).toBeUndefined();
    expect(
      findingOf("super-journal-elsewhere", { ...beside, holders: [holder({ ...writer, state: "stopped" })] }),
    ).toMatchObject({ severity: "error", pids: [4242], remedy: expect.stringContaining("do not end it") });
  });

  test("silent: a journal that names none, or one that is there", () => {
    const hot = { journal: { hot: true, header: "valid", sizeBytes: 4616 } } as const;
    expect(findingOf("super-journal-elsewhere", hot)).toBeUndefined();
  });

  test("a name in the journal makes no line of the remedy", () => {
    const named = { name: "/app/x\n  rm -rf /\n/db-mj0123459AB", beside: null };
    const hostile = { journal: { ...beside.journal, missingSuperJournal: named } };
    expect(findingOf("super-journal-elsewhere", hostile)?.remedy).not.toMatch(/^ *rm /m);
  });
});

describe("wal-oversized", () => {
  const large = (sizeBytes: bigint) => ({ files: [targetFile("database"), targetFile("wal", { sizeBytes })] });
  const done = {
    ...WAL,
    wal: {
      frames: 9000,
      uncommittedFrames: 0,
      checkpointedFrames: 9000,
      readMarks: [0, 9000, null, null, null],
      live: true,
      pageSize: 4096,
      pageCount: 0,
      besideRollback: false,
      lostCommits: 0,
      unreadBytes: 0,
      complete: true,
    },
  };
  const SIZE = 4000n * 4120n;

  test("long, and all of it checkpointed", () => {
    const finding = findingOf("wal-oversized", { journalMode: "wal" }, { facts: done, target: large(SIZE) });
    expect(finding).toMatchObject({ severity: "info", pids: [] });
    expect(finding?.summary).toBe(
      "/srv/app/db.sqlite3-wal takes 15 MiB, although the database has all its committed frames already.",
    );
    expect(finding?.detail).toMatch(
      /^9,000 of 9,000 committed frames are checkpointed, and no reader pins any\. At some/,
    );
  });

  const uncommitted = (frames: number, change = {}) => ({
    facts: { ...done, wal: { ...done.wal, uncommittedFrames: frames, ...change } },
    target: large(SIZE),
  });

  test("one large transaction: what is only written is told apart from what is committed", () => {
    const found = findingOf("wal-oversized", { holders: [walWriter()] }, uncommitted(4000, { frames: 3 }));
    expect(found).toMatchObject({ severity: "info", pids: [4242] });
    expect(found?.summary).toBe(
      "/srv/app/db.sqlite3-wal has 4,000 frames (15 MiB) after its last commit, likely from one large transaction of " +
        "4242 (python manage.py shell).",
    );
    expect(found?.detail).toContain("3 frames are committed, 4,000 only written");
    expect(found?.remedy).toMatch(/^Let it commit/);
    const exclusive = holder({ activity: "exclusive", locks: [lock("EXCLUSIVE")] });
    expect(findingOf("wal-oversized", { holders: [exclusive] }, uncommitted(4000, { live: false }))?.pids).toEqual([
      4242,
    ]);
  });

  test("silent next to it: fewer of them, or nobody who writes, where they were rolled back", () => {
    expect(findingOf("wal-oversized", { holders: [walWriter()] }, uncommitted(3999))?.pids).toEqual([]);
    expect(findingOf("wal-oversized", { holders: [walWriter()] }, uncommitted(3999, { frames: 9001 }))).toBeUndefined();
    const rolledBack = findingOf("wal-oversized", {}, uncommitted(5000));
    expect(rolledBack?.pids).toEqual([]);
    expect(rolledBack?.detail).toContain(
      "5,000 frames after the last commit belong to a transaction that is open, or was rolled back.",
    );
  });

  test("silent: shorter, a frame still to be copied, or a wal-index that nobody keeps", () => {
    expect(findingOf("wal-oversized", {}, { facts: done, target: large(SIZE - 1n) })).toBeUndefined();
    const almost = { ...done, wal: { ...done.wal, checkpointedFrames: 8999 } };
    expect(findingOf("wal-oversized", {}, { facts: almost, target: large(SIZE) })).toBeUndefined();
    expect(
      findingOf("wal-oversized", {}, { facts: { ...done, wal: { ...done.wal, live: false } }, target: large(SIZE) }),
    ).toBeUndefined();
  });

  test("a read that is open comes before the checkpoint that shortens it", () => {
    const reading = { holders: [holder({ activity: "reading" as const })] };
    expect(findingOf("wal-oversized", reading, { facts: done, target: large(SIZE) })?.remedy).toContain(
      "after the open reads have ended: ",
    );
    expect(findingOf("wal-oversized", {}, { facts: done, target: large(SIZE) })?.remedy).not.toContain(
      "reads that are open",
    );
  });
});

describe("hard-linked", () => {
  const links = (n: number) => ({ target: { files: [targetFile("database", { links: n })] } });

  test("a second name, and whether it is in use", () => {
    expect(findingOf("hard-linked", {}, links(2))).toMatchObject({
      severity: "warning",
      pids: [],
      detail: expect.stringContaining("a crash under one name"),
    });
    const other = holder({ handles: [handle(3, "database", { path: "/srv/app/backup.sqlite3" })] });
    const own = holder({ pid: 4300 });
    expect(findingOf("hard-linked", { holders: [other, own] }, links(3))).toMatchObject({
      pids: [4242],
      summary: expect.stringContaining("has 3 names (hard links)"),
      detail: expect.stringContaining("In use under another name: /srv/app/backup.sqlite3."),
      remedy: expect.stringContaining("find / -xdev -samefile /srv/app/db.sqlite3"),
    });
  });

  test("a transaction that nobody has undone beside another name", () => {
    const otherNames = [{ path: "/srv/app/b.sqlite3", journal: true, wal: false }];
    expect(findingOf("hard-linked", { otherNames }, links(2))).toMatchObject({
      severity: "error",
      remedy: expect.stringContaining("sqlock who-holds /srv/app/b.sqlite3"),
    });
    const writer = holder({ locks: [lock("RESERVED")] });
    expect(findingOf("hard-linked", { otherNames, holders: [writer] }, links(2))?.severity).toBe("warning");
  });

  test("in use in WAL mode by another name: programs that use this one do not see it", () => {
    const seen = [
      handleSeen({ path: "/srv/app/b.sqlite3" }),
      handleSeen({ fd: 4, role: "shm", path: "/srv/app/b.sqlite3-shm", file: "2049:99" }),
    ];
    const holders = [holder({ handles: [handle(3, "database", { path: "/srv/app/b.sqlite3" }), handle(4, "shm")] })];
    const at = { ...links(2), handles: { 4242: seen } };
    expect(findingOf("hard-linked", { holders }, at)).toMatchObject({
      severity: "error",
      pids: [4242],
      remedy: expect.stringContaining("sqlock who-holds /srv/app/b.sqlite3"),
    });
    const own = [seen[0] ?? handleSeen(), handleSeen({ fd: 4, role: "shm" })]; // the same files under another path
    const beside = {
      target: { files: [targetFile("database", { links: 2 }), targetFile("shm")] },
      handles: { 4242: own },
    };
    expect(findingOf("hard-linked", { holders }, beside)?.severity).toBe("warning");
  });

  test("silent: one name, or a database that is deleted", () => {
    expect(findingOf("hard-linked", {}, links(1))).toBeUndefined();
    expect(findingOf("hard-linked", {}, { target: { files: [] } })).toBeUndefined();
  });

  test("a command that can be pasted, whatever the name", () => {
    expect(findingOf("hard-linked", { path: "/srv/it's mine.db" }, links(2))?.remedy).toContain(
      "-samefile '/srv/it'\\''s mine.db'",
    );
  });
});
