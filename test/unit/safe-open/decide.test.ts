import { expect, test } from "vitest";
import { decide, type Situation } from "../../../src/safe-open/decide.ts";
import { database, holder, lock, walWriter } from "../../support/report.ts";

const file = (role: "database" | "wal" | "shm" | "journal") => ({
  role,
  path: `/srv/app/db.sqlite3-${role}`,
  sizeBytes: 100,
  device: 1n,
  inode: 1n,
});

const situation = (change: Partial<Situation> = {}): Situation => ({
  database: database(),
  walMode: false,
  folderWritable: true,
  asRoot: false,
  isolation: null,
  noRoom: false,
  copy: false,
  allowCompanions: false,
  refused: null,
  separateLocks: "none",
  partialView: false,
  ...change,
});

const IN_PLACE = { kind: "open", method: "in-place", reason: null };
const BACKUP = { kind: "open", method: "backup" };
const COPY = { kind: "open", method: "private-copy" };

const WAL_FILES = [file("database"), file("wal"), file("shm")];
const wal = {
  frames: 3,
  checkpointedFrames: 0,
  uncommittedFrames: 0,
  checkpointedKnown: true,
  readMarks: [],
  unreadBytes: 0,
  complete: true,
};
const idleInWal = holder({ locks: [lock("SHARED"), lock("DMS")] });

test("rollback mode is looked at in place, with others or without", () => {
  expect(decide(situation())).toMatchObject({ ...IN_PLACE, wal: "none" });
  expect(
    decide(situation({ database: database({ holders: [holder({ blocks: ["readers", "writers"] })] }) })),
  ).toMatchObject(IN_PLACE);
  expect(decide(situation({ folderWritable: false }))).toMatchObject(IN_PLACE);
  expect(decide(situation({ copy: true }))).toMatchObject(BACKUP);
});

test("for a missing collation SQLite makes a copy, under its lock; one of a damaged file keeps its bytes", () => {
  const refused = (damaged: boolean) => ({ code: "missing-collation", names: ["unicase"], damaged }) as const;
  expect(decide(situation({ refused: refused(false) }))).toEqual({ ...BACKUP, reason: refused(false), wal: "none" });
  expect(decide(situation({ refused: refused(true) }))).toMatchObject({ ...COPY, reason: refused(true) });
  const hot = database({ journal: { hot: true, header: "valid", sizeBytes: 100 } });
  expect(decide(situation({ database: hot, refused: refused(false) }))).toMatchObject({
    ...COPY,
    reason: { code: "hot-journal" },
  });
});

test("a hot journal is never rolled back", () => {
  const hot = database({ journal: { hot: true, header: "valid", sizeBytes: 100 } });
  for (const change of [{}, { copy: true }, { walMode: true, allowCompanions: true }])
    expect(decide(situation({ database: hot, ...change }))).toMatchObject(COPY);
  expect(
    decide(situation({ database: database({ journal: { hot: false, header: "valid", sizeBytes: 100 } }) })),
  ).toMatchObject(IN_PLACE);
  expect(
    decide(situation({ database: database({ journal: { hot: null, header: "valid", sizeBytes: 100 } }) })),
  ).toMatchObject(IN_PLACE); // SQLite refuses where it is hot
});

test("nor deleted, where SQLite would not find its super-journal; its writer at work is waited for", () => {
  const missingSuperJournal = { name: "/app/db-mj0123459AB", beside: null };
  const journal = { hot: null, header: "valid", sizeBytes: 100, missingSuperJournal } as const;
  for (const change of [{}, { copy: true }])
    expect(decide(situation({ database: database({ journal }), ...change }))).toMatchObject({
      ...COPY,
      reason: { code: "super-journal-elsewhere", isBeside: false },
    });
  const writer = holder({ blocks: ["readers", "writers"] });
  expect(decide(situation({ database: database({ journal, holders: [writer] }) }))).toEqual({ kind: "wait" });
});

test("a WAL that a process keeps is inspected in place", () => {
  for (const each of [idleInWal, walWriter({ locks: [lock("WRITE"), lock("DMS")] })]) {
    const kept = database({ journalMode: "wal", wal, files: WAL_FILES, holders: [each] });
    expect(decide(situation({ database: kept, walMode: true }))).toMatchObject({ ...IN_PLACE, wal: "kept-by-others" });
    expect(decide(situation({ database: kept, walMode: true, copy: true }))).toMatchObject({
      ...BACKUP,
      wal: "kept-by-others",
    });
  }
  const ownerUnknown = database({ journalMode: "wal", wal, files: WAL_FILES, unownedLocks: [lock("DMS")] });
  expect(decide(situation({ database: ownerUnknown, walMode: true }))).toMatchObject({
    ...IN_PLACE,
    wal: "kept-by-others",
  });
});

const EMPTY_WAL_FILES = [file("database"), file("wal")];
const READ_ONLY = { type: "iso9660", mountPoint: "/", network: false, readOnly: true };

/** The change of the situation; the state and the folder that the reason names. */
const NOT_OPEN: Record<string, [Partial<Situation>, string, string]> = {
  "no -wal": [{}, "absent", "writable"],
  "an empty -wal": [{ database: database({ files: EMPTY_WAL_FILES }) }, "empty", "writable"],
  frames: [{ database: database({ files: WAL_FILES, wal }) }, "has-frames", "writable"],
  "a folder that may not be written": [{ folderWritable: false }, "absent", "not-writable"],
  "a read-only file system": [{ database: database({ fileSystem: READ_ONLY }) }, "absent", "read-only"],
  // An open file alone does not keep the wal-index; neither does a holder that is just making it.
  "a handle without a lock": [{ database: database({ holders: [holder()] }) }, "absent", "writable"],
  "a DMS lock to write": [
    { database: database({ files: WAL_FILES, holders: [holder({ locks: [lock("DMS", { type: "write" })] })] }) },
    "empty",
    "writable",
  ],
  // SQLite would read it all the same.
  "a -wal beside a database in rollback mode": [
    { walMode: false, database: database({ files: EMPTY_WAL_FILES }) },
    "beside-rollback",
    "writable",
  ],
};

test.each(Object.entries(NOT_OPEN))("a WAL that nobody keeps is copied: %s", (_, [change, state, folder]) => {
  const holders = (change.database?.holders.length ?? 0) > 0 ? "unattached" : "nobody";
  expect(decide(situation({ walMode: true, ...change }))).toEqual({
    ...COPY,
    reason: { code: "wal-not-open", state, folder, holders },
    wal: "none",
  });
});

test("--allow-companions: in place, where the folder may be written", () => {
  expect(decide(situation({ walMode: true, allowCompanions: true }))).toMatchObject({
    ...IN_PLACE,
    wal: "may-be-made",
  });
  expect(decide(situation({ walMode: true, allowCompanions: true, folderWritable: false }))).toMatchObject(COPY);
});

test("a WAL that is locked exclusively is waited for: how to look at it shows only then", () => {
  const exclusive = database({
    files: [file("database"), file("wal")],
    holders: [holder({ locks: [lock("EXCLUSIVE")], blocks: ["readers", "writers"] })],
  });
  for (const change of [{}, { copy: true }, { allowCompanions: true }])
    expect(decide(situation({ walMode: true, database: exclusive, ...change }))).toEqual({ kind: "wait" });
});

test("a -journal that root would touch is inspected in a copy, if no process uses it and there is room", () => {
  const kept = database({
    files: [file("database"), file("journal")],
    journal: { hot: false, header: "valid", sizeBytes: 100 },
  });
  expect(decide(situation({ asRoot: true, database: kept }))).toMatchObject(COPY);
  expect(decide(situation({ asRoot: false, database: kept }))).toMatchObject(IN_PLACE);
  expect(decide(situation({ asRoot: true, noRoom: true, database: kept }))).toMatchObject(IN_PLACE);
  expect(decide(situation({ asRoot: true, database: { ...kept, holders: [holder()] } }))).toMatchObject(IN_PLACE);
});

test("what was refused in place is looked at in a copy", () => {
  const refused = { code: "needs-copy", message: "unable to open database file" } as const;
  expect(decide(situation({ refused }))).toEqual({ ...COPY, reason: refused, wal: "none" });
});

test("where others use it by locks that do not count here: a copy, never while one keeps readers out", () => {
  for (const change of [{}, { copy: true }, { walMode: true, allowCompanions: true }])
    expect(decide(situation({ ...change, separateLocks: "seen" }))).toMatchObject({
      ...COPY,
      reason: { code: "separate-locks" },
    });
  const kept = database({ holders: [holder({ blocks: ["readers", "writers"] })] });
  expect(decide(situation({ database: kept, separateLocks: "seen" }))).toEqual({ kind: "wait" });
  expect(decide(situation({ separateLocks: "unseen" }))).toEqual({
    kind: "refuse",
    refusal: { kind: "unseen-users" },
  });
});

test("a WAL that no process keeps: the processes that have it open are still reported", () => {
  const state = (change: Partial<Situation>) => {
    const decision = decide(situation({ walMode: true, ...change }));
    return decision.kind === "open" && decision.reason?.code === "wal-not-open" ? decision.reason.holders : null;
  };
  expect(state({})).toBe("nobody");
  expect(state({ partialView: true })).toBe("nobody-visible");
  expect(state({ database: database({ holders: [holder()] }) })).toBe("unattached");
});
