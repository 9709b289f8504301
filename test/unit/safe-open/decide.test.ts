import { expect, test } from "vitest";
import { decide, type Situation } from "../../../src/safe-open/decide.ts";
import { database, holder, lock, walWriter } from "../../support/report.ts";

const file = (role: "database" | "wal" | "shm" | "journal") => ({
  role,
  path: `/srv/app/db.sqlite3-${role}`,
  sizeBytes: 100,
  inode: 1n,
});

const situation = (change: Partial<Situation> = {}): Situation => ({
  database: database(),
  walMode: false,
  folderWritable: true,
  asRoot: false,
  noRoom: false,
  copy: false,
  allowCompanions: false,
  refused: null,
  ...change,
});

const IN_PLACE = { kind: "look", method: "in-place", reason: null };
const BACKUP = { kind: "look", method: "backup" };
const COPY = { kind: "look", method: "private-copy" };

const WAL_FILES = [file("database"), file("wal"), file("shm")];
const wal = { frames: 3, checkpointedFrames: 0, readMarks: [] };
const idleInWal = holder({ locks: [lock("SHARED"), lock("DMS")] });

test("rollback mode is looked at in place, with others or without", () => {
  expect(decide(situation())).toMatchObject({ ...IN_PLACE, wal: "none" });
  expect(
    decide(situation({ database: database({ holders: [holder({ blocks: ["readers", "writers"] })] }) })),
  ).toMatchObject(IN_PLACE);
  expect(decide(situation({ folderWritable: false }))).toMatchObject(IN_PLACE);
  expect(decide(situation({ copy: true }))).toMatchObject(BACKUP);
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

test("a WAL that somebody keeps is looked at in place", () => {
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

test("a WAL that nobody keeps is looked at in a copy, and why is told", () => {
  const reasonOf = (change: Partial<Situation>) => {
    const decision = decide(situation({ walMode: true, ...change }));
    expect(decision).toMatchObject(COPY);
    return decision.kind === "look" ? decision.reason : null;
  };
  expect(reasonOf({})).toMatch(/would make a -wal and a -shm$/);
  expect(reasonOf({ database: database({ files: [file("database"), file("wal")] }) })).toMatch(/would make a -shm$/);
  expect(reasonOf({ database: database({ files: WAL_FILES, wal }) })).toMatch(/^nobody has its WAL open/);
  expect(reasonOf({ folderWritable: false })).toContain("in a folder that may not be written");
  expect(
    reasonOf({
      database: database({ fileSystem: { type: "iso9660", mountPoint: "/", network: false, readOnly: true } }),
    }),
  ).toContain("read-only file system");
  // An open file alone keeps no wal-index; neither does one who is just making it.
  expect(reasonOf({ database: database({ holders: [holder()] }) })).not.toBeNull();
  expect(
    reasonOf({
      database: database({ files: WAL_FILES, holders: [holder({ locks: [lock("DMS", { type: "write" })] })] }),
    }),
  ).not.toBeNull();
  // A -wal beside a database in rollback mode would be read all the same.
  expect(reasonOf({ walMode: false, database: database({ files: [file("database"), file("wal")] }) })).not.toBeNull();
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

test("a -journal that root would touch is looked at in a copy, as long as nobody uses it and there is room", () => {
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
  expect(decide(situation({ refused: "why" }))).toEqual({ ...COPY, reason: "why", wal: "none" });
});
