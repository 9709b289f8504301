/** Names that a hostile user chose, as the real program prints them; and companion files that are none. */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { check } from "../support/check.ts";
import { connection, ROLLBACK, WRITE } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { HOSTILE, OBEYED } from "../support/hostile-names.ts";
import { listing } from "../support/listing.ts";
import { newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const ROW = "x\n    1 root init                 sleeping writing  RESERVED 9 h 0 m writers\n│ 1 │ root │ RESERVED │\n";

test("fake rows and what a terminal obeys, in the path and the command: no output has them", async () => {
  const folder = join(tempFolder(), `${ROW}${HOSTILE.replaceAll("/", "")}`.slice(0, 120));
  mkdirSync(folder);
  const database = join(folder, "db.sqlite3");
  const holder = await startHolder({ argv0: ROW + HOSTILE });
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  const outputs = await Promise.all([
    sqlock(["who-holds", database]),
    sqlock(["who-holds", "--json", database]),
    sqlock(["who-holds", `${database}-none`]),
    ...["pretty", "json", "junit", "github", "sarif"].map((name) =>
      sqlock(["integrity", "--wait", "0", "--reporter", name, database]),
    ),
    sqlock(["journal-mode", database]),
    sqlock(["kill", "--dry-run", database]),
    sqlock(["explain", "--db", database, "database is locked"]),
    sqlock(["watch", "--json", "--duration", "200ms", database]),
  ]);
  for (const { stdout, stderr } of outputs) {
    for (const line of (stdout + stderr).split("\n")) {
      expect(line).not.toMatch(OBEYED);
      expect(line).not.toMatch(/^ +1 root init|^│ 1 │|^ *curl evil/);
    }
    expect(stderr).not.toContain("this is a bug");
  }
  expect(JSON.parse(outputs[1]?.stdout ?? "").databases[0]).toMatchObject({
    path: database,
    holders: [{ pid: holder.pid, commandLine: expect.arrayContaining([ROW + HOSTILE]) }],
  });
});

test("__proto__ and constructor as names of tables and indexes", async () => {
  const path = join(tempFolder(), "db.sqlite3");
  const db = new Database(path);
  db.exec(`CREATE TABLE "constructor"(a PRIMARY KEY); CREATE TABLE "__proto__"(a REFERENCES "constructor"(a));
    CREATE INDEX "toString" ON "__proto__"(a); PRAGMA foreign_keys = off; INSERT INTO "__proto__" VALUES (1)`);
  db.close();
  const found = await check(path);
  expect(found).toMatchObject({
    code: 1,
    verdict: "corrupt",
    problems: [{ check: "foreign-keys", table: "__proto__", parent: "constructor", rowid: "1" }],
  });
  const pretty = await sqlock(["integrity", path]);
  expect(pretty.stdout).toContain("__proto__");
});

test("linked companions: what they lead to is neither read nor changed", async () => {
  const folder = tempFolder();
  const secret = join(folder, "secret");
  writeFileSync(secret, "secret".repeat(1000), { mode: 0o600 });
  const before = listing(folder);
  for (const suffix of ["-wal", "-journal", "-shm"]) {
    const database = newDatabase(suffix === "-journal" ? "delete" : "wal");
    symlinkSync(secret, database + suffix);
    const { stdout, stderr } = await sqlock(["integrity", "--json", database]);
    expect(stdout + stderr).not.toContain("secretsecret");
    expect(JSON.parse(stdout).databases).toHaveLength(1);
    expect(listing(folder)).toEqual(before);
  }
  expect(readFileSync(secret, "utf8")).toBe("secret".repeat(1000));
});

test.each([0, 3, 100, 135, 32_767])("a -shm of %i bytes", async (bytes) => {
  const database = newDatabase("wal");
  writeFileSync(`${database}-wal`, "");
  const fd = openSync(`${database}-shm`, "w");
  ftruncateSync(fd, bytes);
  closeSync(fd);
  const looked = await sqlock(["who-holds", "--json", database]);
  expect(looked).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(looked.stdout).databases).toMatchObject([{ path: database, journalMode: "wal" }]);
  expect(await check(database)).toMatchObject({ verdict: "ok" });
});
