import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { WhoHoldsDocument } from "../../src/index.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;
const WORKERS = 24;

/** `sqlock ARGS`, when it has begun to look: that is what its own threads, so many of them, are for. */
async function looking(args: readonly string[]) {
  const child = spawn(NODE, [BIN, ...args], {
    env: { ...process.env, UV_THREADPOOL_SIZE: String(WORKERS) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const ended = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
    stdout,
  }));
  await until("it looks", () => readdirSync(`/proc/${child.pid}/task`).length > WORKERS);
  const reads = () => Number(/^syscr: (\d+)$/m.exec(readFileSync(`/proc/${child.pid}/io`, "utf8"))?.[1]);
  const before = reads();
  await until("it looks again", () => reads() > before + 200);
  return { child, ended };
}

test("--wait: free already, free with an idle connection or a reader in WAL mode", async () => {
  const database = await newDatabase("wal");
  expect(await sqlock(["who-holds", "--wait", "30s", database])).toMatchObject({ code: 0 });
  await holding(database, `cursor = c.execute("select a from t"); cursor.fetchone()`);
  const started = performance.now();
  const run = await sqlock(["who-holds", "--json", "--wait", "30s", database]);
  expect(run.code).toBe(0);
  expect((JSON.parse(run.stdout) as WhoHoldsDocument).databases[0]).toMatchObject({
    holders: [{ activity: "reading" }],
  });
  expect(performance.now() - started).toBeLessThan(15_000);
});

test("--wait: ends soon after the lock is released", async () => {
  const database = await newDatabase();
  const writer = await holding(database, WRITE);
  const { child, ended } = await looking(["who-holds", "--json", "--wait", "50s", database]);
  expect(child.exitCode).toBeNull();
  await writer.run(`c.execute("commit")`);
  const released = performance.now();
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(performance.now() - released).toBeLessThan(10_000);
  expect((JSON.parse(stdout) as WhoHoldsDocument).databases[0]).toMatchObject({
    holders: [{ pid: writer.pid, activity: "idle" }],
  });
});

test("--wait: when the time is up the answer is there, and the exit code is 1", async () => {
  const database = await newDatabase();
  const writer = await holding(database, WRITE);
  const started = performance.now();
  const run = await sqlock(["who-holds", "--wait", "1s", database]);
  expect(performance.now() - started).toBeGreaterThan(1000);
  expect(run).toMatchObject({ code: 1, stderr: "" });
  expect(run.stdout).toContain(`${writer.pid} (python3`);
  expect(run.stdout).toContain("has held the write lock");
  expect(await sqlock(["who-holds", "-q", "--wait", "200ms", database])).toMatchObject({ code: 1, stdout: "" });
});

test("--wait: a path that cannot be looked at is no wait", async () => {
  const database = await newDatabase();
  expect(await sqlock(["who-holds", "--wait", "50s", `${database}.none`])).toMatchObject({ code: 2, stdout: "" });
});

test("--wait: Ctrl-C ends it with 130", async () => {
  const database = await newDatabase();
  await holding(database, WRITE);
  const { child, ended } = await looking(["who-holds", "--wait", "50s", database]);
  child.kill("SIGINT");
  expect(await ended).toEqual({ code: 130, signal: null, stdout: "" });
});

test("--exit-code and -q: 0 when nobody has it open, 1 when somebody has, 2 when it cannot be looked at", async () => {
  const database = await newDatabase();
  expect(await sqlock(["who-holds", "--exit-code", database])).toMatchObject({ code: 0 });
  expect(await sqlock(["who-holds", "-q", database])).toEqual({ code: 0, stdout: "", stderr: "" });
  const holder = await holding(database, `c.execute("select 1 from t").fetchall()`);
  expect(await sqlock(["who-holds", database])).toMatchObject({ code: 0 });
  const held = await sqlock(["who-holds", "--exit-code", database]);
  expect(held.code).toBe(1);
  expect(held.stdout).toContain(String(holder.pid));
  expect(await sqlock(["who-holds", "-q", database])).toEqual({ code: 1, stdout: "", stderr: "" });
  // An idle connection has no lock, and locks are all that --locks-only looks for.
  expect(await sqlock(["who-holds", "-q", "--locks-only", database])).toMatchObject({ code: 0 });
  await holder.run(WRITE);
  expect(await sqlock(["who-holds", "-q", "--locks-only", database])).toMatchObject({ code: 1 });
  expect(await sqlock(["who-holds", "--exit-code", database, `${database}.none`])).toMatchObject({ code: 2 });
});

test("a lock directory keeps others out: held, and not free", async () => {
  const database = await newDatabase();
  mkdirSync(`${database}.lock`);
  expect(await sqlock(["who-holds", "-q", database])).toMatchObject({ code: 1 });
  expect(await sqlock(["who-holds", "-q", "--wait", "300ms", database])).toMatchObject({ code: 1 });
  rmdirSync(`${database}.lock`);
  expect(await sqlock(["who-holds", "-q", "--wait", "300ms", database])).toMatchObject({ code: 0 });
});

test("--blocked: 0 free, open or busy, 1 blocked, 2 unknown or not looked at; with --wait after waiting", async () => {
  const database = await newDatabase();
  const code = async (...args: string[]) => (await sqlock(["who-holds", "--blocked", "-q", ...args, database])).code;
  expect(await code()).toBe(0);
  const holder = await holding(database, `c.execute("select 1 from t").fetchall()`);
  expect(await code()).toBe(0); // idle
  expect(await code("--source", "lsof")).toBe(2);
  await holder.run(`cursor = c.execute("select a from t"); cursor.fetchone()`);
  expect(await code()).toBe(1); // no commit gets through
  expect(await code("--locks-only")).toBe(1);
  expect(await code("--wait", "200ms")).toBe(1);
  expect((await sqlock(["who-holds", "-q", "--wait", "200ms", database])).code).toBe(0); // readers and writers get in
  await holder.run(`cursor.close(); ${WRITE}`);
  expect(await code()).toBe(1);
  expect(await code(`${database}.none`)).toBe(2);
  await holder.run(`c.execute("commit")`);
  expect(await code("--wait", "30s")).toBe(0);
});

test("--blocked and --exit-code exclude each other", async () => {
  const run = await sqlock(["who-holds", "--blocked", "--exit-code", "db.sqlite3"]);
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toMatch(/^sqlock: --blocked and --exit-code give the exit code different meanings; leave one/);
});
