/** Many databases in one call: each gets the verdict that it gets alone, from few processes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type CheckedDatabase, check, integrity, temporaryFiles } from "../support/check.ts";
import { listing } from "../support/listing.ts";
import { descendants } from "../support/program.ts";
import { python } from "../support/python.ts";
import { BIN, NODE } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { workerLog } from "../support/worker-log.ts";

/** `count` sound databases, `0000.db` and so on, each in its own words. */
function soundDatabases(count: number, mode: "delete" | "wal" = "delete"): { folder: string; paths: string[] } {
  const folder = join(tempFolder(), "data");
  mkdirSync(folder);
  const paths = Array.from({ length: count }, (_, i) => join(folder, `${String(i).padStart(4, "0")}.db`));
  python(`
import os, shutil, sqlite3
first = ${JSON.stringify(paths[0])}
c = sqlite3.connect(first, isolation_level=None)
c.execute("pragma journal_mode=${mode}"); c.execute("pragma page_size=1024")
c.executescript("create table t(a integer primary key, b); create index i on t(b);")
rows = [(i, "%d" % (i * 7)) for i in range(200)]
c.execute("begin"); c.executemany("insert into t values (?, ?)", rows); c.execute("commit")
c.close()
for path in ${JSON.stringify(paths.slice(1))}: shutil.copyfile(first, path)
past = 1600000000
for path in ${JSON.stringify(paths)}: os.utime(path, (past, past))`);
  return { folder, paths };
}

/** It takes minutes to check: every row costs some 30 ms of its CHECK constraint. */
function makeSlow(path: string): void {
  python(`
import os, sqlite3
path = ${JSON.stringify(path)}; os.unlink(path)
c = sqlite3.connect(path, isolation_level=None)
c.execute("pragma ignore_check_constraints=on")
c.execute("create table slow(a check(length(hex(randomblob(3000000))) > 0))")
c.execute("begin"); c.executemany("insert into slow values (?)", [(i,) for i in range(10000)]); c.execute("commit")
c.close()`);
}

/** What a check says of a database, without its times. */
function answer({ path, verdict, reason, reasonCode, method, journalMode, pageCount, ...of }: CheckedDatabase) {
  const checks = of.checks.map((each) => [each.name, each.result, each.reason, each.reasonCode]);
  const findings = of.findings.map(({ id, severity }) => [id, severity]);
  return { path, verdict, reason, reasonCode, method, journalMode, pageCount, checks, findings, problems: of.problems };
}

/** One of each kind, in the places of sound ones. */
const kindsIn = (paths: readonly string[]) => `
import os, shutil, sqlite3
paths = ${JSON.stringify(paths)}
def connect(path): return sqlite3.connect(path, isolation_level=None)
def wrong_index(path):
    c = connect(path); c.execute("pragma writable_schema=on")
    c.execute("update sqlite_master set sql = 'create index i on t(a)' where name = 'i'"); c.close()
def zeroed_page(path):
    with open(path, "r+b") as f: f.seek(2 * 1024); f.write(bytes(1024))
def short(path): os.truncate(path, 3000)
def foreign_key(path):
    c = connect(path); c.execute("create table c(x references t(a))"); c.execute("insert into c values (9)")
    c.execute("insert into c values (9999)"); c.close()
def collation(path):
    c = connect(path); c.create_collation("mine", lambda a, b: (a > b) - (a < b))
    c.execute("create table c(x collate mine)"); c.execute("create index ci on c(x)"); c.close()
def check(path):
    c = connect(path); c.execute("pragma ignore_check_constraints=on")
    c.execute("create table c(x check(x > 5))"); c.execute("insert into c values (1)"); c.close()
def fts(path):
    c = connect(path); c.execute("create virtual table f using fts5(x)"); c.execute("insert into f values ('a b')")
    c.close()
def module(path):
    c = connect(path); c.execute("pragma writable_schema=on")
    c.execute("insert into sqlite_master values ('table', 'v', 'v', 0, 'create virtual table v using mine(x)')")
    c.close()
def wal_at_rest(path):
    c = connect(path); c.execute("pragma journal_mode=wal"); c.close()
def wal_left(path):
    c = connect(path); c.execute("pragma journal_mode=wal"); c.execute("insert into t values (1000, 'x')")
    shutil.copyfile(path, path + "2"); shutil.copyfile(path + "-wal", path + "3"); c.close()
    os.rename(path + "2", path); os.rename(path + "3", path + "-wal")
def hot_journal(path):
    c = connect(path); c.execute("pragma cache_size=2"); c.execute("begin")
    c.execute("update t set b = b || 'xxxxxxxxxxxxxxxxx'")
    shutil.copyfile(path, path + "2"); shutil.copyfile(path + "-journal", path + "3"); c.execute("rollback"); c.close()
    os.rename(path + "2", path); os.rename(path + "3", path + "-journal")
def empty(path): os.truncate(path, 0)
def no_database(path):
    with open(path, "w") as f: f.write("text" * 100)
def gone(path): os.unlink(path)
kinds = [wrong_index, zeroed_page, short, foreign_key, collation, check, fts, module, wal_at_rest, wal_left,
         hot_journal, empty, no_database, gone]
for kind, path in zip(kinds, paths): kind(path)
print(len(kinds), end="")`;

test("300, some damaged, in use or given twice: each answer is the one that it gets alone", async () => {
  const { folder, paths } = soundDatabases(300);
  const special = paths.filter((_, i) => i % 20 === 10);
  expect(Number(python(kindsIn(special)))).toBeLessThan(special.length);
  const linked = join(folder, "linked.db");
  linkSync(paths[5] ?? "", linked);
  const given = [...paths.slice(0, 150), paths[3] ?? "", linked, ...paths.slice(150), paths[3] ?? ""];
  const before = listing(folder);
  const log = workerLog();
  const temporary = temporaryFiles();
  const { report } = await integrity(given, { env: { ...log.env, ...temporary.env } });
  expect(listing(folder)).toEqual(before);
  expect(readdirSync(temporary.folder)).toEqual([]);
  expect(report.databases.map(({ givenAs }) => givenAs)).toEqual(given);
  const isSpecial = ({ givenAs }: { readonly givenAs: string }) => special.includes(givenAs);
  const sound = report.databases.filter((each) => !isSpecial(each));
  for (const each of sound)
    expect(each).toMatchObject({ verdict: "ok", method: "in-place", pageCount: 9, problems: [], reason: null });
  const unsound = report.databases.filter(isSpecial);
  for (const each of unsound) {
    const { code: _, ...alone } = await check(each.givenAs);
    expect(answer(each)).toEqual(answer(alone));
  }
  expect(new Set(unsound.map(({ verdict }) => verdict))).toEqual(new Set(["ok", "corrupt", "not-checked"]));
  // A worker that has seen damage is replaced, and one is for 250 databases.
  const corrupt = unsound.filter(({ verdict }) => verdict === "corrupt").length;
  expect(log.count()).toBeLessThanOrEqual(availableParallelism() + corrupt + 2);
  expect(log.count()).toBeGreaterThan(corrupt);
});

/** The process that has the file open with SQLite. */
function workerOn(pid: number, path: string): number | undefined {
  return descendants(pid).find((each) => {
    try {
      return readdirSync(`/proc/${each}/fd`).some((fd) => readlinkSync(`/proc/${each}/fd/${fd}`) === path);
    } catch {
      return false;
    }
  });
}

function startCheck(args: readonly string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(NODE, [BIN, "integrity", "--json", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout?.on("data", (text) => {
    stdout += text;
  });
  const closed = once(child, "close");
  const databases = async () => {
    await closed;
    return JSON.parse(stdout).databases as CheckedDatabase[];
  };
  return { pid: child.pid ?? 0, kill: () => child.kill("SIGKILL"), closed, databases };
}

test("a worker that is killed in between: that database is not checked, and the others are", async () => {
  const { paths } = soundDatabases(60);
  const [slow = "", crashes = ""] = [paths[20], paths[40]];
  for (const each of [slow, crashes]) makeSlow(each);
  const { pid, closed, databases } = startCheck(paths);
  let ended = false;
  void closed.then(() => {
    ended = true;
  });
  const first = await until("a worker reads the first of them", () => workerOn(pid, slow));
  process.kill(first, "SIGKILL");
  // A crash may be the fault of a database before: a fresh process tries once more, where this one had others before.
  const second = await until("a worker reads the second", () => workerOn(pid, crashes));
  process.kill(second, "SIGSEGV");
  const third = await until("another worker reads it, or all are done", () => {
    const found = workerOn(pid, crashes);
    return found === second || found === undefined ? ended : found;
  });
  if (typeof third === "number") process.kill(third, "SIGSEGV");
  const seen = await databases();
  expect(seen.filter(({ verdict }) => verdict === "ok")).toHaveLength(58);
  for (const [path, signal] of [
    [slow, "SIGKILL"],
    [crashes, "SIGSEGV"],
  ])
    expect(seen.find(({ givenAs }) => givenAs === path)).toMatchObject({
      verdict: "not-checked",
      reasonCode: "failed",
      reason: expect.stringContaining(signal ?? ""),
    });
});

test("a time-out in between counts from the start of that database alone", async () => {
  const { paths } = soundDatabases(60);
  const slow = paths[20] ?? "";
  makeSlow(slow);
  const log = workerLog();
  const { code, report } = await integrity(["--timeout", "3s", ...paths], { env: log.env });
  expect(code).toBe(2);
  const late = report.databases.filter(({ verdict }) => verdict !== "ok");
  expect(late.map(({ givenAs, reasonCode }) => [givenAs, reasonCode])).toEqual([[slow, "timeout"]]);
  expect(log.count()).toBeLessThanOrEqual(availableParallelism() + 1);
});

test("a worker that has a descriptor left is not used again", async () => {
  const { paths } = soundDatabases(6);
  const script = join(tempFolder(), "leak.cjs");
  writeFileSync(
    script,
    `const { openSync } = require("node:fs"), { send } = process;
if (send) process.send = (message, ...rest) => {
  if (message.kind === "lock" && !message.held) openSync(__filename);
  return send.call(process, message, ...rest);
};`,
  );
  const log = workerLog();
  const options = `${log.env["NODE_OPTIONS"]} --require=${script}`;
  const { code } = await integrity(paths, { env: { NODE_OPTIONS: options } });
  expect(code).toBe(0);
  expect(log.count()).toBe(paths.length);
});

test("SIGKILL of the command in between: no process and no folder is left", async () => {
  const { folder, paths } = soundDatabases(80, "wal"); // of each, a private copy is checked
  const before = listing(folder);
  const temporary = temporaryFiles();
  const { pid, kill, closed } = startCheck(paths, temporary.env);
  await until("copies are made", () => readdirSync(temporary.folder).length > 0);
  const all = descendants(pid);
  kill();
  await closed;
  const isAlive = (each: number) => {
    try {
      return !/^State:\s[ZX]/m.test(readFileSync(`/proc/${each}/status`, "latin1"));
    } catch {
      return false;
    }
  };
  await until("all is gone", () => !all.some(isAlive) && readdirSync(temporary.folder).length === 0);
  expect(listing(folder)).toEqual(before);
});
