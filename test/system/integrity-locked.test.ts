/** Locked is never corrupt, and never ok. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { check, integrity, temporaryFiles } from "../support/check.ts";
import { connection, ROLLBACK, WAL } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { listing } from "../support/listing.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const LOCKED: Record<string, readonly string[]> = {
  "rollback mode": [...ROLLBACK, "begin exclusive"],
  "WAL mode, exclusive locking": [
    ...WAL,
    "pragma locking_mode=exclusive",
    "begin immediate",
    "insert into t values (1)",
  ],
};

test.each(Object.entries(LOCKED))("%s: who keeps it out is told", async (_, statements) => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...statements));
  for (const args of [[], ["--copy"]]) {
    const seen = await check(database, ["--wait", "300ms", ...args]);
    expect(seen).toMatchObject({
      code: 2,
      verdict: "not-checked",
      reasonCode: "locked",
      problems: [],
      blockedBy: [{ pid: holder.pid }],
    });
    expect(seen.reason).toContain(`locked by ${holder.pid} (`);
    expect(seen.durationMs).toBeGreaterThanOrEqual(300);
    expect(seen.checks.map(({ name, result }) => `${name} ${result}`)).toContain("structure not-checked");
  }
});

test.each(Object.entries(LOCKED))("%s: it is checked when the lock goes in time", async (_, statements) => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...statements));
  const checked = check(database, ["--wait", "30s"]);
  await holder.run("time.sleep(0.5); c.execute('commit') if c.in_transaction else None; c.close()");
  expect(await checked).toMatchObject({ code: 0, verdict: "ok", reasonCode: null, blockedBy: [] });
});

test("one that is locked does not hide another", async () => {
  const [free, taken] = [await newDatabase(), await newDatabase()];
  const holder = await holding(taken, "c.execute('begin exclusive')");
  const { code, report } = await integrity(["--wait", "200ms", taken, free]);
  expect(code).toBe(2);
  expect(report.databases).toMatchObject([
    { path: taken, verdict: "not-checked", reasonCode: "locked", blockedBy: [{ pid: holder.pid }] },
    { path: free, verdict: "ok" },
  ]);
  const { stdout } = await sqlock(["integrity", "--wait", "200ms", taken, free]);
  expect(stdout).toMatch(new RegExp(`not checked: it is locked by ${holder.pid} `));
});

test("writers of a WAL continue while it is checked, and their -wal stays when they leave", async () => {
  const folder = tempFolder();
  const database = join(folder, "db.sqlite3");
  const holder = await startHolder();
  const slow = "create table slow(a check(length(hex(randomblob(3000000))) > 0))";
  await holder.run(connection(database, "pragma journal_mode=wal", slow, "pragma ignore_check_constraints=on"));
  await holder.run("c.executemany('insert into slow values (?)', [(i,) for i in range(60)])");
  const checked = check(database);
  await holder.run(`
import subprocess
while True:
  locks = open("/proc/locks").read()
  inode = ":%d " % os.stat(${JSON.stringify(`${database}-shm`)}).st_ino
  if sum(inode in line for line in locks.splitlines()) > 1: break
  time.sleep(0.01)
c.execute("insert into slow values (-1)")
c.close()`);
  expect(await checked).toMatchObject({
    code: 0,
    verdict: "ok",
    method: "in-place",
    findings: [{ id: "leftover-wal" }],
  });
  expect(listing(folder).map(({ name }) => name)).toEqual([".", "db.sqlite3", "db.sqlite3-shm", "db.sqlite3-wal"]);
  // Nothing is lost: the next to open it copies the WAL back.
  const after = await holding(database, "answer = c.execute('select count(*) from slow').fetchone()[0]");
  expect(await after.run("answer = c.execute('select count(*) from slow').fetchone()[0]; c.close()")).toBe(61);
  expect(listing(folder).map(({ name }) => name)).toEqual([".", "db.sqlite3"]);
});

test("--allow-companions: no copy is made, and what SQLite makes beside it is taken away", async () => {
  const database = await newDatabase("wal");
  const folder = join(database, "..");
  const temporary = temporaryFiles();
  const before = listing(folder).filter(({ name }) => name !== ".");
  expect(
    await check(database, ["--allow-companions"], { env: { TMPDIR: join(temporary.folder, "none") } }),
  ).toMatchObject({
    code: 0,
    verdict: "ok",
    method: "in-place",
  });
  expect(listing(folder).filter(({ name }) => name !== ".")).toEqual(before);
});
