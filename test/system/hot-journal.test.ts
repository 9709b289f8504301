import { copyFileSync, existsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { theFinding } from "../support/findings.ts";
import { holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { findingIds, lookAt, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/** Python: a transaction that has written into the database itself, so that its journal was synced before. */
const SPILLED = `c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`;

test("a journal is hot when its writer was killed, and not while it lives", async () => {
  const database = await newDatabase();
  const writer = await holding(database, SPILLED);
  const alive = await lookAt(database);
  expect(alive.journal).toEqual({ hot: false, header: "valid", sizeBytes: statSync(`${database}-journal`).size });
  expect(findingIds(alive)).toEqual([]);

  await writer.end();
  const size = statSync(`${database}-journal`).size;
  const dead = await lookAt(database);
  expect(dead.holders).toEqual([]);
  expect(dead.journal).toEqual({ hot: true, header: "valid", sizeBytes: size });
  expect(dead.findings).toMatchObject([{ id: "hot-journal", severity: "warning", pids: [] }]);
  expect((await sqlock(["who-holds", database])).stdout).toContain("hot journal");

  // An idle connection that has not read yet changes nothing about it; a read rolls it back.
  const other = await holding(database);
  expect((await lookAt(database)).journal).toMatchObject({ hot: true });
  expect(await other.run(`answer = c.execute("select count(*) from t").fetchone()[0]`)).toBe(100);
  const after = await lookAt(database);
  expect(after.journal).toBeNull();
  expect(findingIds(after)).toEqual([]);
});

test("a journal that was never synced is not hot when its writer was killed", async () => {
  const database = await newDatabase();
  const writer = await holding(database, `c.execute("begin immediate"); c.execute("insert into t values (1)")`);
  await writer.end();
  const seen = await lookAt(database);
  expect(existsSync(`${database}-journal`)).toBe(true);
  expect(seen.journal).toMatchObject({ hot: false, header: "unsynced" });
  expect(findingIds(seen)).toEqual([]);
});

test.each(["persist", "truncate"])("the finished journal of %s mode is not hot", async (mode) => {
  const database = await newDatabase();
  const writer = await holding(
    database,
    `c.execute("pragma journal_mode=${mode}"); c.execute("insert into t values (1)")`,
  );
  await writer.end();
  const seen = await lookAt(database);
  expect(seen.journal).toEqual({
    hot: false,
    header: mode === "persist" ? "unsynced" : "empty",
    sizeBytes: statSync(`${database}-journal`).size,
  });
  expect(mode === "persist").toBe(statSync(`${database}-journal`).size > 0);
  expect(findingIds(seen)).toEqual([]);
});

test("a journal beside an empty database is not hot: SQLite deletes it", async () => {
  const database = await newDatabase();
  const writer = await holding(database, SPILLED);
  await writer.end();
  const empty = `${database}.empty`;
  writeFileSync(empty, "");
  copyFileSync(`${database}-journal`, `${empty}-journal`);
  const seen = await lookAt(empty);
  expect(seen).toMatchObject({ journalMode: "unknown", sizeBytes: 0, pageCount: 0, journal: { hot: false } });
  expect(theFinding(seen, "hot-journal")).toMatchObject({
    severity: "error",
    pids: [],
    summary: expect.stringContaining("is empty, but its -journal can undo"),
  });
  const reader = await holding(empty, `answer = c.execute("select count(*) from sqlite_schema").fetchone()`);
  expect(existsSync(`${empty}-journal`)).toBe(false);
  await reader.end();
});

test("the journal of the first transaction on a new database undoes nothing", async () => {
  const database = join(tempFolder(), "new.db");
  const writer = await holding(
    database,
    `c.execute("pragma cache_size=1"); c.execute("begin"); c.execute("create table t(a)"); ${insertRows(500)}`,
  );
  expect(statSync(`${database}-journal`).size).toBeGreaterThan(0);
  await writer.end();
  truncateSync(database);
  expect(findingIds(await lookAt(database))).toEqual([]);
});
