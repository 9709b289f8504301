/** Two sources, side by side: lsof shows the same holders and handles as /proc, in every situation that it can see. */
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import type { WhoHoldsDatabase, WhoHoldsDocument } from "../../src/index.ts";
import { listOpenFiles } from "../../src/lsof/open-files.ts";
import { connection, literal, WAL, WRITE } from "../support/connection.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { NOBODY } from "../support/namespace.ts";
import { expectToFit } from "../support/schema.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { connect, holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, lookAt, type RunOptions, sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

beforeEach((context) => need(context, has("lsof"), "lsof"));

const isDatabase = (entry: WhoHoldsDocument["databases"][number]): entry is WhoHoldsDatabase => !("error" in entry);

/** What both sources can know: who, and which descriptor on which file. */
function handlesIn(document: WhoHoldsDocument): unknown {
  return document.databases.map((entry) =>
    isDatabase(entry)
      ? {
          path: entry.path,
          holders: entry.holders
            .toSorted((a, b) => a.pid - b.pid)
            .map(({ pid, uid, user, parentPid, name, handles }) => [
              pid,
              uid,
              user,
              parentPid,
              name,
              handles.map(({ lock: _, closeOnExec: __, ...handle }) => handle),
            ]),
        }
      : entry,
  );
}

/** As bothWays(): the first database. */
async function sideBySide(
  paths: string | readonly string[],
  pids: readonly number[],
  options: RunOptions = {},
): Promise<WhoHoldsDatabase> {
  const { databases } = await bothWays(typeof paths === "string" ? [paths] : paths, pids, options);
  const [first] = databases.filter(isDatabase);
  if (first === undefined) throw new Error(`no answer: ${JSON.stringify(databases)}`);
  return first;
}

/**
 * Looks both ways; what lsof says is compared with /proc, and given back. `pids`: the holders that must show, of all
 * databases.
 */
async function bothWays(
  args: readonly string[],
  pids: readonly number[],
  options: RunOptions = {},
): Promise<WhoHoldsDocument> {
  const proc = await whoHolds(["--", ...args], options);
  const lsof = await whoHolds(["--source", "lsof", "--", ...args], options);
  expectToFit("who-holds", lsof);
  expect([proc.source, lsof.source]).toEqual(["proc", "lsof"]);
  expect(handlesIn(lsof)).toEqual(handlesIn(proc));
  const databases = lsof.databases.filter(isDatabase);
  const holders = databases.flatMap((database) => database.holders);
  expect(holders.map(({ pid }) => pid).sort()).toEqual([...pids].sort());
  for (const holder of holders) {
    expect(holder).toMatchObject({
      activity: "unknown",
      locks: [],
      blocks: [],
      stale: [...holder.stale].filter((why) => why === "deleted-file"),
    });
    expect(holder.handles.length).toBeGreaterThan(0);
  }
  for (const database of databases) expect(database).toMatchObject({ unownedLocks: [], summary: [] });
  return lsof;
}

const READ = `r = c.execute("select * from t"); r.fetchone()`;
const WRITES = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

const SITUATIONS = [
  ["delete", READ, ["database"]],
  ["delete", WRITES, ["database", "journal"]],
  ["wal", READ, ["database", "shm", "wal"]],
  ["wal", WRITES, ["database", "shm", "wal"]],
] as const;

test("one who reads, and one who writes, in both modes", async () => {
  const paths = SITUATIONS.map(([mode]) => newDatabase(mode));
  const holders = await Promise.all(SITUATIONS.map(([, python], i) => holding(paths[i] ?? "", python)));
  const { databases } = await bothWays(
    paths,
    holders.map(({ pid }) => pid),
  );
  const seen = databases.filter(isDatabase);
  expect(seen.map((each) => each.holders.map(({ pid }) => pid))).toEqual(holders.map(({ pid }) => [pid]));
  expect(seen.map((each) => each.holders[0]?.handles.map(({ role }) => role).sort())).toEqual(
    SITUATIONS.map(([, , roles]) => roles),
  );
  expect(seen.flatMap(({ findings }) => findings)).toEqual([]);
});

test("two processes, one of them with several connections", async () => {
  const database = await newDatabase("wal");
  const reader = await holding(database, READ);
  const pool = await holding(
    database,
    `more = [sqlite3.connect(${literal(database)}, isolation_level=None) for _ in range(3)]\nfor each in more: ` +
      `each.execute("select * from t").fetchone()\n${WRITES}`,
  );
  const seen = await sideBySide(database, [reader.pid, pool.pid]);
  expect(seen.holders.find(({ pid }) => pid === pool.pid)?.handles.length).toBeGreaterThanOrEqual(3 * 3);
});

test("a connection carried over fork: the locks' owner is not known, so nobody is said to have lost them", async () => {
  const database = await newDatabase("wal");
  const parent = await holding(database, READ);
  const child = (await parent.run(`
answer = os.fork()
if answer == 0:
    time.sleep(600)
    os._exit(0)`)) as number;
  onTestFinished(() => void process.kill(child, "SIGKILL"));
  const seen = await sideBySide(database, [parent.pid, child]);
  expect(seen.findings).toEqual([]);
  expect(findingIds(await lookAt(database))).toContain("inherited-handle");
});

test("a process that closed a copy of the database lost its locks: lsof cannot know, and does not guess", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(database, `${READ}\nopen(${literal(database)}, "rb").close()`);
  expect((await sideBySide(database, [holder.pid])).findings).toEqual([]);
  expect(findingIds(await lookAt(database))).toEqual(["lost-locks"]);
});

test.each(["delete", "wal"] as const)("%s: a database deleted while it was open", async (mode) => {
  const database = await newDatabase(mode);
  const holder = await holding(database, READ);
  unlinkSync(database);
  const seen = await sideBySide(database, [holder.pid]);
  expect(seen).toMatchObject({ path: database, sizeBytes: null });
  expect(seen.holders[0]?.handles.find(({ role }) => role === "database")).toMatchObject({
    deleted: true,
    path: database,
  });
  expect(seen.findings).toMatchObject([{ id: "deleted-file", pids: [holder.pid] }]);
  await holder.end();
  const nobody = await sqlock(["who-holds", "--source", "lsof", database]);
  expect(nobody).toMatchObject({ code: 2, stdout: "" });
  expect(nobody.stderr).toMatch(/^sqlock: there is no file /);
});

test("a database whose writer has all its files deleted", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(database, WRITES);
  for (const suffix of ["", "-wal", "-shm"]) unlinkSync(database + suffix);
  expect((await sideBySide(database, [holder.pid])).holders[0]?.handles.every(({ deleted }) => deleted)).toBe(true);
});

test.each(["without", "with"])(
  "a database replaced while it is open, %s a hard-linked backup of the old one",
  async (backup) => {
    const database = await newDatabase();
    copyFileSync(database, `${database}.new`);
    const old = await holding(database, READ);
    if (backup === "with") linkSync(database, `${database}.backup`);
    renameSync(`${database}.new`, database);
    const fresh = await holding(database, READ);
    const seen = await sideBySide(database, [old.pid, fresh.pid]);
    expect(seen.findings).toMatchObject([{ id: "deleted-file", pids: [old.pid] }]);
    expect(seen.findings[0]?.detail).toContain("two generations");
  },
);

test("a hard link: those who use the other name have other companion files", async () => {
  const database = await newDatabase("wal");
  const other = join(tempFolder(), "other.db");
  linkSync(database, other);
  const one = await holding(database, READ);
  const two = await holding(other, READ);
  const seen = await sideBySide(database, [one.pid, two.pid]);
  expect(seen.holders.flatMap(({ handles }) => handles.map(({ path }) => path))).toEqual(
    expect.arrayContaining([`${other}-wal`, `${database}-wal`]),
  );
  expect(findingIds(seen)).toEqual(["hard-linked"]);
});

test("a symbolic link, the -wal, a URI, and all of them at once", async () => {
  const database = await newDatabase("wal");
  const link = join(tempFolder(), "link.db");
  symlinkSync(database, link);
  const holder = await holding(link, WRITES);
  for (const path of [link, `${database}-wal`, `file:${database}?mode=ro`]) await sideBySide(path, [holder.pid]);
  await sideBySide([database, link, `${database}-shm`], [holder.pid]);
});

test("a folder of databases, beside one that nobody has open and one that is not there", async () => {
  const folder = tempFolder();
  const holder = await startHolder();
  await holder.run(
    `${connection(join(folder, "a.db"), ...WAL, ...WRITE)}\nother = c\n` +
      connection(join(folder, "b.db"), ...WAL, ...WRITE),
  );
  const idle = await newDatabase();
  const seen = await whoHolds(["--source", "lsof", folder, idle, join(folder, "none")]);
  expect(
    seen.databases.map((entry) => ("error" in entry ? entry.error.code : entry.holders.map(({ pid }) => pid))),
  ).toEqual([[holder.pid], [holder.pid], [], "no-such-file"]);
  await sideBySide([folder, idle, join(folder, "none")], [holder.pid, holder.pid]);
});

test("what is mapped counts once, by its descriptor", async () => {
  const database = await newDatabase();
  const holder = await holding(database, `c.execute("pragma mmap_size=1000000"); ${READ}`);
  const seen = await sideBySide(database, [holder.pid]);
  expect(seen.holders[0]?.handles).toHaveLength(1);
});

// lsof prints "a\nb.db" and "a\\nb.db" alike: two groups, so that a deleted file has no namesake beside it.
test.each([
  [["a b.db", "a\nb.db", "tab\there.db", "é☃.db", "-x.db", "\x01.db", "back\\slash.db", "x (deleted)", "a\u202eb.db"]],
  [["a\\nb.db", "^A.db"]],
])("the names %j: of files that are there, and of deleted ones", async (names) => {
  const folder = tempFolder();
  const paths = names.map((name) => join(folder, name));
  const holder = await startHolder();
  await holder.run(`every = []`);
  for (const path of paths) await holder.run(`${connection(path, ...WAL, ...WRITE)}\nevery.append(c)`);
  const pids = names.map(() => holder.pid);
  const { databases } = await bothWays(names, pids, { cwd: folder });
  const handles = databases.filter(isDatabase).map((database) => database.holders[0]?.handles ?? []);
  expect(handles.map((each) => each.map(({ path, deleted }) => [path, deleted]))).toEqual(
    paths.map((path) => ["", "-wal", "-shm"].map((suffix) => [path + suffix, false])),
  );
  for (const path of paths) for (const suffix of ["", "-wal", "-shm"]) unlinkSync(path + suffix);
  await bothWays(paths, pids);
});

test("a process whose main thread has exited is seen through the thread that lives on", async () => {
  const database = await newDatabase();
  const holder = await startHolder();
  holder.begin(`
import ctypes
ready = threading.Event()
def keep():
    ${connect(database)}
    ${READ}
    ready.set()
    time.sleep(1000)
threading.Thread(target=keep).start()
ready.wait()
ctypes.CDLL(None).pthread_exit(None)`);
  await until("the main thread has exited", () => /\) Z /.test(readFileSync(`/proc/${holder.pid}/stat`, "utf8")));
  await sideBySide(database, [holder.pid]);
});

test("another user's process: root sees it; to other users no process that can be seen has it", async (context) => {
  need(context, isRoot, "root");
  const folder = tempFolder();
  chmodSync(folder, 0o777);
  const database = join(folder, "db.sqlite3");
  const theirs = await startHolder({ uid: NOBODY });
  await theirs.run(connection(database, ...WAL));
  const ours = await startHolder();
  await ours.run(connection(database));
  await ours.run(`c.execute("select * from t").fetchall()`);
  await sideBySide(database, [ours.pid, theirs.pid]);
  await until("both have seen about as many processes: others come and go", async () => {
    const lsof = await whoHolds(["--source", "lsof", database], { uid: NOBODY });
    const [seen] = lsof.databases;
    if (seen === undefined || !isDatabase(seen)) throw new Error("no answer");
    expect(seen.holders).toMatchObject([{ pid: theirs.pid, uid: NOBODY, user: "nobody" }]);
    const { unseen } = await whoHolds([database], { uid: NOBODY });
    expect(lsof.unseen).toEqual({ ...unseen, processes: expect.any(Number) });
    return Math.abs((lsof.unseen?.processes ?? 0) - (unseen?.processes ?? 0)) < 20;
  });
  await theirs.end();
  const { stdout } = await sqlock(["who-holds", "--source", "lsof", database], { uid: NOBODY });
  expect(stdout).toMatch(/^Unknown: no process that can be seen has it open, /);
  expect(stdout).toMatch(
    /processes could not be inspected \(owned by other users\)\. To see them: sudo sqlock who-holds \S+\n$/,
  );
});

/** A crash: the files as a writer left them. */
async function crashed(mode: "delete" | "wal"): Promise<string> {
  const database = await newDatabase(mode);
  const copy = join(tempFolder(), "db.sqlite3");
  const writer = await holding(
    database,
    mode === "wal"
      ? `c.execute("insert into t values (1)")`
      : 'c.execute("pragma cache_size=5"); c.execute("begin immediate"); c.execute("update t set a = ' +
          'randomblob(1000)")',
  );
  for (const suffix of mode === "wal" ? ["", "-wal"] : ["", "-journal"]) copyFileSync(database + suffix, copy + suffix);
  await writer.end();
  return copy;
}

test.each([
  ["delete", "hot-journal"],
  ["wal", "leftover-wal"],
] as const)("%s: what a crash left is found where all can be seen, and nothing is said where not", async (mode, id) => {
  const database = await crashed(mode);
  expect(findingIds(await lookAt(database))).toEqual([id]);
  if (!isRoot) return;
  const document = await whoHolds(["--source", "lsof", database]);
  const asRoot = document.databases.flatMap((entry) => (isDatabase(entry) ? findingIds(entry) : []));
  // on some machines a process is protected even from root
  expect(asRoot).toEqual(document.unseen === null ? [id] : []);
  const asNobody = await lookAt(database, ["--source", "lsof"], { uid: NOBODY });
  expect(findingIds(asNobody)).not.toContain(id);
  if (mode === "delete") expect(asNobody.journal?.hot).toBeNull();
  const holder: Holder = await startHolder();
  await holder.run(`f = os.open(${literal(database)}, os.O_RDONLY)`);
  const seen = await sideBySide(database, [holder.pid]);
  expect(seen.findings).toEqual([]);
  if (mode === "delete") expect(seen.journal?.hot).toBeNull();
});

test("the text says once that locks are not known, and has no column that would look like none", async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "sub"));
  const [one, two] = [await newDatabase(), await newDatabase("wal")];
  const holder = await holding(one, WRITES);
  const { stdout, stderr, code } = await sqlock(["who-holds", "--source", "lsof", one, two]);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  expect(
    stdout.match(/lsof shows which processes have the files open, but not which lock each of them owns/g),
  ).toHaveLength(1);
  expect(stdout).toMatch(/^ *PID +USER +COMMAND +STARTED +HANDLES$/m);
  expect(stdout).toMatch(new RegExp(`^ *${holder.pid} .*hold\\.py .*database:\\d+, journal:\\d+$`, "m"));
  expect(stdout).toMatch(/^(Not locked|Unknown: no process that can be seen has it open), /m);
  const all = await sqlock(["who-holds", "--source", "lsof", "--columns", "PID,ACTIVITY,LOCKS,HELD,BLOCKS,STATE", one]);
  expect(all.stdout).toMatch(new RegExp(`^ *${holder.pid} +unknown +\\? +\\? +\\? +\\?$`, "m"));
  expect((await sqlock(["who-holds", "-q", "--source", "lsof", one])).code).toBe(1);
  expect((await sqlock(["who-holds", "-q", "--source", "lsof", two])).code).toBe(0);
});

test.each([["--locks-only"], ["--wait", "1s"], ["--kill"]])(
  "%s needs the locks: refused in a line",
  async (...args) => {
    const database = await newDatabase();
    const { stdout, stderr, code } = await sqlock(["who-holds", "--source", "lsof", ...args, database]);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr).toMatch(new RegExp(`^sqlock: ${args[0]} needs .*lock.* lsof does not show.*; leave .*\\n$`));
  },
);

test("a source that there is not; no lsof; one that does not finish, or says nothing of use", async () => {
  const database = await newDatabase();
  expect((await sqlock(["who-holds", "--source", "dtrace", database])).stderr).toBe(
    'sqlock: there is no source "dtrace"; choose from proc, lsof\n',
  );
  const folder = tempFolder();
  const lsof = (script: string) => {
    writeFileSync(join(folder, "lsof"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "lsof"), 0o755);
  };
  const errorOf = async (mostMs?: number) => {
    const path = process.env["PATH"];
    process.env["PATH"] = folder;
    try {
      await listOpenFiles([], mostMs);
      return "no error";
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return `${error.code}: ${error.message}; ${error.hint}`;
    } finally {
      process.env["PATH"] = path;
    }
  };
  lsof("exec /bin/sleep 100");
  expect(await errorOf(300)).toMatch(
    /^not-responding: lsof has not finished in 0.3 s; see whether a network mount is dead/,
  );
  lsof("/bin/sleep 7 & /bin/sleep 7"); // a child that keeps the pipe
  const began = performance.now();
  expect(await errorOf(300)).toMatch(/^not-responding: /);
  expect(performance.now() - began).toBeLessThan(5000);
  lsof("echo 'lsof: unsupported option' >&2; exit 1");
  expect(await errorOf()).toMatch(
    /^lsof-failed: lsof did not list any process: lsof: unsupported option; run lsof -n -P yourself/,
  );
  lsof("echo COMMAND PID");
  expect(await errorOf()).toMatch(
    /^lsof-failed: lsof did not list any process: cannot read lsof -F: unexpected "COMMAND PID"; /,
  );
});
