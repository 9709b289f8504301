/** -r: nothing that was a database is passed over in silence; --exclude leaves out what is known. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { check, integrity } from "../support/check.ts";
import { expectToFit, expectToFitBundle } from "../support/schema.ts";
import { newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d7a2146".repeat(8)}\nsize 12345\n`;

/** Noise, the same in every run. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, x = 1; i < length; i++) {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    bytes[i] = x >>> 16;
  }
  return bytes;
}

/** The -wal of a connection, while it is open. */
function walOf(path: string): Buffer {
  const db = new Database(path);
  db.exec("insert into t values (1)");
  const wal = readFileSync(`${path}-wal`);
  db.close();
  return wal;
}

function changed(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

const versions = (write: number, read: number) => (bytes: Buffer) => {
  bytes[18] = write;
  bytes[19] = read;
};

/** A folder with these files, and its name. */
function folderOf(files: Readonly<Record<string, Buffer | string>>): string {
  const folder = tempFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

test("each damaged or unreadable database below a folder is listed, and says why it was not checked", async () => {
  const good = readFileSync(await newDatabase());
  const cases = {
    "zeroed.db": [changed(good, (bytes) => bytes.fill(0, 0, 4096)), "not-a-database", /begins with zeroes/],
    "magic.db": [changed(good, (bytes) => bytes.write("sqlite")), null, /the first 16 bytes/],
    History: [changed(good, (bytes) => bytes.write("sqlite")), null, /the first 16 bytes/],
    "empty.SQLITE3": ["", "empty", /empty.SQLITE3 is empty, though it has the name of a database/],
    "cut-15.db3": [good.subarray(0, 15), "not-a-database", /a database cut off after 15 bytes/],
    "cut-16": [good.subarray(0, 16), null, /it has 16 of the 100 bytes/],
    "cut-60.db": [good.subarray(0, 60), null, /it has 60 of the 100 bytes/],
    "cut-99.db": [good.subarray(0, 99), null, /it has 99 of the 100 bytes/],
    "cut-100.db": [good.subarray(0, 100), null, /the file is truncated/],
    "noise.db": [noise(50), "not-a-database", /some other binary file/],
    "pointer.sqlite": [LFS, "not-a-database", /is a Git LFS pointer: the database itself was not downloaded/],
    "encrypted.gpkg": [noise(8192), "encrypted", /is likely encrypted/],
    "sub/notes": ["no database", "not-a-database", /it looks like text/],
    "lost.db-shm": ["", "no-such-file", /lost.db-shm is the shm file of .*lost.db, which does not exist/],
    "gone-wal": [walOf(await newDatabase("wal")), "no-such-file", /is the wal file of .*gone, which does not/],
    "wal2.db": [changed(good, versions(3, 3)), "unsupported-format", /another SQLite likely made it: .* wal2/],
    "later.db": [changed(good, versions(9, 9)), "unsupported-format", /write version is 9, its read version 9/],
    "odd.db": [changed(good, versions(7, 9)), null, /the read version is 9/],
    "format.db": [changed(good, (bytes) => bytes.writeUInt32BE(5, 44)), "unsupported-format", /schema format is 5/],
    good: [good, null, null],
  } as const;
  const companions = { "sub/notes-journal": "", "emptied.db": "", "emptied.db-wal": noise(32) };
  const others = { "notes.txt": "x", "-wal": "x", "my-wal": "no -wal of SQLite's", empty: "", noise: noise(8192) };
  const bytes = Object.fromEntries(Object.entries(cases).map(([name, [content]]) => [name, content]));
  const folder = folderOf({ ...bytes, ...companions, ...others });
  symlinkSync("nowhere.db", join(folder, "link.db"));
  const { code, report } = await integrity(["-r", folder]);
  expect(code).toBe(1);
  expectToFit("integrity", report);
  expectToFitBundle("integrity", report);
  const listed = new Map(report.databases.map((database) => [relative(folder, database.path), database]));
  expect([...listed.keys()].sort()).toEqual([...Object.keys(cases), "emptied.db"].sort());
  for (const [name, [, reasonCode, words]] of Object.entries(cases)) {
    const found = listed.get(name);
    const verdict = words === null ? "ok" : reasonCode === null ? "corrupt" : "not-checked";
    expect({ name, ...found }).toMatchObject({ name, verdict, reasonCode });
    if (words !== null) expect(found?.reason ?? found?.problems[0]?.message).toMatch(words);
  }
  expect(listed.get("emptied.db")).toMatchObject({ verdict: "not-checked", reasonCode: "empty" });
  expect(listed.get("pointer.sqlite")?.remedy).toContain("git lfs pull");
});

test("what is not checked gives exit code 2, and --exclude leaves it out, with what is below a folder", async () => {
  const good = readFileSync(await newDatabase());
  const folder = folderOf({ "ok.db": good, "Thumbs.db": "x", "old/a/x.db": "x", "b/x.db": "x", "b/y.db": good });
  const all = await integrity(["-r", "."], { cwd: folder });
  expect([all.code, all.report.databases.length]).toEqual([2, 5]);
  const some = await integrity(["-r", ".", "--exclude", "Thumbs.db", "--exclude", "old/"], { cwd: folder });
  expect([some.code, some.report.databases.map(({ path }) => relative(folder, path)), some.stderr]).toEqual([
    2,
    ["b/x.db", "b/y.db", "ok.db"],
    "",
  ]);
  const known = ["--exclude=Thumbs.db", "--exclude=/old", "--exclude=b/x*"];
  const none = await integrity(["-r", folder, ...known, "--exclude", `${folder}/ok.db`]);
  expect([none.code, none.report.databases.length]).toEqual([0, 2]);
  expect(none.stderr).toBe(
    `sqlock: --exclude ${folder}/ok.db matches nothing: patterns are compared with names, or with paths below the ` +
      "folder of -r\n",
  );
});

test("--exclude: wrong usage, and nothing is left", async () => {
  const folder = folderOf({ "Thumbs.db": "x" });
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await sqlock(["integrity", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    return stderr;
  };
  expect(await refused("--exclude", "x", folder)).toContain("--exclude is for -r");
  expect(await refused("--exclude", "", "-r", folder)).toContain("is empty");
  expect(await refused("--exclude", "*.db", "-r", folder)).toContain(
    `there is no SQLite database below ${folder} that --exclude does not leave out`,
  );
});

test("an empty file is a database of no pages, but not beside a companion file", async () => {
  const folder = folderOf({ "new.db": "", "old.db": "", "old.db-journal": "" });
  expect(await check(join(folder, "new.db"))).toMatchObject({ code: 0, verdict: "ok" });
  expect(await check(join(folder, "old.db"))).toMatchObject({ code: 2, verdict: "not-checked", reasonCode: "empty" });
});
