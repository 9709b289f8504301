import { expect, test } from "vitest";
import { killJson } from "../support/kill.ts";
import { holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lockNames, lookAt, sqlock } from "../support/sqlock.ts";
import { SELDOM_MS, until } from "../support/until.ts";

const HALF_READ = `cursor = c.execute("select a from t"); cursor.fetchone()`;

test("rollback: an idle connection holds no lock", async () => {
  const database = await newDatabase();
  const holder = await holding(database, `c.execute("select count(*) from t").fetchall()`);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({
    activity: "idle",
    blocks: [],
    locks: [],
    readMark: null,
    heldAtLeastMs: null,
    complete: true,
  });
  expect(found.handles).toMatchObject([
    { role: "database", path: database, access: "read-write", deleted: false, moved: false },
  ]);
  expect(seen).toMatchObject({
    journalMode: "rollback",
    wal: null,
    journal: null,
    summary: [],
    findings: [],
    unownedLocks: [],
  });
});

test("rollback: a SELECT that is half read", async () => {
  const database = await newDatabase();
  const holder = await holding(database, HALF_READ);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({ activity: "reading", blocks: ["commits", "journal-mode"], readMark: null });
  expect(found.locks).toEqual([
    {
      name: "SHARED",
      role: "database",
      type: "read",
      api: "posix",
      start: "1073741826",
      end: "1073742335",
      waiting: false,
    },
  ]);
  expect(findingIds(seen)).toEqual([]);
});

test("rollback: a write that is not committed", async () => {
  const database = await newDatabase();
  const holder = await holding(database, `c.execute("begin immediate"); c.execute("insert into t values (1)")`);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({ activity: "writing", blocks: ["writers", "commits", "journal-mode"] });
  expect(lockNames(found)).toEqual(["RESERVED:write", "SHARED:read"]);
  expect(found.handles.map((handle) => handle.role).sort()).toEqual(["database", "journal"]);
  expect(seen.journal).toMatchObject({ hot: false });
  expect(seen.summary).toHaveLength(1);
});

test("rollback: BEGIN EXCLUSIVE", async () => {
  const database = await newDatabase();
  const holder = await holding(database, `c.execute("begin exclusive")`);
  const found = holderOf(await lookAt(database), holder.pid);
  expect(found).toMatchObject({ activity: "exclusive", blocks: ["readers", "writers", "journal-mode"] });
  expect(lockNames(found)).toEqual(["EXCLUSIVE:write", "PENDING:write", "RESERVED:write"]);
});

test("rollback: a writer that waits for a reader", async () => {
  const database = await newDatabase();
  const reader = await holding(database, HALF_READ);
  const writer = await holding(database, `c.execute("begin immediate"); c.execute("insert into t values (1)")`);

  const before = await lookAt(database);
  expect(before.findings).toMatchObject([{ id: "open-read-blocks-commit", severity: "warning", pids: [reader.pid] }]);

  await writer.run(`c.execute("pragma busy_timeout=600000")`);
  writer.begin(`c.execute("commit")`);
  const seen = await until("the commit waits", async () => {
    const look = await lookAt(database);
    return look.waits.length > 0 && look;
  });
  const committing = holderOf(seen, writer.pid);
  expect(committing).toMatchObject({
    activity: "committing",
    blocks: ["readers", "writers", "commits", "journal-mode"],
  });
  expect(lockNames(committing)).toEqual(["PENDING:write", "RESERVED:write", "SHARED:read"]);
  expect(holderOf(seen, reader.pid)).toMatchObject({ activity: "reading", blocks: ["commits", "journal-mode"] });
  expect(seen.findings).toMatchObject([{ id: "open-read-blocks-commit", severity: "error", pids: [reader.pid] }]);
  expect(seen.holders.map((each) => each.pid)).toEqual([writer.pid, reader.pid]);
  expect(seen.waits).toMatchObject([
    { pid: writer.pid, for: "commit", lock: "EXCLUSIVE", blockedBy: [reader.pid], sure: "proved" },
  ]);
  expect(seen.summary[0]).toContain(`waits to commit until the read of ${reader.pid} (`);
  const plan = await killJson([database, "--yes", "--dry-run"]);
  expect(plan.outcomes).toMatchObject([{ pid: reader.pid, result: "planned" }]);

  await reader.run("cursor.close()");
  await writer.answer();
  const after = await lookAt(database);
  expect(after).toMatchObject({ findings: [], waits: [], progress: null });
  expect(after.holders.map((each) => each.activity)).toEqual(["idle", "idle"]);
});

test("rollback: a commit that was refused and is not tried again blocks, with its reader or without", async () => {
  const [database, left] = await Promise.all([newDatabase(), newDatabase()]);
  const [reader, ended] = await Promise.all([holding(database, HALF_READ), holding(left, HALF_READ)]);
  const writers = await Promise.all(
    [database, left].map((each) =>
      holding(each, `c.execute("begin immediate"); c.execute("insert into t values (1)")`),
    ),
  );
  for (const each of writers) await expect(each.run(`c.execute("commit")`)).rejects.toThrow("database is locked");
  await ended.end();
  const pids = writers.map(({ pid }) => pid);

  const lines = await until(
    "the writers rest for longer than SQLite waits",
    async () => {
      const { stdout } = await sqlock(["who-holds", "--stale-after", "2s", database, left], {
        env: { COLUMNS: "200" },
      });
      const seen = stdout.split("\n").filter((line) => line.startsWith("Locked for readers and writers: "));
      return seen.length === 2 && seen.every((line, i) => line.includes(`: ${pids[i]} (`)) && seen;
    },
    SELDOM_MS,
  );
  for (const line of lines)
    expect(line).toMatch(/has held PENDING \(likely since a commit that was refused\) for at least \d+ s and is idle/);
  const seen = await lookAt(database);
  expect(seen.waits).toEqual([]);
  const plan = await killJson([database, "--yes", "--dry-run"]);
  expect(plan.outcomes).toMatchObject([{ pid: pids[0], result: "planned" }]);

  await killJson([database, "--yes"]);
  expect((await lookAt(database)).holders.map(({ pid }) => pid)).toEqual([reader.pid]);
});

test("rollback: a writer whose cache spilled keeps readers out before it commits", async () => {
  const database = await newDatabase();
  const holder = await holding(database, `c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({ activity: "writing", blocks: ["readers", "writers", "journal-mode"] });
  expect(lockNames(found)).toContain("EXCLUSIVE:write");
  expect(seen.journal).toMatchObject({ hot: false });
});

test("rollback: an idle connection in locking_mode=EXCLUSIVE", async () => {
  const database = await newDatabase();
  const holder = await holding(
    database,
    `c.execute("pragma locking_mode=exclusive"); c.execute("insert into t values (1)")`,
  );
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({ activity: "exclusive", blocks: ["readers", "writers", "journal-mode"] });
  expect(lockNames(found)).toContain("EXCLUSIVE:write");
  expect(findingIds(seen)).toEqual([]);
});
