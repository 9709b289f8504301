/** A database replaced (`mv new.db db.sqlite3`) under a running writer. What the remedy says is run as it stands. */
import { execFileSync } from "node:child_process";
import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explain } from "../../support/explain.ts";
import { type Holder, startHolder } from "../../support/holder.ts";
import { python } from "../../support/python.ts";
import { connect, holding, insertRows, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";

const ROWS = 100; // of newDatabase

test("WAL: what was committed before and after is rescued, and what was not is not", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, insertRows(20));
  await replace(database);
  await writer.run(insertRows(30));
  await writer.run(`c.execute("begin immediate"); ${insertRows(40)}`);
  const remedy = await remedyFor(database, writer);
  expect(rescue(remedy)).toEqual({ rows: ROWS + 20 + 30, integrity: "ok" });
  await writer.run(`c.execute("commit")`); // whoever rescues must not disturb it
});

test("WAL: the new database is whole for whoever opens it after the remedy was followed", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(
    database,
    `${insertRows(500)}; c.execute("pragma wal_checkpoint(truncate)").fetchone(); ${insertRows(50)}`,
  );
  await replace(database);
  const remedy = await remedyOf(database, writer);
  expect(rescue(rescueIn(remedy))).toEqual({ rows: ROWS + 550, integrity: "ok" });
  await writer.run("c.close()");
  await writer.end();
  // SQLite leaves -wal and -shm where they are: they are the old database's.
  const move = /Before any program opens the new file:\n {2}(.*)\n/.exec(remedy)?.[1];
  execFileSync("sh", ["-ec", move ?? "true"]);
  expect(contentsOf(database)).toEqual({ rows: ROWS, integrity: "ok" });
});

test("rollback: a transaction that was open at the time is no part of the rescue", async () => {
  const database = await newDatabase("delete");
  const writer = await holding(database, `${insertRows(20)}; c.execute("begin immediate"); ${insertRows(40)}`);
  await replace(database);
  expect(rescue(await remedyFor(database, writer))).toEqual({ rows: ROWS + 20, integrity: "ok" });
  await writer.run(`c.execute("commit")`);
  expect(rescue(await remedyFor(database, writer))).toEqual({ rows: ROWS + 20 + 40, integrity: "ok" });
});

test("rollback: nor is one that had spilled into the database: its journal is rescued as well", async () => {
  const database = await newDatabase("delete");
  const writer = await holding(
    database,
    `${insertRows(20)}; c.execute("pragma cache_size=1"); c.execute("begin immediate"); c.execute("update t set ` +
      'a = randomblob(900)")',
  );
  await replace(database);
  expect(rescue(await remedyFor(database, writer))).toEqual({ rows: ROWS + 20, integrity: "ok" });
});

test("a writer that goes on committing while its data is rescued", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(
    database,
    `
c.execute("pragma synchronous=off")
c.execute("create index i on t(a)")
${insertRows(5_000)}`,
  );
  await replace(database);
  writer.begin(`
while True:
    c.execute("begin immediate")
    c.execute("update t set a = randomblob(1000) where rowid in (select abs(random()) % 5000 from t limit 100)")
    c.execute("commit")`);
  writer.answer().catch(() => {}); // the test's end kills it
  const remedy = await remedyFor(database, writer);
  expect(rescue(remedy)).toEqual({ rows: ROWS + 5_000, integrity: "ok" });
});

test("a program with a connection to each of the two: the old one's data is rescued", async () => {
  const database = await newDatabase("delete");
  const writer = await startHolder();
  // The new database gets the lower descriptor, so that it is not met second.
  await writer.run(`low = os.open("/dev/null", os.O_RDONLY)\n${connect(database)}\n${insertRows(20)}\nos.close(low)`);
  await replace(database);
  await writer.run(
    `${connect(database).replace("c =", "fresh =")}; fresh.execute("select count(*) from t").fetchone()`,
  );
  const { handles } = holderOf(await lookAt(database), writer.pid);
  expect(handles.filter((handle) => handle.role === "database").map((handle) => handle.deleted)).toEqual([false, true]);
  expect(rescue(await remedyFor(database, writer))).toEqual({ rows: ROWS + 20, integrity: "ok" });
});

test("rollback: the next write fails as if the database were read-only, and who-holds knows why", async () => {
  const { database, writer } = await moved();
  const seen = await lookAt(database);
  expect(holderOf(seen, writer.pid).stale).toContain("deleted-file");
  expect(seen.findings).toMatchObject([{ id: "deleted-file", severity: "error", pids: [writer.pid] }]);
  expect((await sqlock(["who-holds", database])).stdout).toMatch(
    new RegExp(`^error deleted-file: ${writer.pid} .* works on a database file that was deleted`, "m"),
  );
  await writer.end();
  expect(findingIds(await lookAt(database))).toEqual([]);
});

test("rollback: explain says that the database was replaced", async () => {
  const { database, writer, error } = await moved();
  const told = await explain(`sqlite3.${error}`, ["--db", database]);
  expect(told.message).toMatchObject({ id: "readonly-database", library: { id: "python-sqlite3" } });
  expect(told.thisTime).toMatchObject([{ finding: "deleted-file", cause: expect.any(String) }]);
  expect(told.whoHolds?.databases).toMatchObject([{ findings: [{ pids: [writer.pid] }] }]);
});

/** A writer that has found out: SQLITE_READONLY_DBMOVED. */
async function moved(): Promise<{ database: string; writer: Holder; error: string }> {
  const database = await newDatabase("delete");
  const writer = await holding(database, insertRows(20));
  await replace(database);
  const error: unknown = await writer.run(insertRows(1)).catch((reason: unknown) => reason);
  if (!(error instanceof Error)) throw new Error("the writer could write");
  expect(error.message).toBe("OperationalError: attempt to write a readonly database");
  return { database, writer, error: error.message };
}

/** As a deployment does that brings a fresh database. */
async function replace(database: string): Promise<void> {
  renameSync(await newDatabase("delete"), database);
}

async function remedyFor(database: string, writer: Holder): Promise<string> {
  return rescueIn(await remedyOf(database, writer));
}

async function remedyOf(database: string, writer: Holder): Promise<string> {
  const finding = (await lookAt(database)).findings.find((each) => each.id === "deleted-file");
  expect(finding?.pids).toEqual([writer.pid]);
  return finding?.remedy ?? "";
}

/** The command that the remedy gives. */
function rescueIn(remedy: string): string {
  const command = /save the data:\n {2}(.*)\n/.exec(remedy)?.[1];
  if (command === undefined) throw new Error(`no command in: ${remedy}`);
  return command;
}

/** Runs it in an empty folder, and asks the copy what it has. */
function rescue(command: string): Contents {
  const folder = tempFolder();
  execFileSync("sh", ["-ec", command.replaceAll("/a/safe/folder/", `${folder}/`)], { cwd: "/" });
  return contentsOf(join(folder, readdirSync(folder).find((name) => name.endsWith(".db")) ?? "nothing"));
}

interface Contents {
  /** Those of `insertRows`. */
  readonly rows: number;
  /** The last line of the check, or the error. */
  readonly integrity: string;
}

function contentsOf(database: string): Contents {
  const program = `
import json, sqlite3
c = sqlite3.connect(${JSON.stringify(database)})
try:
    integrity = c.execute("pragma integrity_check").fetchone()[0].split("\\n")[-1]
    rows = c.execute("select count(*) from t where length(a) = 1000").fetchone()[0]
except sqlite3.DatabaseError as error:
    integrity, rows = str(error), -1
print(json.dumps({"rows": rows, "integrity": integrity}))`;
  return JSON.parse(python(program)) as Contents;
}
