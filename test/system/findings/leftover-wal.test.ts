/** A -wal that nobody has open: of this database, of another one, or of none. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { followRemedy, theFinding } from "../../support/findings.ts";
import { python } from "../../support/python.ts";
import { has, need } from "../../support/skip.ts";
import { connect, holding, insertRows, newDatabase } from "../../support/sqlite.ts";
import { findingIds, lookAt } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";

/**
 * A database of 100 rows on many pages, all of them in the file, and a -wal with one more row and one more table, whose
 * writer was killed.
 */
async function killedWriter(): Promise<string> {
  const database = await newDatabase("wal");
  const writer = await holding(database, `c.execute("insert into t values (1)"); c.execute("create table late(a)")`);
  await writer.end();
  return database;
}

/** Python on the connection `c` of a process that opens the database for it. */
function ask(database: string, program: string): string {
  return python(`import sqlite3\n${connect(database)}\n${program}`).trim();
}

const COUNT = `print(c.execute("select count(*) from t").fetchone()[0])`;

describe("leftover-wal", () => {
  test("a writer that was killed; what the remedy says copies the changes back", async (context) => {
    const database = await newDatabase("wal");
    const writer = await holding(database, `c.execute("insert into t values (1)")`);
    expect(findingIds(await lookAt(database))).toEqual([]);
    await writer.end();
    const finding = theFinding(await lookAt(database), "leftover-wal");
    expect(finding).toMatchObject({ severity: "warning", pids: [] });
    expect(finding.summary).toMatch(/-wal holds \d frames? of committed changes/);
    need(context, has("sqlite3"), "sqlite3");
    expect(followRemedy(finding, /sqlite3 .*TRUNCATE\)'/)).toBe("0|0|0\n");
    expect(existsSync(`${database}-wal`)).toBe(false);
    expect((await lookAt(database)).findings).toEqual([]);
    expect(ask(database, COUNT)).toBe("101");
  });

  test("silent: somebody has it open, or everybody has closed it, or it is empty", async () => {
    const database = await killedWriter();
    const reader = await holding(database, `c.execute("select count(*) from t").fetchall()`);
    expect(statSync(`${database}-wal`).size).toBeGreaterThan(0);
    expect((await lookAt(database)).findings).toEqual([]);
    await reader.run("c.close()");
    expect((await lookAt(database)).findings).toEqual([]);

    const writer = await holding(
      database,
      `c.execute("insert into t values (1)"); c.execute("pragma wal_checkpoint(truncate)")`,
    );
    await writer.end();
    expect(statSync(`${database}-wal`).size).toBe(0);
    expect((await lookAt(database)).findings).toEqual([]);
  });

  test("beside a database that was emptied it is an error: SQLite deletes the -wal", async () => {
    const database = await killedWriter();
    truncateSync(database);
    expect((await lookAt(database)).findings).toMatchObject([{ id: "leftover-wal", severity: "error", pids: [] }]);
    ask(database, `c.execute("select count(*) from sqlite_schema").fetchall()`);
    expect(existsSync(`${database}-wal`)).toBe(false);
  });
});

describe("damaged-wal", () => {
  /** Flips the last byte of the n-th frame, from 1; of the header for 0. */
  function damage(database: string, frame: number): void {
    const wal = `${database}-wal`;
    const bytes = readFileSync(wal);
    const at = frame === 0 ? 15 : 32 + frame * (24 + 4096) - 1;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(wal, bytes);
  }

  async function sixCommits(): Promise<string> {
    const database = await newDatabase("wal");
    const writer = await holding(database, `for i in range(6): c.execute("insert into t values (1)")`);
    await writer.end();
    return database;
  }

  test.each([
    [0, "all of it, including 6 commits"],
    [1, "all of it, including 5 commits"],
    [2, "everything after its first frame, including 4 commits"],
    [4, "everything after its first 3 frames, including 2 commits"],
  ])("a flipped bit in frame %i of 6: what SQLite passes over is told, and SQLite does", async (frame, said) => {
    const database = await sixCommits();
    expect(theFinding(await lookAt(database), "leftover-wal").summary).toContain("6 frames");
    damage(database, frame);
    const finding = theFinding(await lookAt(database), "damaged-wal");
    expect(finding).toMatchObject({ severity: "error", pids: [] });
    // not the commit of the damaged frame itself: that may have been cut off by a crash
    expect(finding.summary).toContain(said);
    expect(ask(database, COUNT)).toBe(String(100 + Math.max(0, frame - 1)));
  });

  test(
    "silent: the last commit was cut off in its middle; frames of a transaction that was spilled and rolled back " +
      "lie behind",
    async () => {
      const database = await sixCommits();
      damage(database, 6);
      expect(findingIds(await lookAt(database))).toEqual(["leftover-wal"]);

      const spilled = await newDatabase("wal");
      const writer = await holding(
        spilled,
        `
c.execute("pragma cache_size=2"); c.execute("insert into t values (1)"); c.execute("begin")
for i in range(50): c.execute("insert into t values (randomblob(3000))")
c.execute("rollback"); c.execute("insert into t values (2)")`,
      );
      await writer.end();
      expect(statSync(`${spilled}-wal`).size).toBeGreaterThan(32 + 20 * (24 + 4096));
      expect(findingIds(await lookAt(spilled))).toEqual(["leftover-wal"]);
    },
  );
});

describe("wal-from-another-file", () => {
  /** Restored from elsewhere: a table `u` and no `t`. */
  function restore(database: string, ...pragmas: readonly string[]): void {
    const restored = join(tempFolder(), "restored.db");
    ask(restored, [...pragmas, "create table u(a)"].map((sql) => `c.execute("${sql}")`).join("\n"));
    execFileSync("cp", [restored, `${database}.new`]); // as restored from another disk, without the times
    renameSync(`${database}.new`, database);
  }

  /**
   * What a program meets that asks for the restored table: the pages of the -wal, the first one among them, lie over
   * it.
   */
  function replayed(database: string): string {
    return ask(
      database,
      `
try: print(c.execute("select count(*) from u").fetchall())
except sqlite3.DatabaseError as error: print(error)`,
    );
  }

  test("a backup in rollback mode is moved in beside it, and the next program replays it", async () => {
    const database = await killedWriter();
    restore(database);
    const finding = theFinding(await lookAt(database), "wal-from-another-file");
    expect(finding).toMatchObject({ severity: "warning", pids: [] });
    expect(finding.detail).toContain("own header says rollback journal");
    expect(replayed(database)).toMatch(/malformed|no such table: u/);
  });

  test("a backup with pages of another size", async () => {
    const database = await killedWriter();
    restore(database, "pragma page_size=1024", "pragma journal_mode=wal");
    const finding = theFinding(await lookAt(database), "wal-from-another-file");
    expect(finding.detail).toContain("The -wal has pages of 4096 bytes, the database has pages of 1024.");
    expect(replayed(database)).toMatch(/malformed|no such table: u/);
  });

  test("its last commit is of a larger database", async () => {
    const database = await killedWriter();
    const small = join(tempFolder(), "small.db");
    ask(small, `c.execute("pragma journal_mode=wal"); c.execute("create table u(a)")`);
    copyFileSync(`${database}-wal`, `${small}-wal`); // with a birth after the database's
    expect(theFinding(await lookAt(small), "wal-from-another-file").detail).toContain(
      "Its last commit belongs to a database of",
    );
  });

  test("silent: what a transaction wrote and freed again is in its -wal all the same", async () => {
    const database = await newDatabase("wal");
    const writer = await holding(
      database,
      `c.execute("begin"); ${insertRows(3000)}; c.execute("delete from t"); c.execute("commit")`,
    );
    await writer.end();
    expect(findingIds(await lookAt(database))).toEqual(["leftover-wal"]);
  });

  test("a backup in WAL mode: it was born after the -wal; who opens it meanwhile is named", async (context) => {
    const database = await killedWriter();
    need(context, statSync(database, { bigint: true }).birthtimeNs > 0n, "a file system that keeps births");
    restore(database, "pragma journal_mode=wal");
    const finding = theFinding(await lookAt(database), "wal-from-another-file");
    expect(finding.detail).toContain("after the last write to the -wal");
    const reader = await holding(
      database,
      `
try: c.execute("select * from t").fetchall()
except sqlite3.DatabaseError: pass`,
    );
    expect(theFinding(await lookAt(database), "wal-from-another-file")).toMatchObject({ pids: [reader.pid] });
    expect(replayed(database)).toMatch(/malformed|no such table: u/);
  });

  const COPIES: Record<string, string> = {
    "cp -a, database first": "cp -a db.sqlite3 to/ && cp -a db.sqlite3-wal to/",
    "cp -a, -wal first": "cp -a db.sqlite3-wal to/ && cp -a db.sqlite3 to/",
    "cp of both": "cp db.sqlite3 db.sqlite3-wal to/",
    "tar, -wal first": "tar -cf - db.sqlite3-wal db.sqlite3 | tar -C to -xf -",
    "rsync -a": "rsync -a db.sqlite3-wal db.sqlite3 to/",
    mv: "mv db.sqlite3-wal to/ && mv db.sqlite3 to/",
  };

  test.each(Object.entries(COPIES))("silent: the pair in another place by %s", async (_, command) => {
    const database = await killedWriter();
    const [program = ""] = command.split(" ");
    if (!has(program)) return;
    execFileSync("sh", ["-c", `mkdir to && ${command}`], { cwd: dirname(database) });
    const copy = join(dirname(database), "to/db.sqlite3");
    expect(findingIds(await lookAt(copy))).toEqual(["leftover-wal"]);
    expect(ask(copy, COUNT)).toBe("101");
  });
});

describe("wal-oversized", () => {
  /** A connection whose WAL was never checkpointed: so many rows, each of which fills a page or more. */
  async function grown(rows: number) {
    const database = join(tempFolder(), "db.sqlite3");
    const holder = await holding(database);
    await holder.run(`
c.execute("pragma page_size=512")
c.execute("pragma journal_mode=wal")
c.execute("pragma wal_autocheckpoint=0")
c.execute("create table t(a)")
${insertRows(rows)}`);
    return { database, holder };
  }

  test("long and checkpointed; what the remedy says shortens it", async (context) => {
    const { database, holder } = await grown(2000);
    expect(findingIds(await lookAt(database))).toEqual([]);
    await holder.run(`c.execute("pragma wal_checkpoint(passive)").fetchall()`);
    const finding = theFinding(await lookAt(database), "wal-oversized");
    expect(finding).toMatchObject({ severity: "info", pids: [] });
    need(context, has("sqlite3"), "sqlite3");
    followRemedy(finding, /sqlite3 .*TRUNCATE\)'/);
    expect(statSync(`${database}-wal`).size).toBe(0);
    expect((await lookAt(database)).findings).toEqual([]);
  });

  test("silent: a short one, and one that a reader keeps", async () => {
    const short = await grown(1000);
    await short.holder.run(`c.execute("pragma wal_checkpoint(passive)").fetchall()`);
    expect((await lookAt(short.database)).findings).toEqual([]);

    const long = await grown(1000);
    const reader = await holding(long.database, `c.execute("begin"); c.execute("select count(*) from t").fetchall()`);
    await long.holder.run(`${insertRows(2000)}\nc.execute("pragma wal_checkpoint(passive)").fetchall()`);
    const seen = await lookAt(long.database);
    expect(seen.findings).toMatchObject([{ id: "checkpoint-starved", pids: [reader.pid] }]);
  });
});
