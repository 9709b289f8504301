import { copyFileSync, linkSync, renameSync, statSync, unlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { killJson } from "../support/kill.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../support/sqlock.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

test.each(["delete", "wal"] as const)(
  "%s: a database deleted while it was open answers by its old path, until nobody has it",
  async (mode) => {
    const database = await newDatabase(mode);
    const holder = await holding(database, `c.execute("select 1 from t").fetchall()`);
    unlinkSync(database);
    const seen = await lookAt(database);
    const found = holderOf(seen, holder.pid);
    expect(seen).toMatchObject({ path: database, sizeBytes: null });
    expect(found.stale).toContain("deleted-file");
    expect(found.handles.find((handle) => handle.role === "database")).toMatchObject({ path: database, deleted: true });
    expect(seen.findings).toMatchObject([{ id: "deleted-file", severity: "error", pids: [holder.pid] }]);
    expect((await sqlock(["who-holds", database])).code).toBe(0);
    expect((await sqlock(["who-holds", "-q", database])).code).toBe(1);

    await holder.end();
    const nobody = await sqlock(["who-holds", database]);
    expect(nobody).toMatchObject({ code: 2, stdout: "" });
    expect(nobody.stderr).toMatch(/^sqlock: there is no file .*; .*\n$/);
  },
);

test("a database whose writer has all its files deleted shows what is lost", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(database, WRITE);
  for (const suffix of ["", "-wal", "-shm"]) unlinkSync(database + suffix);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found.handles.map(({ role, deleted }) => [role, deleted]).sort()).toEqual([
    ["database", true],
    ["shm", true],
    ["wal", true],
  ]);
  expect(findingIds(seen)).toEqual(["deleted-file"]);
  // its write lock is on a file without a name: a program that opens the path makes a new database, and is not blocked
  expect(found).toMatchObject({ activity: "writing", blocks: [] });
  expect(seen).toMatchObject({ blockers: [], verdict: { state: "open", pids: [holder.pid] } });
  expect(seen.verdict.sentence).toMatch(/^Not locked, but .* uses a file that was deleted/);
  const opened = await holding(database, `c.execute("begin immediate"); c.execute("create table t (a)")`);
  expect((await sqlock(["who-holds", "--blocked", database])).code).toBe(1);
  await opened.end();
  expect((await sqlock(["who-holds", "--blocked", database])).code).toBe(0);
});

test.each(["without", "with"])(
  "a database replaced while it is open, %s a hard-linked backup of the old one",
  async (backup) => {
    const database = await newDatabase();
    copyFileSync(database, `${database}.new`);
    const holder = await holding(database, `c.execute("select 1 from t").fetchall()`);
    if (backup === "with") linkSync(database, `${database}.backup`);
    renameSync(`${database}.new`, database);
    const fresh = await holding(database, `c.execute("select 1 from t").fetchall()`);
    const seen = await lookAt(database);
    const found = holderOf(seen, holder.pid);
    if (backup === "with") expect(statSync(`${database}.backup`).nlink).toBe(1);
    expect(found.handles).toMatchObject([{ role: "database", path: database, deleted: true }]);
    expect(found.stale).toEqual(expect.arrayContaining(["deleted-file"]));
    expect(holderOf(seen, fresh.pid).handles).toMatchObject([{ role: "database", path: database, deleted: false }]);
    expect(seen.sizeBytes).toBe(statSync(database).size);
    expect(seen.findings).toMatchObject([{ id: "deleted-file", pids: [holder.pid] }]);
    expect(seen.findings[0]?.detail).toContain("two generations");
  },
);

test("WAL: a database moved away, and another one moved to its place", async () => {
  const database = await newDatabase("wal");
  copyFileSync(database, `${database}.new`);
  const holder = await holding(database, WRITE);
  renameSync(database, `${database}.old`);
  renameSync(`${database}.new`, database);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found.handles.find((handle) => handle.role === "database")).toMatchObject({
    path: `${database}.old`,
    deleted: false,
    moved: true,
  });
  expect(found.handles.filter((handle) => handle.role === "wal" || handle.role === "shm")).toHaveLength(2);
  expect(found.activity).toBe("writing");
  expect(seen.findings).toMatchObject([{ id: "deleted-file", severity: "error", pids: [holder.pid] }]);
  expect(seen.findings[0]?.summary).toContain("moved away");
});

test("rollback: a writer whose database was moved away, with its -journal beside the new file", async () => {
  const database = await newDatabase();
  copyFileSync(database, `${database}.new`);
  const spill = `c.execute("pragma cache_size=1"); c.executemany("insert into t values (?)", [("x" * 3000,)] * 20)`;
  const holder = await holding(database, WRITE);
  renameSync(database, `${database}.old`);
  renameSync(`${database}.new`, database);
  for (const code of ["", spill]) {
    await holder.run(code);
    const seen = await lookAt(database);
    expect(holderOf(seen, holder.pid).handles).toMatchObject([
      { role: "database", path: `${database}.old`, moved: true },
      { role: "journal", path: `${database}-journal`, moved: false },
    ]);
    expect(seen.findings).toMatchObject([{ id: "deleted-file", severity: "error", pids: [holder.pid] }]);
    expect(seen.verdict).toMatchObject({ state: "unknown", pids: [holder.pid] });
  }
  expect((await sqlock(["who-holds", "--wait", "100ms", database])).code).toBe(1);
  expect(await killJson([database, "--yes"])).toMatchObject({
    code: 1,
    stillBlocked: true,
    unsafeToOpen: ["deleted-file"],
  });
  await holder.run(`c.execute("commit")`);
  expect((await sqlock(["who-holds", "--wait", "30s", database])).code).toBe(0);
});

test("WAL: a rollback-mode copy in the place of the deleted database: the old -shm locks nobody out", async () => {
  const [database, copy] = [await newDatabase("wal"), await newDatabase()];
  const holder = await holding(database, WRITE);
  unlinkSync(database);
  copyFileSync(copy, database);
  const seen = await lookAt(database);
  expect(seen).toMatchObject({ journalMode: "rollback", blockers: [] });
  expect(seen.verdict).toMatchObject({ state: "unknown", pids: [holder.pid] });
  expect(findingIds(seen)).toContain("deleted-file");
});

test.each(["wal", "shm"])("WAL: the -%s deleted while it is open", async (role) => {
  const database = await newDatabase("wal");
  const holder = await holding(database, WRITE);
  unlinkSync(`${database}-${role}`);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found.handles.filter((handle) => handle.deleted)).toMatchObject([{ role, path: `${database}-${role}` }]);
  expect(found.stale).toContain("deleted-file");
  expect(findingIds(seen)).toEqual(["deleted-file"]);
  expect(seen.findings[0]?.summary).toContain(`a -${role} file that was deleted`);
});

test("a journal deleted under its writer", async () => {
  const database = await newDatabase();
  const holder = await holding(database, WRITE);
  unlinkSync(`${database}-journal`);
  const seen = await lookAt(database);
  expect(holderOf(seen, holder.pid).handles.filter((handle) => handle.deleted)).toMatchObject([{ role: "journal" }]);
  expect(findingIds(seen)).toEqual(["deleted-file"]);
});
