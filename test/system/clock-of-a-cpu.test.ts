/**
 * Each CPU has its own clock, which sqlock reads off its own threads. One that has not run yet shows 0 there: taken for
 * the time, it would make every holder that last ran on that CPU active at this moment.
 */
import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connection, ROLLBACK, WRITE } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { has, need } from "../support/skip.ts";
import { holderOf, lookAt } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { SELDOM_MS, until } from "../support/until.ts";

/**
 * What the kernel shows of a thread that was placed on CPU 1 and waits there for its first turn; it leaves a file when
 * sqlock has asked. Threads are asked while the process is young: a busy machine must not let the test pass without.
 */
const PRELOAD = `
const fs = require("node:fs");
const { readFileSync, writeFileSync } = fs;
process.uptime = () => 0.01;
fs.readFileSync = (path, ...options) => {
  const [, tid, file] = /^\\/proc\\/self\\/task\\/(\\d+)\\/(stat|sched)$/.exec(path) ?? [];
  if (tid === undefined || tid === String(process.pid)) return readFileSync(path, ...options);
  if (file === "stat") return readFileSync(path, "utf8").trim().split(" ").with(-14, "1").join(" "); // field 39 of 52
  writeFileSync(process.env.ASKED, "");
  return "se.exec_start : 0.000000\\n";
};`;

test("a thread of its own that has not run yet is no clock", async (context) => {
  need(context, has("taskset") && availableParallelism() > 1, "taskset and two CPUs");
  const folder = tempFolder();
  const database = join(folder, "db.sqlite3");
  const holder = await startHolder({ through: ["taskset", "-c", "1"] });
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  const idle = async () => (holderOf(await lookAt(database), holder.pid).idleMs ?? 0) >= 1000;
  await until("it is idle", idle, SELDOM_MS);
  const [preload, asked] = [join(folder, "preload.cjs"), join(folder, "asked")];
  writeFileSync(preload, PRELOAD);
  const env = { NODE_OPTIONS: `--require=${preload}`, ASKED: asked };
  const found = holderOf(await lookAt(database, [], { env, through: ["taskset", "-c", "0"] }), holder.pid);
  expect(existsSync(asked)).toBe(true);
  expect(found.idleMs).toBeGreaterThanOrEqual(1000);
  expect(found.heldAtLeastMs).toBe(found.idleMs);
});
