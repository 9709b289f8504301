/** What is written beside a check in place, with SQLite's locks and without them. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { check, integrity } from "../support/check.ts";
import { literal } from "../support/connection.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/** Its check takes so long that each one meets commits; the writer itself leaves it out. */
const TABLES = `
c.execute("pragma synchronous=off")
c.execute("pragma journal_mode=memory")
c.execute("pragma ignore_check_constraints=on")
c.execute("pragma cache_size=5")
c.execute("create table slow(a check(length(hex(randomblob(3000000))) > 0))")
c.executemany("insert into slow values (?)", [(i,) for i in range(4)])
c.execute("create table t(a integer primary key, b)")
c.execute("create index i on t(b)")
`;

const WRITES = `
import random, threading, time
def write():
  while True:
    try:
      c.execute("begin immediate")
      c.execute("delete from t where a % 7 = ?", (random.randrange(7),))
      rows = [(random.randrange(300), os.urandom(900)) for _ in range(20)]
      c.executemany("insert or replace into t values (?, ?)", rows)
      c.execute("commit")
      time.sleep(0.003)
    except sqlite3.OperationalError:
      if c.in_transaction: c.execute("rollback")
threading.Thread(target=write, daemon=True).start()
`;

function opened(database: string, vfs: string): string {
  const uri = `"file:" + ${literal(database)} + "?vfs=${vfs}"`;
  return `c = sqlite3.connect(${uri}, uri=True, isolation_level=None, timeout=5, check_same_thread=False)`;
}

/** A writer that never rests, by a VFS of SQLite's. */
async function busyWriter(database: string, vfs: string): Promise<Holder> {
  const writer = await startHolder();
  await writer.run(`${opened(database, vfs)}\n${TABLES}\n${WRITES}`);
  return writer;
}

const integrityOf = (database: string, times: number) =>
  integrity([...Array<string>(times).fill(database), "--wait", "20s"]);

test("a writer without locks: nothing that was read counts", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const writer = await busyWriter(database, "unix-none");
  const { code, report } = await integrityOf(database, 2);
  expect(code).toBe(2);
  expect(report.databases).toHaveLength(2);
  for (const seen of report.databases) {
    expect(seen).toMatchObject({ verdict: "not-checked", reasonCode: "changed", problems: [] });
    expect(seen.reason).toMatch(`${writer.pid} (`);
  }
});

test("a writer with SQLite's locks waits, and the database is ok", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  await busyWriter(database, "unix");
  const { code, report } = await integrityOf(database, 2);
  expect(report.databases.map(({ verdict, reason }) => [verdict, reason])).toEqual(
    report.databases.map(() => ["ok", null]),
  );
  expect(code).toBe(0);
});

test("a writer without locks whose cache has spilled is in the middle of a change", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const writer = await startHolder();
  await writer.run(`${opened(database, "unix-none")}
${TABLES.replace("journal_mode=memory", "journal_mode=delete")}
c.execute("begin")
c.executemany("insert into t values (?, ?)", [(i, os.urandom(900)) for i in range(200)])`);
  const seen = await check(database);
  expect(seen).toMatchObject({ code: 2, verdict: "not-checked", reasonCode: "unlocked-writer", problems: [] });
  expect(seen.reason).toMatch(`${writer.pid} (`);
  await writer.run(`c.execute("commit")`);
  const { stdout, code } = await sqlock(["integrity", database]);
  expect(code).toBe(0);
  expect(stdout).toMatch("no commits during that time");
});
