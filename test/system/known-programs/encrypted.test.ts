/** Encrypted databases: of SQLCipher, and what looks like one or is none. */
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { theFinding } from "../../support/findings.ts";
import { journalMode } from "../../support/journal-mode.ts";
import { type Program, startProgram } from "../../support/program.ts";
import { has, need } from "../../support/skip.ts";
import { holding, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";

/** The shell of SQLCipher on a new database, with its key, at its prompt. */
async function sqlcipher(context: TestContext, statements: string): Promise<{ database: string; shell: Program }> {
  need(context, has("sqlcipher"), "sqlcipher");
  const database = join(tempFolder(), "app.db");
  const shell = startProgram(["sqlcipher", "-batch", database]);
  await sql(shell, `pragma key='secret'; create table t(a); insert into t values (zeroblob(100)); ${statements}`);
  return { database, shell };
}

let statements = 0;

/** Waits until they are done. */
async function sql(shell: Program, text: string): Promise<void> {
  const mark = `done ${++statements}`;
  shell.type(`${text}\n.print ${mark}\n`);
  await shell.prints(new RegExp(mark));
}

test("free, it is an answer: a script that waits for it goes on; what is none stays an error", async (context) => {
  const { database, shell } = await sqlcipher(context, "");
  shell.endInput();
  await shell.ends();
  const { code, stdout } = await sqlock(["who-holds", database]);
  expect(code).toBe(0);
  expect(stdout).toContain("likely encrypted (no SQLite header), journal mode unknown");
  expect((await sqlock(["who-holds", "-q", "--wait", "1s", database])).code).toBe(0);
  expect(await lookAt(database)).toMatchObject({ header: "likely-encrypted", holders: [], findings: [] });
  appendFileSync(database, "x"); // no size that pages have
  expect(await sqlock(["who-holds", "-q", database])).toMatchObject({ code: 2 });
});

test("rollback mode: a reader, a writer, and the journal of one that was killed", async (context) => {
  const { database, shell } = await sqlcipher(context, "begin; select count(*) from t;");
  expect(await lookAt(database)).toMatchObject({
    journalMode: "rollback",
    header: "likely-encrypted",
    holders: [{ pid: shell.pid, activity: "reading", blocks: ["commits", "journal-mode"] }],
  });
  await sql(shell, "commit; pragma cache_size=1; pragma cache_spill=1; begin immediate;");
  expect(holderOf(await lookAt(database), shell.pid).activity).toBe("writing");
  const rows = "with n(i) as (select 1 union all select i + 1 from n where i < 500)";
  await sql(shell, `insert into t ${rows.replace("with", "with recursive")} select randomblob(500) from n;`);
  const spilled = await lookAt(database);
  expect(spilled.holders).toMatchObject([{ activity: "writing", blocks: ["readers", "writers", "journal-mode"] }]);
  process.kill(shell.pid, "SIGKILL");
  await shell.ends();
  const left = await lookAt(database);
  expect(left).toMatchObject({ journalMode: "rollback", journal: { hot: true }, holders: [] });
  const { remedy } = theFinding(left, "hot-journal");
  expect(remedy).toContain("the program that has its key");
  expect(remedy).not.toContain("sqlite3 /");
});

test("WAL mode by its files and locks; journal-mode, integrity and stress say what it is", async (context) => {
  const { database, shell } = await sqlcipher(context, "pragma journal_mode=wal; begin immediate;");
  const seen = await lookAt(database);
  expect(seen).toMatchObject({ journalMode: "wal", header: "likely-encrypted", findings: [] });
  expect(holderOf(seen, shell.pid)).toMatchObject({ activity: "writing", blocks: expect.arrayContaining(["writers"]) });
  const refused = await sqlock(["journal-mode", database, "delete"]);
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("likely encrypted: it has no SQLite header"),
  });
  for (const args of [["integrity"], ["stress", "--in-place"]]) {
    const { code, stdout, stderr } = await sqlock([...args, database]);
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).toContain("is likely encrypted");
  }
  await sql(shell, "insert into t values (1); commit;");
  process.kill(shell.pid, "SIGKILL");
  await shell.ends();
  const { remedy } = theFinding(await lookAt(database), "leftover-wal");
  expect(remedy).toContain("the program that has its key");
  expect(existsSync(`${database}-wal`)).toBe(true);
});

test("a file without a header is looked at where SQLite's companion files lie beside it, and no other", async () => {
  const database = newDatabase("wal");
  const user = await holding(database, `c.execute("insert into t values (1)")`);
  const broken = join(tempFolder(), "broken.db");
  writeFileSync(broken, "text in place of a database\n".repeat(50));
  expect(await sqlock(["who-holds", broken])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is not a SQLite"),
  });
  copyFileSync(`${database}-wal`, `${broken}-wal`);
  expect(await lookAt(broken)).toMatchObject({ header: "other", journalMode: "wal", holders: [] });
  expect(await lookAt(database)).toMatchObject({ header: "database", holders: [{ pid: user.pid }] });
  const noise = Buffer.concat([1, 2, 3, 4].map((i) => createHash("sha512").update(String(i)).digest()));
  writeFileSync(broken, Buffer.concat([noise, noise, noise.subarray(0, 100)]));
  expect(findingIds(await lookAt(broken))).toEqual(["wal-from-another-file"]);
});

test("silent next to it: a database with its header is not called encrypted", async () => {
  expect((await sqlock(["who-holds", newDatabase()])).stdout).toMatch(/: rollback journal, /);
  expect(await journalMode([newDatabase("wal")])).toMatchObject({ code: 0, after: "wal" });
});
