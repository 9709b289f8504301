/** One database, checked by two processes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import type { DatabaseCheck } from "../../src/features/integrity/report.ts";
import { BIN, NODE } from "../support/bin.ts";
import { need } from "../support/skip.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

/** Indexes of any size are merged, and shared. */
const ENV = { ...process.env, SQLOCK_TEST_MERGE_ROWS: "0", SQLOCK_TEST_MERGE_SHARED: "0" };

function needTwoCpus(context: TestContext): void {
  need(context, availableParallelism() > 1, "two CPUs");
}

const INDEXES = ["t(a)", "t(b COLLATE NOCASE)", "t(c, a)"];

function makeDatabase(rows: number, mode: "delete" | "wal" = "delete"): { path: string; db: Database.Database } {
  const path = join(tempFolder(), "db.sqlite3");
  const db = new Database(path);
  onTestFinished(() => void db.close());
  db.unsafeMode();
  db.exec(`PRAGMA journal_mode = ${mode}; PRAGMA synchronous = off; PRAGMA wal_autocheckpoint = 0;
    CREATE TABLE t(a INTEGER, b TEXT, c TEXT);
    INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      SELECT i * 7919 % 1000003, 'Text ' || i % 977, hex(i) FROM n;
    ${INDEXES.map((index, i) => `CREATE INDEX i${i} ON ${index};`).join("")}`);
  return { path, db };
}

function start(path: string, options: readonly string[] = []): ChildProcess {
  return spawn(NODE, [BIN, "integrity", "--json", ...options, path], {
    env: ENV,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function ended(child: ChildProcess): Promise<DatabaseCheck & { readonly code: number }> {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  const [code] = (await once(child, "close")) as [number];
  const { databases } = JSON.parse(text) as { databases: [DatabaseCheck] };
  return { ...databases[0], code };
}

/** A second worker that starts late, on a busy machine, finds nothing left to do: so it may take some checks. */
async function untilShared(path: string): Promise<DatabaseCheck & { readonly code: number }> {
  for (let checks = 1; ; checks++) {
    const result = await ended(start(path));
    if (wayOf(result)?.processes === 2 || checks === 5) return result;
  }
}

const wayOf = ({ checks }: DatabaseCheck) => checks.find(({ name }) => name === "structure")?.way;

const ALL = { way: "merge", mergedIndexes: 3, otherTables: 0, notMerged: [] };

test.for(["delete", "wal"] as const)("%s: two processes compare the indexes of one database", async (mode, context) => {
  needTwoCpus(context);
  const { path } = makeDatabase(150_000, mode); // in WAL mode it stays open, and its pages are in the -wal
  const result = await untilShared(path);
  expect(result).toMatchObject({ code: 0, verdict: "ok", method: "in-place" });
  expect(wayOf(result)).toEqual({ ...ALL, processes: 2 });
});

test("a private copy", async (context) => {
  needTwoCpus(context);
  const { path, db } = makeDatabase(150_000, "wal");
  db.close();
  const result = await untilShared(path);
  expect(result).toMatchObject({ code: 0, verdict: "ok", method: "private-copy" });
  expect(wayOf(result)).toEqual({ ...ALL, processes: 2 });
});

test("damage is told in SQLite's words, as by --exact", async () => {
  const { path, db } = makeDatabase(20_000);
  // The index has the rows of another column.
  db.exec(`CREATE TABLE o(a INTEGER, b TEXT, c TEXT); INSERT INTO o SELECT a, b, iif(rowid = 777, 'other', c) FROM t;
    CREATE INDEX o2 ON o(c, a);
    CREATE TABLE roots AS SELECT name, rootpage FROM sqlite_schema WHERE name IN ('i2', 'o2');
    PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM roots WHERE name =
      CASE sqlite_schema.name WHEN 'i2' THEN 'o2' ELSE 'i2' END) WHERE name IN ('i2', 'o2');`);
  db.close();
  const [merged, exact] = [await ended(start(path)), await ended(start(path, ["--exact"]))];
  expect(wayOf(exact)).toEqual({
    way: "integrity_check",
    mergedIndexes: 0,
    otherTables: 0,
    processes: 1,
    notMerged: ["asked"],
  });
  expect(wayOf(merged)).toMatchObject({ way: "merge", otherTables: 2, notMerged: ["differs"] });
  expect([merged.verdict, exact.verdict, merged.code]).toEqual(["corrupt", "corrupt", 1]);
  expect(merged.problems.map(({ message }) => message).toSorted()).toEqual(
    exact.problems.map(({ message }) => message).toSorted(),
  );
});

/** Its workers, the one that was started first before the other. */
function workersOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .trim()
      .split(" ")
      .map(Number)
      .filter((child) => readFileSync(`/proc/${child}/comm`, "latin1").startsWith("sqlock integri"));
  } catch {
    return [];
  }
}

test.for(["SIGKILL", "SIGSTOP"] as const)(
  "a second process that gets %s costs its help alone",
  async (signal, context) => {
    needTwoCpus(context);
    const { path, db } = makeDatabase(300_000);
    db.close();
    const child = start(path);
    const result = ended(child);
    await until("a second worker has begun", () => {
      const [, second] = workersOf(child.pid);
      if (second === undefined) return false;
      const holds =
        readdirSync(`/proc/${second}/fd`).length > 0 && readFileSync("/proc/locks", "utf8").includes(` ${second} `);
      if (holds) process.kill(second, signal);
      return holds;
    });
    expect(await result).toMatchObject({ code: 0, verdict: "ok" });
    expect(wayOf(await result)).toMatchObject(ALL);
    expect(workersOf(child.pid)).toEqual([]);
  },
);

test("next to a writer that commits all the time one state is checked", async () => {
  const { path, db } = makeDatabase(100_000, "wal");
  const update = db.prepare("UPDATE t SET a = a + 1, b = b || 'x', c = 'new' WHERE rowid = ?");
  let commits = 0;
  const writer = setInterval(() => {
    for (let i = 0; i < 20; i++) update.run((commits++ % 100_000) + 1);
  }, 1);
  onTestFinished(() => clearInterval(writer));
  const result = await ended(start(path));
  clearInterval(writer);
  expect(commits).toBeGreaterThan(50);
  expect(result).toMatchObject({ code: 0, verdict: "ok", method: "in-place" });
  expect(wayOf(result)).toMatchObject(ALL);
});

test("a damaged tree in which a count of the rows would not end", async () => {
  const { path, db } = makeDatabase(1000);
  db.exec("CREATE TABLE o(a); INSERT INTO o SELECT a FROM t");
  const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'o'").pluck().get());
  db.close();
  // Six interior pages, one above the other: each has the next one as all of its 300 children.
  const file = readFileSync(path);
  const page = 4096;
  const size = file.length / page;
  const pages = [root, ...Array.from({ length: 5 }, (_, i) => size + 1 + i)];
  const bytes = Buffer.concat([file, Buffer.alloc(5 * page)]);
  for (const [i, number] of pages.entries()) {
    const at = (number - 1) * page;
    const child = pages[i + 1] ?? root + 1;
    bytes.fill(0, at, at + page);
    bytes[at] = 5;
    bytes.writeUInt16BE(300, at + 3);
    bytes.writeUInt16BE(page - 300 * 5, at + 5);
    bytes.writeUInt32BE(child, at + 8);
    for (let cell = 0; cell < 300; cell++) {
      const offset = page - (cell + 1) * 5;
      bytes.writeUInt16BE(offset, at + 12 + 2 * cell);
      bytes.writeUInt32BE(child, at + offset);
      bytes[at + offset + 4] = 1;
    }
  }
  bytes.writeUInt32BE(size + 5, 28);
  writeFileSync(path, bytes);
  const result = await ended(start(path, ["--timeout", "20s"]));
  expect(result).toMatchObject({ code: 1, verdict: "corrupt" });
});
