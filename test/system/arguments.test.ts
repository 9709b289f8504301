import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { connection, literal, ROLLBACK, WAL, WRITE } from "../support/connection.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { holderOf, lookAt, sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

async function heldDatabase(name = "my db.sqlite3"): Promise<{ folder: string; database: string; holder: Holder }> {
  const folder = tempFolder();
  const database = join(folder, name);
  const holder = await startHolder();
  await holder.run(connection(database, ...WAL, ...WRITE));
  return { folder, database, holder };
}

test("every way to name a database leads to it", async () => {
  const { folder, database, holder } = await heldDatabase();
  mkdirSync(join(folder, "sub"));
  symlinkSync("../my db.sqlite3", join(folder, "sub", "link"));
  const encoded = database.replaceAll(" ", "%20");
  const ways = [
    "my db.sqlite3",
    "./sub/../my db.sqlite3",
    "sub/link",
    database,
    `${folder}//my db.sqlite3`,
    `${database}-wal`,
    `${database}-shm`,
    "my db.sqlite3-wal",
    `file:${encoded}`,
    `file://${encoded}?mode=ro`,
    `file://localhost${encoded}?mode=ro&cache=private#there`,
    "file:my%20db.sqlite3?mode=ro",
    "sqlite:///my%20db.sqlite3",
    `sqlite:///${encoded}`,
    `sqlite+aiosqlite:///${encoded}`,
    `jdbc:sqlite:${database}`,
  ];
  for (const way of ways) {
    const report = await lookAt(way, [], { cwd: folder });
    expect(report, way).toMatchObject({ path: database, givenAs: way });
    expect(holderOf(report, holder.pid).activity, way).toBe("writing");
  }
});

test("the -journal of a rollback database, with and without a transaction", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  expect(holderOf(await lookAt(`${database}-journal`), holder.pid).activity).toBe("writing");
});

test("a folder stands for the databases directly in it", async () => {
  const { folder, database, holder } = await heldDatabase("b.db");
  for (const name of ["a.sqlite", "c"])
    await holder.run(
      `with sqlite3.connect(${literal(join(folder, name))}) as d: d.execute("create table t(a)")\nd.close()`,
    );
  writeFileSync(join(folder, "notes.txt"), "no database\n");
  writeFileSync(join(folder, "empty"), "");
  mkdirSync(join(folder, "sub"));
  await holder.run(
    `with sqlite3.connect(${literal(join(folder, "sub", "deep.db"))}) as d: d.execute("create table t(a)")\nd.close()`,
  );
  const { databases } = await whoHolds([folder]);
  expect(
    databases.map((each) =>
      "error" in each ? each.error : [basename(each.path), each.givenAs, each.holders.map(({ pid }) => pid)],
    ),
  ).toEqual([
    ["a.sqlite", folder, []],
    ["b.db", folder, [holder.pid]],
    ["c", folder, []],
  ]);
  const { stdout, code } = await sqlock(["who-holds", "."], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout.split("\n").filter((line) => line.startsWith(`${folder}/`))).toHaveLength(3);
  expect(stdout).toContain(`${database}: WAL mode`);
});

test("the same database twice is one, under whatever name", async () => {
  const { folder, database, holder } = await heldDatabase();
  symlinkSync(database, join(folder, "link"));
  const report = await whoHolds([database, database, `${database}-wal`, join(folder, "link"), folder]);
  expect(report.databases).toMatchObject([{ path: database, givenAs: database, holders: [{ pid: holder.pid }] }]);
});

test("a name that looks like an option goes behind --", async () => {
  const { folder, database, holder } = await heldDatabase("--json");
  const { stdout } = await sqlock(["who-holds", "--json", "--", "--json"], { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({ databases: [{ path: database, holders: [{ pid: holder.pid }] }] });
});

test("a file whose name is a URI is found when nothing else is meant", async () => {
  const { folder, database, holder } = await heldDatabase("file:data.db");
  const report = await lookAt("file:data.db", [], { cwd: folder });
  expect(report.path).toBe(database);
  expect(holderOf(report, holder.pid).activity).toBe("writing");
});
