/** A program that reads one row of a cursor and keeps it, while another program writes: rollback journal. */
import { expect, test } from "vitest";
import { startHolder } from "../../support/holder.ts";
import { holding, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lockNames, lookAt, sqlock } from "../../support/sqlock.ts";
import { until } from "../../support/until.ts";

test("the reader is found before the commit, and while it waits; WAL mode has no such trouble", async () => {
  const database = await newDatabase("delete");
  const [reader, writer] = [await startHolder({ argv0: "report" }), await startHolder({ argv0: "import" })];
  // With Python's own transactions: a transaction begins with the first INSERT, and a SELECT outside one reads until
  // its cursor is done.
  for (const each of [reader, writer]) await each.run(`c = sqlite3.connect(${JSON.stringify(database)}, timeout=20)`);
  await reader.run(`cursor = c.execute("select a from t"); answer = len(cursor.fetchone()[0])`);
  await writer.run(`c.execute("insert into t values (1)")`);
  const before = await lookAt(database);
  expect(holderOf(before, reader.pid)).toMatchObject({ activity: "reading", blocks: ["commits", "journal-mode"] });
  expect(before.findings).toMatchObject([{ id: "open-read-blocks-commit", severity: "warning", pids: [reader.pid] }]);

  writer.begin("c.commit()");
  const waiting = await until("the writer waits", async () => {
    const look = await lookAt(database);
    return holderOf(look, writer.pid).activity === "committing" && look;
  });
  expect(lockNames(holderOf(waiting, writer.pid))).toContain("PENDING:write");
  expect(holderOf(waiting, reader.pid)).toMatchObject({ activity: "reading" });
  expect(waiting.findings).toMatchObject([{ id: "open-read-blocks-commit", severity: "error", pids: [reader.pid] }]);
  expect(waiting.findings[0]?.detail).toContain("PENDING");
  const text = (await sqlock(["who-holds", database])).stdout;
  expect(text).toMatch(new RegExp(`^error open-read-blocks-commit: ${reader.pid} \\(report `, "m"));

  const newcomer = await holding(database);
  await expect(newcomer.run(`c.execute("select count(*) from t").fetchall()`)).rejects.toThrow("database is locked");

  await reader.run("cursor.close()");
  await writer.answer();
  expect(findingIds(await lookAt(database))).toEqual([]);
});

test("in a transaction, a read blocks the commit after its cursor is closed, until it ends", async () => {
  const database = await newDatabase("delete");
  const reader = await holding(
    database,
    `c.execute("begin"); cursor = c.execute("select a from t"); cursor.fetchall()`,
  );
  const writer = await holding(database, `c.execute("begin immediate"); c.execute("insert into t values (1)")`);
  await reader.run("cursor.close()");
  await expect(writer.run(`c.execute("commit")`)).rejects.toThrow("database is locked");
  const [finding] = (await lookAt(database)).findings;
  expect(finding).toMatchObject({ id: "open-read-blocks-commit", pids: [reader.pid] });
  expect(finding?.remedy).toContain(
    "COMMIT or ROLLBACK; outside a transaction, read the cursor to its end or close it",
  );

  await reader.run(`c.execute("rollback")`);
  await writer.run(`c.execute("commit")`);
});

test("WAL mode: the writer commits, and nothing is found", async () => {
  const database = await newDatabase("wal");
  const reader = await holding(database, `cursor = c.execute("select a from t"); cursor.fetchone()`);
  const writer = await holding(database, `c.execute("insert into t values (1)")`);
  const seen = await lookAt(database);
  expect(holderOf(seen, reader.pid)).toMatchObject({ activity: "reading" });
  expect(holderOf(seen, writer.pid)).toMatchObject({ activity: "idle" });
  expect(findingIds(seen)).toEqual([]);
});
