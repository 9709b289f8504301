/** `stress --html`: a file with what the document has, and only where a file may be made. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PageFile } from "../../src/features/stress/page-file.ts";
import { databaseOf, folderOf, MALLORY, needRoot, secretFolder } from "../support/attacker.ts";
import { newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const SMALL = ["--writers", "1", "--readers", "0", "--duration", "100ms"];

test("the page is written beside the text, readable by its owner alone", async () => {
  const page = join(tempFolder(), "load.html");
  const { code, stdout } = await sqlock(["stress", ...SMALL, "--html", page]);
  expect(code).toBe(0);
  expect(statSync(page).mode & 0o777).toBe(0o600);
  const html = readFileSync(page, "utf8");
  const commits = /^commits +([\d,]+)/m.exec(stdout)?.[1] as string;
  expect(html).toContain(`<td class="number" data-name="Number">${commits}</td>`);
  expect(html).toContain("Content-Security-Policy");
});

test("a matrix has one, too", async () => {
  const page = join(tempFolder(), "load.html");
  const { code } = await sqlock([
    "stress",
    "--matrix",
    ...SMALL,
    "--journal-mode",
    "wal",
    "--busy-timeout",
    "1s",
    "--html",
    page,
  ]);
  expect(code).toBe(0);
  expect(readFileSync(page, "utf8")).toContain("wal, immediate, 1 s");
});

test.each<[string, (folder: string) => readonly string[], RegExp]>([
  [
    "a missing folder",
    (folder) => ["--html", join(folder, "none/load.html")],
    /cannot be written: its folder does not/,
  ],
  ["a file that is there", (folder) => ["--html", join(folder, "old.html")], /exists already; .*--force/],
  [
    "a database",
    (folder) => ["--force", "--html", join(folder, "db.sqlite3")],
    /is a database, which would be replaced/,
  ],
  ["--force alone", () => ["--force"], /--force needs --html/],
])("%s: one line, and nothing is lost", async (_, args, message) => {
  const folder = tempFolder();
  writeFileSync(join(folder, "old.html"), "old");
  const database = newDatabase("delete", folder);
  const before = readFileSync(database);
  const { code, stderr, stdout } = await sqlock(["stress", ...SMALL, ...args(folder)]);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(readFileSync(join(folder, "old.html"), "utf8")).toBe("old");
  expect(readFileSync(database)).toEqual(before);
});

test("a load that does not come to its end leaves no page, and the old one as it was", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "old.html"), "old");
  const missing = join(folder, "none.db");
  const one = await sqlock(["stress", missing, ...SMALL, "--html", join(folder, "new.html")]);
  const other = await sqlock(["stress", missing, ...SMALL, "--force", "--html", join(folder, "old.html")]);
  expect([one.code, other.code]).toEqual([2, 2]);
  expect(readdirSync(folder)).toEqual(["old.html"]);
  expect(readFileSync(join(folder, "old.html"), "utf8")).toBe("old");
});

test("root has its page in a folder of its own, though the load was another user's", async (context) => {
  needRoot(context);
  const folder = tempFolder();
  const own = join(folder, "own");
  mkdirSync(own, { mode: 0o700 });
  const database = databaseOf(MALLORY);
  const page = join(own, "load.html");
  const { code } = await sqlock(["stress", database, ...SMALL, "--html", page]);
  expect(code).toBe(0);
  expect(existsSync(page)).toBe(true);
  expect(statSync(page)).toMatchObject({ uid: 0 });
  expect(readFileSync(page, "utf8")).toContain(`uid ${MALLORY}`);
});

test("root deletes no other file in the place of a page that was not written", (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY);
  const secret = secretFolder();
  const page = new PageFile(join(folder, "key"), false, null);
  expect(statSync(join(folder, "key"))).toMatchObject({ uid: MALLORY });
  renameSync(folder, `${folder}.away`);
  symlinkSync(secret, folder);
  page.discard();
  expect(readdirSync(secret)).toEqual(["key"]);
});

test("a page that was not written goes, also as another user's file", (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY);
  new PageFile(join(folder, "load.html"), false, null).discard();
  expect(readdirSync(folder)).toEqual([]);
});
