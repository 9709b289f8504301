/** `sqlock watch --source kernel`, of real processes: exact counts, and nothing that stays in the kernel. */
import { copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { NOBODY } from "../support/namespace.ts";
import { isRoot, need } from "../support/skip.ts";
import { connect, holding, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { leftOfProcess, needTracing } from "../support/tracefs.ts";
import { until } from "../support/until.ts";
import { holderIn, startWatch, type Watcher } from "../support/watch.ts";

const TRACEFS = "/sys/kernel/tracing";

function watchKernel(context: TestContext, ...args: readonly string[]): Promise<Watcher> {
  needTracing(context);
  return startWatch("--source", "kernel", ...args);
}

const isLeft = (watcher: Watcher) => leftOfProcess(TRACEFS, watcher.pid).length > 0;

test.for([
  ["wal", "WRITE"],
  ["delete", "RESERVED"],
] as const)(
  "%s: each of 300 commits is counted, however short, and how often another had to wait",
  async ([mode, lock], context) => {
    const database = await newDatabase(mode);
    const writer = await holding(
      database,
      // COMMIT may have to wait for the lock that the other one reads with, before it is refused
      `c.execute("pragma busy_timeout=60000"); c.execute("pragma synchronous=off"); ` +
        `c.execute("pragma wal_autocheckpoint=0")`,
    );
    const other = await startHolder();
    await other.run(`${connect(database)}; c.execute("pragma busy_timeout=60000")`);
    const watcher = await watchKernel(context, database);
    expect(watcher.events[0]).toMatchObject({ event: "watching", source: "kernel" });
    const heldMs = Number(
      await writer.run(`
answer = 0
for i in range(300):
    begun = time.perf_counter()
    c.execute("begin immediate")
    c.execute("insert into t values (1)")
    taken = time.perf_counter()
    c.execute("commit")
    answer += (time.perf_counter() - begun) * 1000`),
    );
    await writer.run(`c.execute("begin immediate")`);
    other.begin(`c.execute("begin immediate"); c.execute("rollback")`);
    await until("it was refused, and sleeps", () => readFileSync(`/proc/${other.pid}/wchan`, "utf8").includes("sleep"));
    await writer.run(`time.sleep(0.05); c.execute("commit")`);
    await other.answer();
    const { code, summary, events } = await watcher.ends("SIGTERM");
    expect({ code, left: isLeft(watcher) }).toEqual({ code: 143, left: false });
    expect(summary).toMatchObject({ source: "kernel", readings: 0, longestGapMs: 0 });
    const found = holderIn(summary, writer.pid, lock);
    expect(found).toMatchObject({ times: 301, blockedAttempts: 1, cutOff: false });
    const released = events.filter(
      (each) => each.event === "released" && each.pid === writer.pid && each.lock === lock,
    );
    expect(released.map(({ atLeast }) => atLeast)).toEqual(released.map(() => false));
    const shortMs = released.slice(0, 300).reduce((sum, each) => sum + (each.heldMs ?? 0), 0);
    expect(shortMs).toBeGreaterThan(0);
    expect(shortMs).toBeLessThanOrEqual(heldMs + 300 * 0.1);
  },
);

test("held before, released by SIGKILL; the database is replaced while a lock is held on it", async (context) => {
  const database = await newDatabase();
  const writer = await holding(database, `c.execute("begin immediate")`);
  const reader = await holding(database, `c.execute("begin"); c.execute("select * from t").fetchall()`);
  const copy = join(tempFolder(), "copy.db");
  copyFileSync(database, copy);
  const watcher = await watchKernel(context, "--alert", "100ms", database);
  await watcher.sees({ event: "held", pid: writer.pid, lock: "RESERVED" });
  const [watching, ...others] = watcher.events;
  const before = others.filter(({ event }) => event === "held");
  const first = before.map(({ at }) => Date.parse(String(at))).reduce((least, ms) => Math.min(least, ms));
  expect(Date.parse(String(watching?.at))).toBeLessThanOrEqual(first);
  await watcher.sees({ event: "alert", pid: writer.pid, atLeast: true });
  await writer.end();
  await watcher.sees({ event: "released", pid: writer.pid, lock: "RESERVED", atLeast: true });
  renameSync(copy, database);
  await watcher.sees({ event: "replaced" });
  await reader.run(`c.execute("commit")`);
  await watcher.sees({ event: "released", pid: reader.pid, lock: "SHARED", formerFile: true });
  const next = await holding(database, `c.execute("begin immediate")`);
  await watcher.sees({ event: "acquired", pid: next.pid, lock: "RESERVED" });
  const { code } = await watcher.ends("SIGINT");
  expect({ code, left: isLeft(watcher) }).toEqual({ code: 130, left: false });
});

test("an alert names a time that is proved, as soon as the lock is that old", async (context) => {
  const database = await newDatabase("wal");
  const writer = await holding(database);
  const watcher = await watchKernel(context, "--interval", "1m", "--alert", "300ms", database);
  await writer.run(`c.execute("begin immediate")`);
  const alert = await watcher.sees({ event: "alert", pid: writer.pid, lock: "WRITE" });
  expect(alert).toMatchObject({ atLeast: false });
  expect(alert.heldMs).toBeGreaterThanOrEqual(300);
});

test("SIGKILL: the guard removes what watch had in the kernel", async (context) => {
  const watcher = await watchKernel(context, await newDatabase());
  expect(isLeft(watcher)).toBe(true);
  process.kill(watcher.pid, "SIGKILL");
  await until("nothing is left", () => !isLeft(watcher));
});

test("where the kernel's events cannot be had: one line, exit code 2", async (context) => {
  need(context, isRoot, "root");
  const database = await newDatabase();
  const { code, stdout, stderr } = await sqlock(["watch", "--source", "kernel", database], { uid: NOBODY });
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "sqlock: the kernel's lock events cannot be recorded: only root may trace the kernel; run it with sudo, or use " +
      "--source sampled\n",
  });
});

test("--source: what it can be", async () => {
  const { code, stderr } = await sqlock(["watch", "--source", "ebpf", await newDatabase()]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `sqlock: --source "ebpf" is not a source; choose kernel or sampled\n`,
  });
});

test("by default nothing of the kernel's source is loaded", async () => {
  const hook = join(tempFolder(), "hook.cjs");
  writeFileSync(
    hook,
    `process.on("exit", () => console.error(Object.keys(require("node:module")._cache).join("\\n")))`,
  );
  const { stderr } = await sqlock(["watch", "--for", "100ms", await newDatabase()], {
    env: { NODE_OPTIONS: `--require ${hook}` },
  });
  const loaded = stderr.split("\n").filter((line) => line.endsWith(".cjs"));
  expect(loaded.some((file) => file.endsWith("/watch.cjs"))).toBe(true);
  expect(loaded.filter((file) => /kernel|trace/.test(file.slice(file.lastIndexOf("/"))))).toEqual([]);
});
