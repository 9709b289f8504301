import { mkdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { type Holder, startHolder } from "../support/holder.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { holderOf, lockNames, lookAt, sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

const RESERVED = 0x40000001;
const SHARED_FIRST = 0x40000002;

/** Python: takes an OFD lock (F_OFD_SETLK is 37 on Linux, and the pid in `struct flock` must be 0). */
function ofdLock(type: "F_RDLCK" | "F_WRLCK", start: number, length: number): string {
  return `fcntl.fcntl(f, 37, struct.pack("hhqqi4x", fcntl.${type}, 0, ${start}, ${length}, 0))`;
}

/** A process that has the file open as descriptor `f` and knows nothing of SQLite. */
async function opened(path: string, python = ""): Promise<Holder> {
  const holder = await startHolder();
  await holder.run(`f = os.open(${JSON.stringify(path)}, os.O_RDWR)\n${python}`);
  return holder;
}

test("OFD locks on SQLite's bytes have SQLite's names, and their owner is found by its descriptor", async () => {
  const database = await newDatabase();
  const holder = await opened(database, `${ofdLock("F_RDLCK", SHARED_FIRST, 510)}; ${ofdLock("F_WRLCK", RESERVED, 1)}`);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({
    activity: "writing",
    blocks: ["writers", "commits", "journal-mode"],
    heldAtLeastMs: null,
  });
  expect(lockNames(found)).toEqual(["RESERVED:write", "SHARED:read"]);
  expect(found.locks.map((lock) => lock.api)).toEqual(["ofd", "ofd"]);
  expect(seen.unownedLocks).toEqual([]);
  // It is a real lock: SQLite meets it.
  const writer = await holding(database);
  await expect(writer.run(`c.execute("begin immediate")`)).rejects.toThrow("database is locked");

  const locksOnly = await lookAt(database, ["--locks-only"]);
  expect(locksOnly.holders).toEqual([]);
  expect(lockNames({ locks: locksOnly.unownedLocks })).toEqual(["RESERVED:write", "SHARED:read"]);
  expect(locksOnly.unownedLocks.map((lock) => lock.api)).toEqual(["ofd", "ofd"]);
  expect(locksOnly.summary.join()).toMatch(/An unknown process holds RESERVED .* Every other writer gets /);
});

test("a flock(2) is none of SQLite's locks, and blocks nobody", async () => {
  const database = await newDatabase();
  const holder = await opened(database, `fcntl.flock(f, fcntl.LOCK_EX)`);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({ activity: "idle", blocks: [], heldAtLeastMs: null });
  expect(found.locks).toEqual([
    { name: "FOREIGN", role: "database", type: "write", api: "flock", start: "0", end: null, waiting: false },
  ]);
  expect(seen.summary).toEqual([]);
  const writer = await holding(database);
  await writer.run(`c.execute("begin exclusive"); c.execute("rollback"); c.close()`);

  // The pid of a line of flock may be long gone and another program's: it counts only with a descriptor that shows the
  // lock.
  const locksOnly = await lookAt(database, ["--locks-only"]);
  expect(holderOf(locksOnly, holder.pid).locks).toEqual(found.locks);
  expect(locksOnly.unownedLocks).toEqual([]);
});

test("a flock(2) whose taker has gone is its child's, or nobody's that is known", async () => {
  const database = await newDatabase();
  const taker = await opened(database, `fcntl.flock(f, fcntl.LOCK_EX)`);
  const child = (await taker.run(`
answer = os.fork()
while answer == 0:
    time.sleep(1000)`)) as number;
  onTestFinished(() => void process.kill(child, "SIGKILL"));
  await taker.end();
  expect((await lookAt(database)).holders).toMatchObject([{ pid: child, locks: [{ name: "FOREIGN", api: "flock" }] }]);
  const locksOnly = await lookAt(database, ["--locks-only"]);
  expect(locksOnly.holders).toEqual([]);
  expect(locksOnly.unownedLocks).toMatchObject([{ name: "FOREIGN", api: "flock", start: "0", end: null }]);
});

test("locks beside SQLite's bytes and over them are FOREIGN", async () => {
  const database = await newDatabase();
  const beside = await opened(database, `fcntl.lockf(f, fcntl.LOCK_EX, 100, 0)`);
  const over = await opened(database, `fcntl.lockf(f, fcntl.LOCK_EX, 0, 200)`);
  for (const args of [[], ["--locks-only"]]) {
    const seen = await lookAt(database, args);
    const harmless = holderOf(seen, beside.pid);
    expect(harmless).toMatchObject({ activity: "idle", blocks: [] });
    expect(harmless.locks).toMatchObject([{ name: "FOREIGN", api: "posix", type: "write", start: "0", end: "99" }]);
    const harmful = holderOf(seen, over.pid);
    expect(harmful.locks).toMatchObject([{ name: "FOREIGN", api: "posix", type: "write", start: "200", end: null }]);
    expect(harmful.activity).toBe("exclusive");
    expect(harmful.blocks).toEqual(expect.arrayContaining(["readers", "writers", "journal-mode"]));
    expect(seen.summary).toHaveLength(1);
    expect(seen.findings).toMatchObject([
      {
        id: "foreign-lock",
        severity: "warning",
        pids: [over.pid],
        summary: expect.stringContaining("a write lock (posix) on bytes 200 to the end of the database"),
      },
      { id: "foreign-lock", severity: "info", pids: [beside.pid] },
    ]);
  }
  const reader = await holding(database);
  await expect(reader.run(`c.execute("select * from t").fetchall()`)).rejects.toThrow("database is locked");
});

test("who waits in F_SETLKW is told apart from who holds", async () => {
  const database = await newDatabase();
  const owner = await opened(database, `fcntl.lockf(f, fcntl.LOCK_EX, 1, ${RESERVED})`);
  const waiter = await opened(database);
  waiter.begin(`fcntl.lockf(f, fcntl.LOCK_EX, 1, ${RESERVED})`);
  for (const args of [[], ["--locks-only"]]) {
    const seen = await until("the lock is waited for", async () => {
      const look = await lookAt(database, args);
      return look.holders.some((holder) => holder.locks.some((lock) => lock.waiting)) && look;
    });
    expect(holderOf(seen, waiter.pid)).toMatchObject({ activity: "idle", blocks: [], heldAtLeastMs: null });
    expect(holderOf(seen, waiter.pid).locks).toMatchObject([{ name: "RESERVED", type: "write", waiting: true }]);
    expect(holderOf(seen, owner.pid)).toMatchObject({ activity: "writing", blocks: ["writers", "journal-mode"] });
    expect(holderOf(seen, owner.pid).locks).toMatchObject([{ name: "RESERVED", type: "write", waiting: false }]);
    expect(seen.waits).toEqual([
      { pid: waiter.pid, for: "lock", lock: "RESERVED", blockedBy: [owner.pid], byUnknown: false, sure: "proved" },
    ]);
  }
  const { stdout } = await sqlock(["who-holds", database]);
  expect(stdout).toContain("[waits:RESERVED]");
  expect(stdout).toContain(`waits for RESERVED (F_SETLKW); ${owner.pid} (`);

  await owner.end();
  await waiter.answer();
  const after = await lookAt(database);
  expect(holderOf(after, waiter.pid)).toMatchObject({
    activity: "writing",
    locks: [{ name: "RESERVED", waiting: false }],
  });
  expect(after.waits).toEqual([]);
});

test("a lock directory of unix-dotfile is named, though nobody can be", async () => {
  const database = await newDatabase();
  const holder = await startHolder();
  await holder.run(`
c = sqlite3.connect("file:" + ${JSON.stringify(database)} + "?vfs=unix-dotfile", uri=True, isolation_level=None)
c.execute("begin immediate")`);
  for (const args of [[], ["--locks-only"]]) {
    const seen = await lookAt(database, args);
    expect(seen.lockDirectory).toMatchObject({ path: `${database}.lock` });
    expect(Math.abs(Date.parse(seen.lockDirectory?.since ?? "") - Date.now())).toBeLessThan(60_000);
    expect(seen.findings).toMatchObject([
      { id: "lock-directory", severity: "warning", pids: args.length > 0 ? [] : [holder.pid] },
    ]);
    expect(seen.findings[0]?.summary).toMatch(/\.lock is a lock directory, \d(\.\d)? s old: /);
  }
  await holder.run(`c.execute("rollback")`);
  expect((await lookAt(database)).lockDirectory).toBeNull();
  mkdirSync(`${database}.lock`); // as a crash leaves it
  await holder.end();
  const left = await lookAt(database);
  expect(left.holders).toEqual([]);
  expect(left.lockDirectory).toMatchObject({ path: `${database}.lock` });
});
