import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WhoHoldsDocument } from "../../src/index.ts";
import { bareReserved, connection, ROLLBACK, WRITE } from "../support/connection.ts";
import { type Holder, spawnHolder } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { isRoot, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt, type Run, sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const STRANGE = [
  "with space",
  " spaces around ",
  "new\nline",
  "tab\tand\rreturn",
  "closed ) S 1 (open",
  `quotes ' " \` $HOME`,
  "back\\slash \\n \\033",
  "\u001b[31mred\u001b[0m",
  "\u001b]0;title\u0007",
  "\u009b31m C1",
  "right\u202eto\u202cleft \u2066isolate\u2069",
  "zero\u200bwidth\ufeff",
  "数据库 文件",
  "한국어データ",
  "emoji 🗄️ 👩‍💻 🇩🇪",
  "e\u0301 combining",
  "％ { a: 1 } (deleted)",
];

/** C0 but the newline, DEL, C1, and what reorders or hides text: none of it may reach a terminal. */
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

const WIDE =
  /[\p{sc=Han}\p{sc=Hangul}\p{scx=Katakana}\p{scx=Hiragana}\p{Emoji_Presentation}\u3000\uff01-\uff60]|\ufe0f/u;

/** Columns of a terminal, told apart from the program's own way: by script and by Unicode's properties of emoji. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)) {
    columns += WIDE.test(segment) ? 2 : 1;
  }
  return columns;
}

/** What begins at a column of a line. */
function at(line: string, column: number): string {
  let text = "";
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(line)) {
    if (columnsOf(text) === column) return line.slice(text.length);
    text += segment;
  }
  return "";
}

describe("databases with strange names, all of them held by one process", () => {
  let folder: string;
  let holder: Holder;
  let databases: WhoHoldsDocument["databases"];
  let text: Run;
  let missing: Run;

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "sqlock-test-")));
    holder = await spawnHolder();
    await holder.run("all = []");
    const paths = STRANGE.map((name) => join(folder, name));
    for (const path of paths) await holder.run(`${connection(path, ...ROLLBACK, ...WRITE)}\nall.append(c)`);
    ({ databases } = await whoHolds(paths));
    text = await sqlock(["who-holds", ...paths]);
    missing = await sqlock(["who-holds", ...paths.map((path) => `${path}-none`)]);
  });

  afterAll(async () => {
    await holder.end();
    rmSync(folder, { recursive: true });
  });

  test.each(STRANGE.map((name, i) => [name, i] as const))("%j: exact in the document", (name, i) => {
    const database = join(folder, name);
    const report = databases[i];
    if (report === undefined || "error" in report) throw new Error(`no answer: ${JSON.stringify(report)}`);
    expect(report).toMatchObject({ path: database, givenAs: database });
    const found = holderOf(report, holder.pid);
    expect(lockNames(found)).toEqual(["RESERVED:write", "SHARED:read"]);
    expect(found.handles).toMatchObject([
      { role: "database", path: database, deleted: false },
      { role: "journal", path: `${database}-journal`, deleted: false },
    ]);
  });

  test("as text: escaped, a line each; so it is where there is no such file", () => {
    const { stdout, stderr, code } = text;
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(stdout).not.toMatch(UNSAFE);
    const heads = stdout
      .split("\n")
      .filter((line) => /: rollback journal, 8 KiB, 2 pages of 4096, \S+ on \S+$/.test(line));
    expect(heads).toHaveLength(STRANGE.length);
    const lines = missing.stderr.split("\n");
    expect(lines.pop()).toBe("");
    expect(lines).toHaveLength(STRANGE.length);
    for (const line of lines) {
      expect(line).toMatch(/^sqlock: /);
      expect(line).not.toMatch(UNSAFE);
    }
  });
});

test("programs with strange names, in one table: escaped and aligned; exact in the document", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const [setup, ...holders] = await Promise.all([startHolder(), ...STRANGE.map((argv0) => startHolder({ argv0 }))]);
  await setup.run(connection(database, ...ROLLBACK));
  for (const holder of holders) await holder.run(connection(database, "begin", "select * from t"));
  const report = await lookAt(database);
  holders.forEach((holder, i) => {
    expect(holderOf(report, holder.pid).commandLine[0]).toBe(STRANGE[i]);
  });
  for (const env of [{}, { COLUMNS: "100" }, { COLUMNS: "60" }, { COLUMNS: "80", LC_ALL: "C.UTF-8" }]) {
    const { stdout, stderr } = await sqlock(
      ["who-holds", "--columns", "PID,COMMAND,STATE,ACTIVITY,LOCKS,BLOCKS", database],
      { env },
    );
    expect(stderr).toBe("");
    expect(stdout).not.toMatch(UNSAFE);
    const lines = stdout.split("\n\n", 1)[0]?.split("\n") ?? [];
    const head = lines.find((line) => /^ *PID /.test(line)) ?? "";
    const rows = lines.filter((line) =>
      new RegExp(`^ *(${holders.map(({ pid }) => pid).join("|")}) .*reading`).test(line),
    );
    expect(rows).toHaveLength(STRANGE.length);
    for (const row of rows) {
      expect(at(row, head.indexOf("STATE")), row).toMatch(/^sleeping +reading +SHARED/);
      expect(at(row, head.indexOf("ACTIVITY")), row).toMatch(/^reading +SHARED/);
    }
  }
});

test("the kernel's name of a process, with a parenthesis and a newline", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  await holder.run('open("/proc/self/comm", "w").write("a) R 1 (\\n\\x1b[m")');
  const found = holderOf(await lookAt(database), holder.pid);
  expect(found).toMatchObject({ name: "a) R 1 (\n\x1b[m", state: "sleeping" });
  const { stdout } = await sqlock(["who-holds", "--columns", "PID,NAME,STATE", database]);
  expect(stdout).toContain(`${holder.pid}  a) R 1 (\\n\\e[m  sleeping\n`);
});

test("no command line at all: the kernel's name in brackets", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder({ argv0: "" });
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  expect((await sqlock(["who-holds", database])).stdout).toMatch(new RegExp(`^ *${holder.pid} +root +\\[python`, "m"));
});

test.each([600, 1023, 3000, 4095])("a path of %i bytes", async (bytes) => {
  const folder = tempFolder();
  let path = folder;
  while (Buffer.byteLength(path) + 102 < bytes)
    path = join(path, "x".repeat(Math.min(100, bytes - Buffer.byteLength(path) - 102)));
  mkdirSync(path, { recursive: true });
  path = join(path, "d".repeat(bytes - Buffer.byteLength(path) - 1));
  expect(Buffer.byteLength(path)).toBe(bytes);
  const holder = await startHolder();
  await holder.run(connection(join(folder, "seed.db"), ...ROLLBACK));
  copyFileSync(join(folder, "seed.db"), path);
  await holder.run(bareReserved(path));
  for (const args of [[], ["--locks-only"]]) {
    const report = await lookAt(path, args);
    expect(report.path).toBe(path);
    expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write"]);
  }
  const relative = await lookAt(path.slice(folder.length + 1), [], { cwd: folder });
  expect(lockNames(holderOf(relative, holder.pid))).toEqual(["RESERVED:write"]);
});
