import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type * as Library from "../../src/index.ts";
import { literal } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { has, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

let whoHolds: typeof Library.whoHolds;

beforeAll(async () => {
  ({ whoHolds } = (await import(new URL("../../dist/index.js", import.meta.url).href)) as typeof Library);
});

/** This process, with a write transaction open in SQLite. */
function writer(mode: "wal" | "delete"): { database: string; connection: Database.Database } {
  const database = join(tempFolder(), "db.sqlite3");
  const connection = new Database(database);
  onTestFinished(() => void connection.close());
  connection.pragma(`journal_mode = ${mode}`);
  connection.exec("create table t(a); begin immediate; insert into t values (1)");
  return { database, connection };
}

const LOCKS = {
  delete: ["RESERVED:write", "SHARED:read"],
  wal: ["DMS:read", "READ1:read", "SHARED:read", "WRITE:write"],
};

test.each(["delete", "wal"] as const)(
  "the caller's own write lock (%s) is listed, and is still there afterwards",
  async (mode) => {
    const { database, connection } = writer(mode);
    const [report] = (await whoHolds(database)).databases;
    if (report === undefined || "error" in report) throw new Error("no answer");
    expect(report.holders.map(({ pid }) => pid)).toEqual([process.pid]);
    expect(lockNames(holderOf(report, process.pid))).toEqual(LOCKS[mode]);
    // Another process sees them as well, and runs into them.
    expect(lockNames(holderOf(await lookAt(database), process.pid))).toEqual(LOCKS[mode]);
    const other = await startHolder();
    const intrude = `sqlite3.connect(${literal(database)}, timeout=0, isolation_level=None).execute("begin immediate")`;
    await expect(other.run(intrude)).rejects.toThrow("database is locked");
    connection.exec("commit");
    expect(connection.prepare("select count(*) as n from t").get()).toEqual({ n: 1 });
  },
);

test("reading the file in the caller would have dropped them", async () => {
  const { database } = writer("delete");
  readFileSync(database);
  expect(holderOf(await lookAt(database), process.pid).locks).toEqual([]);
});

test("several databases, --locks-only, and a path that is none", async () => {
  const { database } = writer("wal");
  const missing = `${database}-none`;
  const document = await whoHolds([database, missing], { locksOnly: true });
  expect(document.databases).toMatchObject([
    { path: database, holders: [{ pid: process.pid, activity: "writing" }] },
    { givenAs: missing, error: { code: "no-such-file", message: expect.any(String), hint: expect.any(String) } },
  ]);
});

test("the source lsof: the caller's own handles, and its lock is still there afterwards", async (context) => {
  need(context, has("lsof"), "lsof");
  const { database } = writer("delete");
  const { source, databases } = await whoHolds(database, { source: "lsof" });
  expect({ source, databases }).toMatchObject({
    source: "lsof",
    databases: [{ holders: [{ pid: process.pid, activity: "unknown", locks: [] }] }],
  });
  expect(lockNames(holderOf(await lookAt(database), process.pid))).toEqual(LOCKS.delete);
});

test("wrong calls, and what a preload of the caller prints", async () => {
  const { database } = writer("wal");
  for (const wrong of [[], 3, null, [database, undefined]])
    await expect(whoHolds(wrong as unknown as string)).rejects.toThrow("takes the path of a database");
  await expect(whoHolds(database, { staleAfterMs: Number.NaN })).rejects.toThrow("is not a time");
  const preload = join(tempFolder(), "noise.cjs");
  writeFileSync(preload, 'console.log("noise")');
  vi.stubEnv("NODE_OPTIONS", `--require ${preload}`);
  expect((await whoHolds(database)).databases).toMatchObject([{ path: database }]);
  vi.unstubAllEnvs();
});

test("a path that looks like an option is a path", async () => {
  expect((await whoHolds("--help")).databases).toMatchObject([{ givenAs: "--help", error: { code: "no-such-file" } }]);
});

test("a look that is called off", async () => {
  const { database } = writer("wal");
  await expect(whoHolds(database, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  await expect(whoHolds(database, { signal: AbortSignal.timeout(10) })).rejects.toMatchObject({ name: "TimeoutError" });
  const reason = new Error("the test is over");
  const controller = new AbortController();
  const look = whoHolds(database, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 20);
  await expect(look).rejects.toBe(reason);
});
