import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { bareReserved, connection, ROLLBACK, WAL, WRITE } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { mountNamespace } from "../support/namespace.ts";
import { isRoot, need } from "../support/skip.ts";
import { holderOf, type RunOptions, sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/**
 * One line on stderr for each, nothing on stdout, exit code 2; and the same errors in the document. @returns the lines,
 * in that order.
 */
async function errorsOf(expected: readonly (readonly [path: string, code: string])[], options: RunOptions = {}) {
  const paths = expected.map(([path]) => path);
  const [run, json] = await Promise.all([
    sqlock(["who-holds", ...paths], options),
    sqlock(["who-holds", "--json", ...paths], options),
  ]);
  expect(run).toMatchObject({ code: 2, stdout: "" });
  const lines = run.stderr.split("\n");
  expect(lines.pop()).toBe("");
  expect(lines).toHaveLength(paths.length);
  for (const line of lines) {
    expect(line).toMatch(/^sqlock: .+; .+$/);
    expect(line).not.toMatch(/bug|\bat .*:\d+/);
  }
  expect(json).toMatchObject({ code: 2, stderr: "" });
  const { databases } = JSON.parse(json.stdout) as {
    databases: { givenAs: string; error: { code: string; message: string; hint: string } }[];
  };
  expect(databases).toEqual(
    expected.map(([path, code]) => ({
      givenAs: path,
      error: { code, message: expect.any(String), hint: expect.any(String) },
    })),
  );
  return lines;
}

async function errorOf(path: string, code: string, options: RunOptions = {}): Promise<string> {
  const [line = ""] = await errorsOf([[path, code]], options);
  return line;
}

test("no such file", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "file"), "");
  expect(await errorOf(join(folder, "none.db"), "no-such-file")).toContain(`there is no file ${folder}/none.db`);
  expect((await sqlock(["who-holds", "--locks-only", "-q", join(folder, "none.db")])).code).toBe(2);
  const others = [
    "none.db",
    join(folder, "file", "below.db"),
    join(folder, "none", "below.db"),
    `${folder}/${"x".repeat(300)}`,
    `${folder}/${"x/".repeat(3000)}`,
    `file:${folder}/no%20ne.db?mode=ro`,
  ];
  await errorsOf(
    others.map((path) => [path, "no-such-file"]),
    { cwd: folder },
  );
});

test("a folder without databases", async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "notes.txt"), "text");
  await errorOf(folder, "no-databases-in-folder");
  await errorOf(".", "no-databases-in-folder", { cwd: join(folder, "sub") });
});

test.each([
  ["text", "Dear diary,\n", "text"],
  ["gzip", gzipSync("SQLite format 3"), "a gzip archive"],
  ["a database cut off", "SQLite format 3\0", "cut off after 16 bytes"],
])("%s is no database", async (_, content, looksLike) => {
  const path = join(tempFolder(), "db.sqlite3");
  writeFileSync(path, content);
  expect(await errorOf(path, "not-a-database")).toMatch(new RegExp(`looks like .*${looksLike}`));
});

test("companion files whose database is missing", async () => {
  const folder = tempFolder();
  const database = join(folder, "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...WAL));
  await holder.end();
  execFileSync("mv", [database, join(folder, "elsewhere")]);
  expect(await errorOf(`${database}-wal`, "no-such-file")).toMatch(
    /is the wal file of .*db\.sqlite3, which does not exist; keep this file/,
  );
  expect(await errorOf(`${database}-shm`, "no-such-file")).toContain("is the shm file of");
  // Under another name its first bytes tell what it is.
  execFileSync("mv", [`${database}-wal`, join(folder, "log")]);
  expect(await errorOf(join(folder, "log"), "not-a-database")).toContain(
    "a write-ahead log (-wal) without its database",
  );
});

test("a -wal that is none, beside a database, stands for the database", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  writeFileSync(`${database}-wal`, "text");
  const [report] = (await whoHolds([`${database}-wal`])).databases;
  if (report === undefined || "error" in report) throw new Error("no answer");
  expect(report).toMatchObject({ path: database, journalMode: "rollback", wal: null });
  expect(holderOf(report, holder.pid).activity).toBe("writing");
});

test("pipes, sockets and devices are not waited for", async (context) => {
  const folder = tempFolder();
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const server = createServer().listen(join(folder, "socket"));
  onTestFinished(() => void server.close());
  const special = [join(folder, "pipe"), join(folder, "socket"), "/dev/null", "/dev/tty"];
  expect(await errorsOf(special.map((path) => [path, "not-a-file"]))).toEqual([
    expect.stringContaining("is a named pipe, not a database"),
    expect.stringContaining("is a socket"),
    expect.stringContaining("is a character device"),
    expect.any(String),
  ]);
  await errorOf(folder, "no-databases-in-folder"); // with them in it
  // A companion that is a pipe is none.
  const holder = await startHolder();
  await holder.run(`${connection(join(folder, "db"), ...ROLLBACK)}\nc.close()`);
  for (const suffix of ["-wal", "-shm", "-journal", "-mjABCDEF012"])
    execFileSync("mkfifo", [join(folder, `db${suffix}`)]);
  expect(await sqlock(["who-holds", join(folder, "db")])).toMatchObject({ code: 0, stderr: "" });
  need(context, isRoot, "root");
  execFileSync("mknod", [join(folder, "block"), "b", "7", "250"]);
  expect(await errorOf(join(folder, "block"), "not-a-file")).toContain("is a block device");
});

test("databases in memory", async () => {
  const folder = tempFolder();
  const names = [
    ":memory:",
    "file::memory:",
    "file::memory:?cache=shared",
    "sqlite://",
    "sqlite:///:memory:",
    "file:x?vfs=memdb",
  ];
  const lines = await errorsOf(
    names.map((name) => [name, "in-memory"]),
    { cwd: folder },
  );
  for (const line of lines) expect(line).toContain("in-memory database");
  const shared = "file:memorydb_default?mode=memory&cache=shared";
  expect(await errorOf(shared, "in-memory", { cwd: folder })).not.toContain("uri=True");
  // Opened without uri=True, the name is that of a file (some builds of SQLite take it for a URI even then, so SQLite
  // is not asked here).
  const holder = await startHolder({ cwd: folder });
  await holder.run(bareReserved(shared));
  expect(await errorOf(shared, "in-memory", { cwd: folder })).toMatch(
    /a program opened the name without uri=True; to inspect that file: sqlock who-holds '\.\/file:memory/,
  );
  const [report] = (await whoHolds([`./${shared}`], { cwd: folder })).databases;
  if (report === undefined || "error" in report) throw new Error("no answer");
  expect(holderOf(report, holder.pid).activity).toBe("writing");
});

test("an empty name", async () => {
  expect(await errorOf("", "usage")).toContain("empty");
});

test("loops of symbolic links, and links that lead nowhere", async () => {
  const folder = tempFolder();
  symlinkSync("b", join(folder, "a"));
  symlinkSync("a", join(folder, "b"));
  symlinkSync("none", join(folder, "dangling"));
  symlinkSync("dangling/", join(folder, "folder"));
  const paths = [join(folder, "a"), join(folder, "a", "below"), join(folder, "dangling"), join(folder, "folder", "db")];
  expect(await errorsOf(paths.map((path) => [path, "no-such-file"]))).toEqual([
    expect.stringContaining("loop"),
    expect.any(String),
    expect.stringContaining(join(folder, "none")),
    expect.any(String),
  ]);
});

test("without /proc nobody can be seen", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const space = await mountNamespace();
  await space.keeper.run(connection(database, ...ROLLBACK, ...WRITE));
  space.run("umount", "-l", "/proc");
  expect(await errorOf(database, "no-proc", { through: space.through })).toContain("/proc is not mounted");
});

test("one bad path among several costs that path alone", async () => {
  const folder = tempFolder();
  const database = join(folder, "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  const bad = join(folder, "none.db");
  const { code, stdout, stderr } = await sqlock(["who-holds", bad, database, "", ":memory:"]);
  expect(code).toBe(2);
  expect(stdout).toContain(`${database}: rollback journal`);
  expect(stdout).toMatch(new RegExp(`^ *${holder.pid} .*RESERVED`, "m"));
  expect(stderr.trimEnd().split("\n")).toHaveLength(3);
  for (const line of stderr.trimEnd().split("\n")) expect(line).toMatch(/^sqlock: /);
  expect((await whoHolds([bad, database])).databases).toMatchObject([
    { givenAs: bad, error: { code: "no-such-file" } },
    { path: database, holders: [{ pid: holder.pid }] },
  ]);
});
