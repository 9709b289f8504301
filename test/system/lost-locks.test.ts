import { expect, test } from "vitest";
import { check } from "../support/check.ts";
import type { Holder } from "../support/holder.ts";
import { startHolder } from "../support/holder.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lockNames, lookAt } from "../support/sqlock.ts";

const READ = `cursor = c.execute("select a from t"); cursor.fetchone()`;
const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** The mistake itself: the program opens and closes a file that it has open through SQLite. */
async function openAndClose(holder: Holder, path: string): Promise<void> {
  await holder.run(`os.close(os.open(${JSON.stringify(path)}, os.O_RDONLY))`);
}

test("WAL: a process that opened and closed the database has lost SHARED; its healthy neighbour has not", async () => {
  const database = await newDatabase("wal");
  const careless = await holding(database, READ);
  const healthy = await holding(database, READ);
  expect(findingIds(await lookAt(database))).toEqual([]);
  await openAndClose(careless, database);
  const seen = await lookAt(database);
  expect(seen.findings).toMatchObject([{ id: "lost-locks", severity: "error", pids: [careless.pid] }]);
  expect(seen.findings[0]?.summary).toContain("without its locks (SHARED)");
  expect(lockNames(holderOf(seen, careless.pid))).not.toContain("SHARED:read");
  expect(lockNames(holderOf(seen, healthy.pid))).toContain("SHARED:read");
});

test("WAL: one that opened and closed the -shm has lost all locks on it", async () => {
  const database = await newDatabase("wal");
  const careless = await holding(database, WRITE);
  await openAndClose(careless, `${database}-shm`);
  const seen = await lookAt(database);
  expect(lockNames(holderOf(seen, careless.pid))).toEqual(["SHARED:read"]);
  expect(seen.findings).toMatchObject([{ id: "lost-locks", pids: [careless.pid] }]);
  expect(seen.findings[0]?.summary).toContain("without its locks (DMS)");
});

test("WAL: integrity does not say that nobody has it open where somebody has, without locks", async () => {
  const database = newDatabase("wal");
  const careless = await holding(database, `c.execute("insert into t values (1)")`);
  expect(await check(database)).toMatchObject({ verdict: "ok", method: "in-place" });
  for (const path of [database, `${database}-shm`]) await openAndClose(careless, path);
  const seen = await check(database);
  expect(seen).toMatchObject({ verdict: "ok", method: "private-copy" });
  expect(seen.methodReason).toContain("the processes that have it open are not attached to its wal-index");
});

test("rollback: a writer with an open journal that opened and closed the database has lost RESERVED", async () => {
  const database = await newDatabase();
  const careless = await holding(database, WRITE);
  const healthy = await holding(database, READ);
  await openAndClose(careless, database);
  const seen = await lookAt(database);
  expect(seen.findings.filter((finding) => finding.id === "lost-locks")).toMatchObject([
    { severity: "error", pids: [careless.pid] },
  ]);
  expect(holderOf(seen, careless.pid).locks).toEqual([]);
  expect(holderOf(seen, careless.pid).handles.map((handle) => handle.role)).toContain("journal");
  expect(lockNames(holderOf(seen, healthy.pid))).toEqual(["SHARED:read"]);
});

test.each(["truncate", "persist"])("%s mode: a finished journal that is still open is no loss", async (mode) => {
  const database = await newDatabase();
  const holder = await holding(
    database,
    `
c.execute("pragma journal_mode=${mode}")
${READ}
c.execute("insert into t values (1)")`,
  );
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found.handles.map((handle) => handle.role).sort()).toEqual(["database", "journal"]);
  expect(lockNames(found)).toEqual(["SHARED:read"]);
  expect(seen.journal).toMatchObject({ hot: false });
  expect(seen.findings).toEqual([]);
});

test("a backup that reads a writer's files, or a unix-dotfile connection, is no writer without locks", async () => {
  const database = await newDatabase();
  await holding(database, WRITE);
  const backup = await startHolder();
  await backup.run(
    `a = open(${JSON.stringify(database)}, "rb"); b = open(${JSON.stringify(`${database}-journal`)}, "rb")`,
  );
  expect(findingIds(await lookAt(database))).toEqual([]);
  const other = await newDatabase();
  const dotfile = await startHolder();
  await dotfile.run(
    `c = sqlite3.connect("file:" + ${JSON.stringify(other)} + "?vfs=unix-dotfile", uri=True, ` +
      `isolation_level=None); ${WRITE}`,
  );
  const seen = await lookAt(other);
  expect(seen.lockDirectory).not.toBeNull();
  expect(findingIds(seen)).toEqual(["lock-directory"]);
});
