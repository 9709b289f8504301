/** What the program really prints is what docs/who-holds.schema.json says: every field, and no other. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { expectToFit } from "../support/schema.ts";
import { whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

test("a writer, a reader, a waiter, an unowned lock, findings and errors fit the schema", async () => {
  const folder = tempFolder();
  const database = join(folder, "db.sqlite3");
  const [writer, reader, waiter, ofd] = await Promise.all([startHolder(), startHolder(), startHolder(), startHolder()]);
  const connect = `c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None)`;
  await writer.run(
    `${connect}; c.execute("pragma journal_mode=wal"); c.execute("create table t(a)"); c.executemany("insert ` +
      'into t values (?)", [(i,) for i in range(10)])',
  );
  await reader.run(`${connect}; r = c.execute("select * from t"); r.fetchone()`);
  await writer.run(`
c.execute("pragma synchronous=off")
for i in range(1200): c.execute("insert into t values (1)")
c.execute("begin immediate")`);
  await ofd.run(
    `f = os.open(${JSON.stringify(database)}, os.O_RDWR); fcntl.fcntl(f, 37, struct.pack("hhqqi", fcntl.F_RDLCK, ` +
      "0, 7, 1, 0))",
  );
  await waiter.run(`f = os.open(${JSON.stringify(`${database}-shm`)}, os.O_RDWR)`);
  waiter.begin("fcntl.lockf(f, fcntl.LOCK_EX, 1, 120)");
  writer.kill("SIGSTOP");
  for (const args of [[], ["--locks-only"]]) {
    const document = await whoHolds([...args, database, join(folder, "none"), ":memory:"]);
    expectToFit("who-holds", document);
    const [found] = document.databases;
    if (found === undefined || "error" in found) throw new Error("no answer");
    expect(found.findings.map((finding) => finding.id)).toEqual([
      "suspended-holder",
      "checkpoint-starved",
      "foreign-lock",
    ]);
    expect(document.databases.map((entry) => "error" in entry && entry.error.code)).toEqual([
      false,
      "no-such-file",
      "in-memory",
    ]);
  }
  writer.kill("SIGCONT");
});

test("a schema that the document does not fit is noticed", () => {
  expect(() =>
    expectToFit("who-holds", { schemaVersion: 1, sqlock: "0", takenAt: "today", databases: [], unseen: null, more: 1 }),
  ).toThrow();
});
