/** What is no database, and what cannot be asked: one clear line each, and exit code 2. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { check, integrity } from "../support/check.ts";
import { NOISE, plainHeader } from "../support/first-bytes.ts";
import { isRoot, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await sqlock(["integrity", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
  return stderr;
}

test("files that are no databases, by their first bytes: the document and the text say what they are", async () => {
  const folder = tempFolder();
  const files = {
    text: [Buffer.from("Dear reader,\nthis is no database.\n"), "not-a-database", /it looks like text/],
    encrypted: [NOISE, "encrypted", /is likely encrypted: it looks random from its first byte/],
    cut: [plainHeader().subarray(0, 15), "not-a-database", /a database cut off after 15 bytes/],
  } as const;
  const paths = Object.entries(files).map(([name, [bytes]]) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
  const { code, report } = await integrity(paths);
  expect(code).toBe(2);
  const text = await sqlock(["integrity", ...paths]);
  for (const [i, [, reasonCode, reason]] of Object.values(files).entries()) {
    expect(report.databases[i]).toMatchObject({ verdict: "not-checked", reasonCode, problems: [] });
    expect(report.databases[i]?.reason).toMatch(reason);
    expect(text.stdout).toMatch(reason);
  }
});

test("no file, a folder, a pipe, a name that is empty", async () => {
  const folder = tempFolder();
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const paths = [join(folder, "none"), folder, join(folder, "pipe"), "", ":memory:", await newDatabase()];
  const { code, report } = await integrity(paths);
  expect(code).toBe(2);
  expect(report.databases.map(({ givenAs, verdict, reasonCode }) => [givenAs, verdict, reasonCode])).toEqual([
    [paths[0], "not-checked", "no-such-file"],
    [folder, "not-checked", "not-a-file"],
    [paths[2], "not-checked", "not-a-file"],
    ["", "not-checked", "failed"],
    [":memory:", "not-checked", "not-a-file"],
    [paths[5], "ok", null],
  ]);
  expect(report.databases[1]?.remedy).toContain("integrity -r");
});

test("a folder with one database in it is a folder", async () => {
  const path = await newDatabase();
  const folder = join(path, "..");
  for (const given of [folder, `${folder}/`])
    expect(await check(given)).toMatchObject({ code: 2, verdict: "not-checked", reasonCode: "not-a-file" });
});

test("no permission", async (context) => {
  need(context, isRoot, "root, to become another user");
  const path = await newDatabase();
  const folder = join(path, "..");
  chmodSync(path, 0o600);
  expect(await check(path, [], { uid: 65534 })).toMatchObject({
    code: 2,
    verdict: "not-checked",
    reasonCode: "no-permission",
  });
  mkdirSync(join(folder, "closed"), { mode: 0o700 });
  const { code, report } = await integrity(["-r", folder], { uid: 65534 });
  expect(code).toBe(2);
  expect(report.databases.map(({ path: denied, reasonCode }) => [denied, reasonCode])).toEqual([
    [join(folder, "closed"), "no-permission"],
    [path, "no-permission"],
  ]);
});

test("-r: no folder, a file, no database below it", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "text"), "text");
  expect(await refused("-r", join(folder, "none"))).toContain("there is no folder");
  expect(await refused("-r", join(folder, "text"))).toContain("is not a folder");
  expect(await refused("-r", folder)).toContain("there is no SQLite database below");
});

test("wrong usage", async () => {
  expect(await refused()).toContain("no database was given");
  expect(await refused("--reporter", "xml", "x")).toContain(
    'there is no reporter "xml"; choose from pretty, json, junit, github, sarif',
  );
  expect(await refused("--json", "--reporter", "junit", "x")).toContain("exclude each other");
  for (const text of ["0", "soon"])
    expect(await refused(`--max-problems=${text}`, "x")).toContain("is not a number of problems");
  for (const option of ["--timeout", "--wait"])
    expect(await refused(`${option}=soon`, "x")).toContain(`${option} "soon" is not a time`);
  expect(await refused("--quik", "x")).toContain("did you mean --quick?");
});

test("--output: refused before anything is checked", async () => {
  const path = await newDatabase();
  const folder = tempFolder();
  const before = readFileSync(path);
  const slow = ["--timeout", "1ms"]; // no check could be finished
  expect(await refused("--output", join(folder, "none/report"), ...slow, path)).toContain("its folder does not exist");
  expect(await refused("--output", folder, ...slow, path)).toContain("is a folder");
  expect(await refused("--output", join(path, "report"), ...slow, path)).toContain("its folder is a file");
  expect(await refused("--output", "", ...slow, path)).toContain("is empty");
  expect(await refused("--output", path, ...slow, path)).toContain("is a database, which would be replaced");
  expect(readFileSync(path)).toEqual(before);
  expect(readdirSync(folder)).toEqual([]);
});

test("--output: no companion file of a database is replaced, whatever it is called, and none is made", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(
    database,
    `c.execute("begin immediate"); c.execute("insert into t values (1)"); c.execute("commit")`,
  );
  await writer.end(); // killed: its -wal stays
  const linked = join(tempFolder(), "report");
  linkSync(`${database}-wal`, linked);
  const before = readFileSync(`${database}-wal`);
  for (const suffix of ["-wal", "-shm", "-journal", "-mj0123AB9DE"]) {
    expect(await refused("--output", database + suffix, database)).toContain(
      `has the name of a database's companion file (${suffix})`,
    );
  }
  expect(await refused("--output", linked, database)).toContain("is the -wal of a database, which would be replaced");
  expect(readFileSync(`${database}-wal`)).toEqual(before);
  expect(existsSync(`${database}-journal`)).toBe(false);
});

test("--output /dev/stdout and -: what stdout is, and what others write there, stays", async () => {
  const path = await newDatabase();
  const log = join(tempFolder(), "log");
  for (const target of ["/dev/stdout", "-"]) {
    const { code } = await sqlock(["integrity", "--json", "--output", target, path], {
      through: ["sh", "-c", `echo before > ${log}; { "$@"; echo after; } >> ${log}`, "sh"],
    });
    expect(code).toBe(0);
    const [first, ...rest] = readFileSync(log, "utf8").trimEnd().split("\n");
    expect([first, rest.at(-1)]).toEqual(["before", "after"]);
    expect(JSON.parse(rest.slice(0, -1).join("\n"))).toMatchObject({ databases: [{ verdict: "ok" }] });
  }
});

test("a -wal or -journal that is no file: not checked, at once, and said which", async () => {
  const paths = [await newDatabase("wal"), await newDatabase()];
  const companions = [`${paths[0]}-wal`, `${paths[1]}-journal`] as const;
  mkdirSync(companions[0]);
  execFileSync("mkfifo", [companions[1]]);
  const { code, report } = await integrity(paths);
  expect(code).toBe(2);
  expect(report.databases).toMatchObject([
    { verdict: "not-checked", reasonCode: "not-a-file", reason: `${companions[0]} is a folder` },
    { verdict: "not-checked", reasonCode: "not-a-file", reason: `${companions[1]} is a named pipe` },
  ]);
});

test("--output: the whole report, under its name, with the rights that it had", async () => {
  const path = await newDatabase();
  const folder = tempFolder();
  const report = join(folder, "report.json");
  const written = async (target: string) => {
    const { code, stdout } = await sqlock(["integrity", "--json", "--output", target, path]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    return JSON.parse(readFileSync(report, "utf8"));
  };
  expect((await written(report)).databases).toMatchObject([{ path, verdict: "ok" }]);
  chmodSync(report, 0o640);
  symlinkSync(report, join(folder, "link"));
  writeFileSync(report, "old");
  expect((await written(join(folder, "link"))).databases).toMatchObject([{ verdict: "ok" }]);
  expect(statSync(report).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).sort()).toEqual(["link", "report.json"]);
  // A device is written to, not replaced.
  const { code, stdout } = await sqlock(["integrity", "--json", "--output", "/dev/stdout", path], {
    through: ["sh", "-c", '"$@" | cat', "sh"],
  });
  expect({ code, report: JSON.parse(stdout).databases }).toMatchObject({ code: 0, report: [{ verdict: "ok" }] });
});

test("--output: nothing is left where the check does not come to an end", async () => {
  const folder = tempFolder();
  await refused("--output", join(folder, "report"), "-r", join(folder, "none"));
  expect(readdirSync(folder)).toEqual([]);
});

test("without a folder for temporary files what needs no copy is checked, and what does is named", async () => {
  const nobody = await newDatabase("wal");
  const plain = await newDatabase();
  const { code, report } = await integrity([plain, nobody], { env: { TMPDIR: "/nonexistent" } });
  expect(code).toBe(2);
  expect(report.databases).toMatchObject([
    { verdict: "ok", method: "in-place" },
    {
      verdict: "not-checked",
      reasonCode: "no-space",
      reason: "no folder for temporary files can be made in /nonexistent (it does not exist)",
    },
  ]);
  const allowed = await check(nobody, ["--allow-companions"], { env: { TMPDIR: "/nonexistent" } });
  expect(allowed).toMatchObject({ code: 0, verdict: "ok" });
});

test("a -wal or -journal that cannot be read belongs to its database, and is not a database", async (context) => {
  need(context, isRoot, "root, to look as another user");
  const database = await newDatabase("wal");
  const folder = dirname(database);
  for (const path of [`${database}-journal`, join(folder, "other-wal")]) writeFileSync(path, "", { mode: 0o600 });
  chmodSync(folder, 0o755);
  const { report } = await integrity(["-r", folder], { uid: 65534 });
  expect(report.databases.map(({ path }) => basename(path)).sort()).toEqual([basename(database), "other-wal"].sort());
});

test("--wait 0 does not wait", async () => {
  const database = await newDatabase();
  await holding(database, `c.execute("begin exclusive")`);
  const started = performance.now();
  expect(await check(database, ["--wait", "0"])).toMatchObject({
    code: 2,
    verdict: "not-checked",
    reasonCode: "locked",
  });
  expect(performance.now() - started).toBeLessThan(4000); // the default waits for 5 s
});

test("a text encoding that SQLite takes for UTF-8, beside a virtual table", async () => {
  const path = join(tempFolder(), "db.sqlite3");
  const db = new Database(path);
  db.exec("CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('word'); CREATE TABLE t(a UNIQUE)");
  db.close();
  const bytes = readFileSync(path);
  bytes.writeUInt32BE(4, 56);
  writeFileSync(path, bytes);
  expect(await check(path)).toMatchObject({ code: 0, verdict: "ok", findings: [{ id: "header-mismatch" }] });
});

test("-r: a name that is not UTF-8 keeps its entry; a file named as a URI is a file", async () => {
  const database = await newDatabase();
  const folder = dirname(database);
  execFileSync("sh", ["-c", `cp "$1" "$(printf '%s/bad\\377' "$2")"; cp "$1" "$2/:memory:"`, "sh", database, folder]);
  const { code, report } = await integrity(["-r", "."], { cwd: folder });
  expect(code).toBe(2);
  expect(report.databases).toHaveLength(3);
  expect(report.databases.filter(({ verdict }) => verdict === "ok").map(({ path }) => basename(path))).toEqual([
    ":memory:",
    "db.sqlite3",
  ]);
  expect(report.databases.find(({ verdict }) => verdict === "not-checked")?.reason).toMatch(/not UTF-8/);
});

test("a name so long that no companion file can have its own", async () => {
  const database = await newDatabase();
  const long = join(dirname(database), "z".repeat(252));
  copyFileSync(database, long);
  expect(await check(long)).toMatchObject({ code: 0, verdict: "ok" });
});

test("too few descriptors, for a look or a worker: it says so, with what to do, and no stack trace", async () => {
  const path = await newDatabase();
  // Node.js itself needs some, of which each version has its own number.
  const ifItStarts = '"$1" "$2" --version > /dev/null 2>&1 || exit 99; exec "$@"';
  const said: string[] = [];
  for (const limit of [18, 19, 20, 21, 22]) {
    const { code, stdout, stderr } = await sqlock(["integrity", ...(limit === 22 ? ["-r", dirname(path)] : [path])], {
      through: ["sh", "-c", `ulimit -n ${limit}; ${ifItStarts}`, "sh"],
    });
    if (code === 99) continue;
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.not.stringContaining("    at ") });
    said.push(stdout + stderr);
  }
  expect(said).not.toEqual([]);
  for (const text of said) {
    expect(text).toMatch(/too many open files: .*raise the limit \(ulimit -n 1024\)/s);
    expect(text).not.toMatch(/permission|EMFILE/);
  }
});

test("a file may not be as large as the copy, or as the report: it says so, with what to do", async () => {
  const limited = { through: ["sh", "-c", 'ulimit -f 20; exec "$@"', "sh"] };
  const wal = await newDatabase("wal");
  const { code, stdout } = await sqlock(["integrity", wal], limited);
  expect(code).toBe(2);
  expect(stdout).toMatch(/a private copy has a file of \d+ KiB, and a file may not be as large here/);
  expect(stdout).toMatch(/To do: raise the limit \(ulimit -f unlimited\), or set TMPDIR/);
  const report = join(tempFolder(), "report.json");
  const all = Array.from({ length: 10 }, () => join(dirname(wal), "none"));
  expect(await sqlock(["integrity", "--json", "--output", report, ...all], limited)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/cannot be written: it would be larger than a file may be here \(raise ulimit -f\)/),
  });
  expect(existsSync(report)).toBe(false);
});

test("files of the kernel, which have content but no size, are no empty databases", async () => {
  const { code, stdout } = await sqlock(["integrity", "/proc/version", "/proc/self/mem", "/dev/null"]);
  expect(code).toBe(2);
  expect(stdout).toMatch(
    /^\/proc\/version: not checked: \/proc\/version is not a SQLite database: it looks like text$/m,
  );
  expect(stdout).toMatch(/mem: not checked: .* cannot be read: input\/output error \(EIO\)$/m);
  expect(stdout).toMatch(/^\/dev\/null: not checked: \/dev\/null is a character device/m);
  expect(stdout).not.toContain("valid database");
});

test("killed by the terminal's end while it checks, nothing of the report is left", async () => {
  const database = await newDatabase();
  const folder = tempFolder();
  await holding(database, `c.execute("begin exclusive")`);
  const child = spawn(NODE, [BIN, "integrity", database, "--wait", "30s", "--output", join(folder, "report.json")], {
    stdio: "ignore",
  });
  // It has a worker: the file of --output was tried before.
  await until("a worker runs", () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8") !== "");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(readdirSync(folder)).toEqual([]);
});
