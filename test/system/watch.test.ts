/** What watch reports of real processes, without a terminal. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { connect, holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";
import { holderIn, startWatch, type Watcher } from "../support/watch.ts";

/** By the first look, which may take its time (`open`), or by a later one. */
function seesOpen(watcher: Watcher, pid: number): Promise<unknown> {
  return until(`${pid} is seen to have it open`, () =>
    watcher.events.some((each) => each.pid === pid && (each.event === "open" || each.event === "opened")),
  );
}

test("a lock that is held already, one that is taken, a process that opens, closes, ends; the WAL", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, `c.execute("insert into t values (1)"); c.execute("begin immediate")`);
  const watcher = await startWatch(database);
  await watcher.sees({ event: "open", pid: writer.pid });
  await watcher.sees({ event: "held", pid: writer.pid, lock: "WRITE", role: "shm", type: "write", api: "posix" });
  const other = await holding(database, `c.execute("select 1 from t").fetchall()`);
  await seesOpen(watcher, other.pid);
  await watcher.sees({ event: "acquired", pid: other.pid, lock: "DMS" });
  await other.run("c.close()");
  await watcher.sees({ event: "closed", pid: other.pid });
  await writer.end();
  expect(await watcher.sees({ event: "released", pid: writer.pid, lock: "WRITE" })).toMatchObject({ atLeast: true });
  await watcher.sees({ event: "ended", pid: writer.pid });
  const { summary } = await watcher.ends("SIGTERM");
  expect(holderIn(summary, writer.pid, "WRITE")).toMatchObject({
    times: 1,
    cutOff: true,
    name: expect.stringContaining("hold.py"),
  });
  expect(summary.wal).toMatchObject([{ path: database, sizeAtStartBytes: expect.any(Number), diskFullInMs: null }]);
});

test("killed while it holds: released, ended, and what is found after it", async () => {
  const database = await newDatabase();
  const watcher = await startWatch("--interval", "100ms", database);
  const writer = await holding(
    database,
    `c.execute("pragma cache_size=1"); c.execute("begin immediate"); c.execute("update t set a = randomblob(1000)")`,
  );
  await watcher.sees({ event: "acquired", pid: writer.pid, lock: "EXCLUSIVE" });
  await seesOpen(watcher, writer.pid);
  await writer.end();
  const released = await watcher.sees({ event: "released", pid: writer.pid, lock: "EXCLUSIVE" });
  expect(released).toMatchObject({ atLeast: watcher.exact });
  await watcher.sees({ event: "ended", pid: writer.pid });
  const found = await watcher.sees({ event: "finding", pid: null });
  expect(found.finding).toMatchObject({ id: "hot-journal", severity: "warning" });
});

test("not there yet, created, replaced, deleted: each is an event, and none ends it", async () => {
  const other = await newDatabase();
  const database = `${other}.new`;
  const watcher = await startWatch("--interval", "100ms", database);
  await watcher.sees({ event: "missing", path: database });
  copyFileSync(other, database);
  await watcher.sees({ event: "created" });
  const old = await holding(database, `c.execute("begin immediate")`);
  await watcher.sees({ event: "acquired", pid: old.pid, lock: "RESERVED" });
  renameSync(other, database);
  await watcher.sees({ event: "replaced" });
  const writer = await holding(database, `c.execute("begin immediate")`);
  await watcher.sees({ event: "acquired", pid: writer.pid, lock: "RESERVED" });
  await old.run(`c.execute("rollback")`);
  await watcher.sees({ event: "released", pid: old.pid, lock: "RESERVED" });
  await writer.end();
  await watcher.sees({ event: "released", pid: writer.pid, lock: "RESERVED" });
  rmSync(database);
  await watcher.sees({ event: "deleted" });
  expect(existsSync(database)).toBe(false);
  const { code, events } = await watcher.ends("SIGINT");
  expect(code).toBe(130);
  expect(events.filter(({ role, lock }) => role === "database" && lock === null).map(({ event }) => event)).toEqual([
    "missing",
    "created",
    "replaced",
    "deleted",
  ]);
});

test("moved away and back: not closed, not opened again; its lock is none of a new file's", async () => {
  const [database, second] = [await newDatabase("wal"), await newDatabase()];
  const writer = await holding(database, `c.execute("begin immediate")`);
  const watcher = await startWatch("--interval", "100ms", database, second);
  await watcher.sees({ event: "open", pid: writer.pid });
  renameSync(database, `${database}.aside`);
  await watcher.sees({ event: "deleted" });
  const away = await holding(second, "");
  await watcher.sees({ event: "opened", pid: away.pid }); // by a look that has not found the first database
  renameSync(`${database}.aside`, database);
  await watcher.sees({ event: "returned" });
  const other = await holding(database, "");
  await watcher.sees({ event: "opened", pid: other.pid });
  for (const suffix of ["", "-wal", "-shm"]) renameSync(`${database}${suffix}`, `${database}.moved${suffix}`);
  copyFileSync(`${database}.moved`, database);
  await until("the new file is seen", () =>
    watcher.events.some(({ event }) => event === "created" || event === "replaced"),
  );
  await writer.run(`c.execute("rollback")`);
  await watcher.sees({ event: "released", pid: writer.pid, lock: "WRITE", formerFile: true });
  await writer.run("c.close()");
  await watcher.sees({ event: "closed", pid: writer.pid });
  const { events } = await watcher.ends("SIGINT");
  expect(events.filter(({ pid, lock }) => pid === writer.pid && lock === null).map(({ event }) => event)).toEqual([
    "open",
    "closed",
  ]);
});

test("a process that waits for the lock is counted as an attempt that was blocked", async () => {
  const database = await newDatabase();
  const writer = await holding(database, `c.execute("begin immediate")`);
  const watcher = await startWatch(database);
  await watcher.sees({ event: "held", pid: writer.pid, lock: "RESERVED" });
  const waiter = await startHolder();
  await waiter.run(connect(database).replace("timeout=0", "timeout=40"));
  waiter.begin(`c.execute("begin immediate")`);
  expect((await watcher.sees({ event: "finding", pid: waiter.pid })).finding?.id).toBe("likely-waiting");
  await writer.run(`c.execute("rollback")`);
  await waiter.answer();
  await watcher.sees({ event: "acquired", pid: waiter.pid, lock: "RESERVED" });
  const { summary } = await watcher.ends("SIGINT");
  expect(holderIn(summary, writer.pid, "RESERVED").blockedAttempts).toBeGreaterThanOrEqual(1);
  expect(holderIn(summary, waiter.pid, "RESERVED").blockedAttempts).toBe(0);
});

test("an OFD lock, which has no owner in /proc/locks, comes from the looks", async () => {
  const database = await newDatabase();
  const watcher = await startWatch("--interval", "100ms", database);
  const holder = await startHolder();
  await holder.run(`fd = os.open(${JSON.stringify(database)}, os.O_RDWR)`);
  await seesOpen(watcher, holder.pid); // a lock of the first look would be "held"
  await holder.run(`
fcntl.fcntl(fd, 37, struct.pack("hhqqixxxx", fcntl.F_WRLCK, 0, 1073741825, 1, 0))`);
  await watcher.sees({ event: "acquired", pid: holder.pid, lock: "RESERVED", api: "ofd" });
  await holder.run("os.close(fd)");
  await watcher.sees({ event: "released", pid: holder.pid, lock: "RESERVED", api: "ofd" });
});

test("several databases: each line names its own", async () => {
  const [one, two] = [await newDatabase("wal"), await newDatabase()];
  const watcher = await startWatch(one, two);
  const writer = await holding(two, `c.execute("begin immediate")`);
  expect(await watcher.sees({ event: "acquired", lock: "RESERVED", pid: writer.pid })).toMatchObject({ path: two });
  expect((await watcher.ends("SIGINT")).summary.paths).toEqual([one, two]);
});

test("--for ends it with 0, and for people there are lines and a table", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, `c.execute("begin immediate")`);
  const { code, stdout, stderr } = await sqlock(["watch", "--for", "2s", database]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} watching ${database}\n`));
  expect(stdout).toMatch(
    new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ${writer.pid} \\(.*hold\\.py\\) already holds WRITE$`, "m"),
  );
  expect(stdout).toMatch(new RegExp(`^ *${writer.pid} .* WRITE +1 +>= \\d`, "m"));
  expect(stdout).toContain("short waits leave no trace");
});

test("a reader of its output that goes away ends it without a word", async () => {
  const database = await newDatabase();
  const child = spawn(NODE, [BIN, "watch", "--json", database], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr += text;
  });
  const lines = createInterface({ input: child.stdout });
  await once(lines, "line");
  child.stdout.destroy();
  const writer = await holding(database, `c.execute("begin immediate")`); // what it then has to say goes nowhere
  expect(await ended).toEqual([0, null]);
  expect(stderr).toBe("");
  await writer.end();
});

test.each([
  [["--interval", "50ms", "x"], /--interval "50ms" is too short; choose 100ms to 1m/],
  [["--interval", "2m", "x"], /--interval "2m" is too long; choose 100ms to 1m/],
  [[], /missing required argument/],
  [["/etc/passwd"], /is not a SQLite database/],
])("bad arguments %j: one line, 2", async (args, line) => {
  const { code, stdout, stderr } = await sqlock(["watch", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(line);
  expect(stderr).toMatch(/^sqlock: [^\n]+\n$/);
});

test("where /proc/locks is long and always changing, a lock that is held all the time is taken once", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database);
  const watcher = await startWatch(database);
  await writer.run(`c.execute("begin immediate")`);
  const churn = await startHolder();
  await churn.run(`
fd = os.open(${JSON.stringify(`${database}.other`)}, os.O_RDWR | os.O_CREAT)
for i in range(150): fcntl.lockf(fd, fcntl.LOCK_EX, 1, 4 * i)
end = time.time() + 1.5
while time.time() < end:
    for i in range(0, 150, 3):
        fcntl.lockf(fd, fcntl.LOCK_UN, 1, 4 * i)
        fcntl.lockf(fd, fcntl.LOCK_EX, 1, 4 * i)
    time.sleep(0.001)`);
  await writer.run(`c.execute("rollback")`);
  await watcher.sees({ event: "released", pid: writer.pid, lock: "WRITE" });
  const { summary } = await watcher.ends("SIGINT");
  expect(holderIn(summary, writer.pid, "WRITE")).toMatchObject({ times: 1, cutOff: watcher.exact });
  expect(summary.readings).toBeGreaterThan(20);
});

test("while it was stopped: a gap of that length; what is held is not released, its time does not count", async () => {
  const database = await newDatabase("wal");
  const [writer, reader] = [await holding(database, ""), await holding(database, "")];
  const watcher = await startWatch(database);
  await writer.run(`c.execute("begin immediate")`);
  await reader.run(`c.execute("begin"); c.execute("select * from t").fetchall()`);
  await watcher.sees({ event: "acquired", pid: writer.pid, lock: "WRITE" });
  await watcher.sees({ event: "acquired", pid: reader.pid, type: "read", role: "shm", lock: "DMS" });
  process.kill(watcher.pid, "SIGSTOP");
  const stoppedMs = 600;
  await reader.run(`time.sleep(${stoppedMs / 1000}); c.execute("rollback")`);
  process.kill(watcher.pid, "SIGCONT");
  const gap = await watcher.sees({ event: "gap", path: database, pid: null });
  expect(gap.gapMs).toBeGreaterThan(stoppedMs / 2);
  expect(watcher.events.filter(({ event, pid }) => event === "released" && pid === writer.pid)).toEqual([]);
  await writer.run(`c.execute("rollback")`);
  expect(await watcher.sees({ event: "released", pid: writer.pid, lock: "WRITE" })).toMatchObject({ atLeast: true });
  const { summary, events } = await watcher.ends("SIGINT");
  expect(events.filter(({ pid, lock }) => pid === writer.pid && lock === "WRITE").map(({ event }) => event)).toEqual([
    "acquired",
    "released",
  ]);
  expect(
    events.find(({ event, pid, type }) => event === "released" && pid === reader.pid && type === "read"),
  ).toMatchObject({ atLeast: true, at: gap.at });
  const held = holderIn(summary, writer.pid, "WRITE");
  expect(held).toMatchObject({ times: 1, cutOff: true });
  expect(held.totalMs).toBeLessThanOrEqual(summary.watchedMs);
  expect(summary.longestGapMs).toBeGreaterThanOrEqual(gap.gapMs ?? Number.NaN);
});

test("a -shm whose inode number another database gets: its users are not of this one", async () => {
  const database = await newDatabase("wal");
  const other = await newDatabase("wal");
  const watcher = await startWatch(database);
  const last = await holding(database, "c.close()");
  const stranger = await holding(other, "c.close()");
  // On a busy machine its reading thread misses a connection that is there for some milliseconds.
  for (let i = 0; i < 6 || (i < 300 && !watcher.events.some(({ pid }) => pid === last.pid)); i++) {
    await last.run(
      `c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None); c.execute("insert into t values ` +
        '(1)"); c.close()',
    );
    await stranger.run(
      `c = sqlite3.connect(${JSON.stringify(other)}, isolation_level=None); c.execute("begin immediate"); import ` +
        'time; time.sleep(0.03); c.execute("rollback"); c.close()',
    );
  }
  const { events } = await watcher.ends("SIGINT");
  expect(events.some(({ pid }) => pid === last.pid)).toBe(true);
  expect(events.filter(({ pid }) => pid === stranger.pid)).toEqual([]);
});

test("nowhere to write: one line, exit code 2", async () => {
  const database = await newDatabase();
  const child = spawn("sh", ["-c", '"$0" "$1" watch --for 1s "$2" > /dev/full', NODE, BIN, database], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  expect(code).toBe(2);
  expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
});
