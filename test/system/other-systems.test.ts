/**
 * What macOS, BSD and Windows get. The platform's name is set before sqlock starts; Linux's own lsof and ps then stand
 * for those of the other system. Without /proc: it is hidden from sqlock, and lsof and ps, which need it on Linux, are
 * started where it is not.
 */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { has, isRoot, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const WRITES = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

function on(platform: string): { readonly env: Record<string, string> } {
  const module = join(tempFolder(), "platform.mjs");
  writeFileSync(module, `Object.defineProperty(process, "platform", { value: ${JSON.stringify(platform)} });\n`);
  return { env: { NODE_OPTIONS: `--import=${module}` } };
}

test.each(["darwin", "freebsd", "openbsd"])("%s: who-holds looks with lsof", async (platform) => {
  if (!has("lsof")) return;
  const database = await newDatabase();
  const holder = await holding(database, WRITES);
  const { stdout, code } = await sqlock(["who-holds", "--json", database], on(platform));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    source: "lsof",
    databases: [{ journalMode: "rollback", pageCount: 27, holders: [{ pid: holder.pid, activity: "unknown" }] }],
  });
  const text = await sqlock(["who-holds", database], on(platform));
  expect(text.stdout).toContain("but not which lock each of them owns");
});

test("darwin: explain looks with lsof, and blames nobody", async (context) => {
  need(context, has("lsof"), "lsof");
  const database = await newDatabase();
  const holder = await holding(database, WRITES);
  const { stdout, code } = await sqlock(["explain", "--json", "--db", database, "SQLITE_BUSY"], on("darwin"));
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as { whoHolds: unknown; causes: { standing: string }[] };
  expect(document.whoHolds).toMatchObject({ source: "lsof", databases: [{ holders: [{ pid: holder.pid }] }] });
  expect(document.causes.map(({ standing }) => standing)).not.toContain("this-time");
});

test("darwin: what cannot be looked at is told as on Linux", async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "empty"));
  const { stdout, stderr, code } = await sqlock(
    ["who-holds", join(folder, "none"), join(folder, "empty"), ":memory:"],
    on("darwin"),
  );
  expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
  expect(stderr.split("\n").map((line) => line.replace(/; .*/, ""))).toEqual([
    `sqlock: there is no file ${join(folder, "none")}`,
    `sqlock: ${join(folder, "empty")} is a folder with no SQLite database directly in it`,
    expect.stringContaining("sqlock: :memory: is an in-memory database"),
    "",
  ]);
});

test.each([
  ["kill"],
  ["watch", "--for", "1s"],
  ["journal-mode"],
  ["stress", "--duration", "1s"],
  ["who-holds", "--source", "proc"],
])("darwin: %s needs Linux, in a line", async (...args) => {
  const database = await newDatabase();
  const { stdout, stderr, code } = await sqlock([...args, database], on("darwin"));
  expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
  expect(stderr).toMatch(
    new RegExp(
      "^sqlock: this needs Linux: the owners of locks are read from /proc, which darwin does not have; " +
        "run it on Linux; .*\n$",
    ),
  );
});

test("darwin: integrity checks nothing, and says why", async () => {
  const { stdout, code } = await sqlock(["integrity", await newDatabase()], on("darwin"));
  expect(code).toBe(2);
  expect(stdout).toContain("not checked: this needs Linux");
});

test.each([[], ["--source", "lsof"], ["--source", "proc"]])("Windows %s: one clear line", async (...args) => {
  const { stdout, stderr, code } = await sqlock(["who-holds", ...args, await newDatabase()], on("win32"));
  expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
  expect(stderr).toBe(
    "sqlock: Windows has neither /proc nor lsof, so sqlock cannot see which process has a file open; run it on " +
      "Linux, macOS or BSD\n",
  );
});

test("Windows: a document and an explanation all the same", async () => {
  const database = await newDatabase();
  const document = await sqlock(["who-holds", "--json", database], on("win32"));
  expect(JSON.parse(document.stdout)).toMatchObject({
    source: null,
    databases: [{ error: { code: "unsupported-platform" } }],
  });
  const explained = await sqlock(["explain", "--db", database, "SQLITE_BUSY"], on("win32"));
  expect(explained.stdout).toContain("database is locked");
  expect(explained.stderr).toMatch(/^sqlock: Windows has neither/);
});

test("without /proc all is told but the file system", async (context) => {
  need(context, isRoot && has("lsof"), "root and lsof");
  const database = await newDatabase("wal");
  const holder = await holding(database, WRITES);
  const programs = tempFolder();
  for (const name of ["lsof", "ps"]) {
    writeFileSync(
      join(programs, name),
      '#!/bin/sh\nexec unshare -m sh -c \'umount /proc && exec "$0" "$@"\' "$(PATH=/usr/bin:/usr/sbin:/bin command ' +
        `-v ${name})" "$@"\n`,
    );
    chmodSync(join(programs, name), 0o755);
  }
  const hidden = [
    "unshare",
    "-m",
    "--propagation",
    "private",
    "sh",
    "-c",
    'mount -t tmpfs none /proc && exec "$@"',
    "sh",
  ];
  const look = (...args: readonly string[]) =>
    sqlock(["who-holds", "--json", ...args, database], {
      through: hidden,
      env: { PATH: `${programs}:${process.env["PATH"]}` },
    });
  const proc = JSON.parse((await look()).stdout) as unknown;
  expect(proc).toMatchObject({ databases: [{ error: { code: "no-proc" } }] });
  const { stdout, stderr } = await look("--source", "lsof");
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({
    source: "lsof",
    databases: [
      {
        journalMode: "wal",
        fileSystem: null,
        files: [{ role: "database" }, { role: "wal" }, { role: "shm" }],
        wal: { frames: 0 },
        holders: [
          {
            pid: holder.pid,
            user: "root",
            startedAt: expect.any(String),
            commandLine: [expect.stringContaining("hold.py")],
            handles: [{ role: "database" }, { role: "wal" }, { role: "shm" }],
          },
        ],
      },
    ],
  });
});
