/** Signals go to one process by its identity, whoever has its pid by then. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isExiting, isRunning, ownPids, sendSignal, wouldSend } from "../../src/features/kill/process.ts";
import { readStat } from "../../src/proc/stat.ts";
import { runs } from "../support/kill.ts";
import { tempFolder } from "../support/temp.ts";

async function sleeper() {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  await once(child, "spawn");
  onTestFinished(() => void child.kill("SIGKILL"));
  const pid = child.pid ?? 0;
  const stat = readStat(`/proc/${pid}`);
  if (stat.kind !== "ok") throw new Error("no process");
  return { child, identity: { pid, startTicks: stat.value.startTicks } };
}

test("the one that was meant ends", async () => {
  const { child, identity } = await sleeper();
  const exited = once(child, "exit");
  expect(isRunning(identity)).toBe(true);
  expect(sendSignal(identity, "SIGTERM")).toBe("sent");
  expect(await exited).toEqual([null, "SIGTERM"]);
  expect(isRunning(identity)).toBe(false);
  expect(sendSignal(identity, "SIGTERM")).toBe("gone");
});

test("a pid that another process has by now is left alone", async () => {
  const { identity } = await sleeper();
  const before = { ...identity, startTicks: identity.startTicks - 1n };
  expect(isRunning(before)).toBe(false);
  expect(sendSignal(before, "SIGKILL")).toBe("gone");
  expect(await runs(identity.pid)).toBe(true);
});

test("so it is where the process changes between the list and the signal (a /proc of our own)", async () => {
  const { identity } = await sleeper();
  const proc = tempFolder();
  mkdirSync(join(proc, String(identity.pid)));
  const line = (ticks: bigint) =>
    `${identity.pid} (reused) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${ticks} 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 ` +
    "17 0 0 0";
  writeFileSync(join(proc, String(identity.pid), "stat"), line(identity.startTicks + 5n));
  expect(sendSignal(identity, "SIGKILL", proc)).toBe("gone");
  expect(await runs(identity.pid)).toBe(true);
});

test("what a signal would come to, without one", async () => {
  const { child, identity } = await sleeper();
  const exited = once(child, "exit");
  expect(wouldSend(identity, "SIGKILL")).toBe("sent");
  expect(isRunning(identity)).toBe(true);
  expect(wouldSend({ ...identity, startTicks: identity.startTicks - 1n }, "SIGTERM")).toBe("gone");
  child.kill("SIGKILL");
  await exited;
  expect(wouldSend(identity, "SIGTERM")).toBe("gone");
});

test("one that is exiting, and one that is not (a /proc of our own)", () => {
  const proc = tempFolder();
  mkdirSync(join(proc, "7"));
  const exits = (flags: number, threads: number, ticks = 100n) => {
    const rest = `S 1 1 1 0 -1 ${flags} 0 0 0 0 0 0 0 0 20 0 ${threads} 0 ${ticks}${" 0".repeat(16)} 17 0 0 0`;
    writeFileSync(join(proc, "7", "stat"), `7 (app) ${rest}`);
    return isExiting({ pid: 7, startTicks: 100n }, proc);
  };
  expect([exits(4, 1), exits(0, 1), exits(4, 2), exits(4, 1, 101n)]).toEqual([true, false, false, false]);
});

test("a thread of the kernel is not signalled", () => {
  const kthreadd = readStat("/proc/2");
  if (kthreadd.kind !== "ok" || !kthreadd.value.kernel)
    return console.log("skipped: needs to see the threads of the kernel");
  expect(sendSignal({ pid: 2, startTicks: kthreadd.value.startTicks }, "SIGTERM")).toBe("kernel-thread");
});

test("its own pids: itself, and the processes that started it", () => {
  const pids = ownPids();
  expect(pids.has(process.pid)).toBe(true);
  expect(pids.has(process.ppid)).toBe(true);
});
