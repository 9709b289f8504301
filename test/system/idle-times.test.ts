import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { bareReserved, connection, literal, ROLLBACK, WRITE } from "../support/connection.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { has, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt, type RunOptions } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

/** How far below the truth an idle time may be, in ms. */
const TOLERANCE_MS = 150;

/**
 * Lets the holder do its last work. @returns a clock of how long, in ms, it has not run since: CLOCK_MONOTONIC, which
 * both have.
 */
async function rest(holder: Holder, lastWork: string): Promise<() => number> {
  const since = (await holder.run(`${lastWork}\nanswer = time.clock_gettime(time.CLOCK_MONOTONIC) * 1000`)) as number;
  return () => Number(process.hrtime.bigint()) / 1e6 - since;
}

/** One look, and between which bounds the truth was while it was taken. */
async function look(database: string, holder: Holder, idle: () => number, options: RunOptions = {}) {
  const atLeast = idle();
  const found = holderOf(await lookAt(database, [], options), holder.pid);
  return { found, atLeast, atMost: idle() };
}

function expectTrue(
  found: { idleMs: number | null; heldAtLeastMs: number | null },
  atLeast: number,
  atMost: number,
): void {
  expect(found.idleMs).toBeGreaterThanOrEqual(atLeast - TOLERANCE_MS);
  expect(found.idleMs).toBeLessThanOrEqual(atMost);
  // of the last look, where a young hold was looked at for longer
  expect(found.heldAtLeastMs).toBeGreaterThanOrEqual(found.idleMs ?? 0);
  expect(found.heldAtLeastMs).toBeLessThanOrEqual(atMost);
}

/**
 * On a busy machine the holder may run once more after it has answered: then it has been idle for less than the test
 * thinks.
 */
const BUSY = { retry: 3 };

test("idle for some seconds", BUSY, async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  const idle = await rest(holder, connection(database, ...ROLLBACK, ...WRITE));
  for (const ms of [300, 1500]) {
    await sleep(ms - idle());
    const { found, atLeast, atMost } = await look(database, holder, idle);
    expectTrue(found, atLeast, atMost);
  }
});

test("idle on another CPU than the one that looks: each has its own clock", BUSY, async (context) => {
  need(context, has("taskset") && availableParallelism() > 1, "taskset and two CPUs");
  const database = join(tempFolder(), "db.sqlite3");
  const [one, other] = [
    await startHolder({ through: ["taskset", "-c", "0"] }),
    await startHolder({ through: ["taskset", "-c", "1"] }),
  ];
  const oneIdle = await rest(one, connection(database, ...ROLLBACK, ...WRITE));
  const otherIdle = await rest(
    other,
    `${connection(database)}\nc.execute("begin")\nc.execute("select * from t").fetchall()`,
  );
  await sleep(1000 - oneIdle());
  for (const cpu of ["0", "1"]) {
    for (const [holder, idle] of [[one, oneIdle] as const, [other, otherIdle] as const]) {
      const { found, atLeast, atMost } = await look(database, holder, idle, { through: ["taskset", "-c", cpu] });
      expectTrue(found, atLeast, atMost);
    }
  }
});

test("idle with many threads: the one that ran last counts", BUSY, async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(
    "gate = threading.Event()\nfor i in range(8): threading.Thread(target=gate.wait, daemon=True).start()",
  );
  const idle = await rest(holder, connection(database, ...ROLLBACK, ...WRITE));
  await sleep(1500 - idle());
  const { found, atLeast, atMost } = await look(database, holder, idle);
  expectTrue(found, atLeast, atMost);
  const again = await rest(holder, "");
  const fresh = await look(database, holder, again);
  expectTrue(fresh.found, fresh.atLeast, fresh.atMost);
});

test("a stopped process keeps its locks, and its idle time is true", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  const idle = await rest(holder, connection(database, ...ROLLBACK, ...WRITE));
  holder.kill("SIGSTOP");
  await until("it has stopped", async () => holderOf(await lookAt(database), holder.pid).state === "stopped");
  const stopped = idle();
  await sleep(1200 - stopped);
  const { found, atMost } = await look(database, holder, idle);
  expect(found).toMatchObject({ state: "stopped", stale: ["stopped"], activity: "writing" });
  expect(lockNames(found)).toEqual(["RESERVED:write", "SHARED:read"]);
  // The signal may have made it run once more.
  expect(found.idleMs).toBeGreaterThanOrEqual(1200 - stopped - TOLERANCE_MS);
  expect(found.idleMs).toBeLessThanOrEqual(atMost);
  expect(found.heldAtLeastMs).toBe(found.idleMs);
  holder.kill("SIGCONT");
  await until("it goes on", async () => holderOf(await lookAt(database), holder.pid).state !== "stopped");
});

// Taking a lock reads and writes nothing: the thread that only does that leaves its page faults alone.
test.for(["os.read(fd, 100)", "pass"])(
  "a thread that took the lock (%s) and exited while the others slept: its age is not known",
  async (more) => {
    const database = join(tempFolder(), "db.sqlite3");
    const holder = await startHolder();
    await holder.run(connection(database, ...ROLLBACK));
    const begun = performance.now();
    await holder.run(`
def work():
    time.sleep(0.6)
    global fd
    ${bareReserved(database).replaceAll("\n", "\n    ")}
    ${more}

threading.Thread(target=work).start()`);
    await until("the thread has ended", () => readdirSync(`/proc/${holder.pid}/task`).length === 1);
    const found = holderOf(await lookAt(database), holder.pid);
    expect(performance.now() - begun).toBeGreaterThan(600);
    expect(lockNames(found)).toEqual(["RESERVED:write"]);
    expect(found.idleMs).toBeNull(); // the main thread has slept all the time, but the process has run
    expect(found.heldAtLeastMs).toBeNull();
  },
);

test("an OFD lock may have been taken by another process: its age is not known", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  const idle = await rest(holder, bareReserved(database, "ofd"));
  await sleep(500 - idle());
  const { found, atLeast, atMost } = await look(database, holder, idle);
  expect(found.idleMs).toBeGreaterThanOrEqual(atLeast - TOLERANCE_MS);
  expect(found.idleMs).toBeLessThanOrEqual(atMost);
  expect(found).toMatchObject({ heldAtLeastMs: null, locks: [{ name: "RESERVED", api: "ofd" }] });
});

test("no lock, no age of locks", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK));
  expect(holderOf(await lookAt(database), holder.pid)).toMatchObject({
    activity: "idle",
    locks: [],
    heldAtLeastMs: null,
  });
});

test("a process that runs all the time is not idle", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const flag = `${database}-running`;
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  holder.begin(`open(${literal(flag)}, "w").close()\nwhile True: pass`);
  await until("it runs", () => readdirSync(join(database, "..")).includes("db.sqlite3-running"));
  for (let i = 0; i < 5; i++) {
    const found = holderOf(await lookAt(database), holder.pid);
    expect(found.idleMs).toBeLessThan(100);
    expect(found.heldAtLeastMs).toBeLessThan(100);
  }
});
