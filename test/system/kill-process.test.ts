/** Signals go to one process by its identity, whoever has its pid by then. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ownFamily, signal, standingOf } from "../../src/features/kill/process.ts";
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
  expect(standingOf(identity)).toBe("running");
  expect(signal(identity, "SIGTERM")).toEqual({ kind: "sent" });
  expect(await exited).toEqual([null, "SIGTERM"]);
  expect(standingOf(identity)).toBe("gone");
  expect(signal(identity, "SIGTERM")).toEqual({ kind: "gone" });
});

test("a pid that another process has by now is left alone", async () => {
  const { identity } = await sleeper();
  const before = { ...identity, startTicks: identity.startTicks - 1n };
  expect(standingOf(before)).toBe("gone");
  expect(signal(before, "SIGKILL")).toEqual({ kind: "gone" });
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
  expect(signal(identity, "SIGKILL", proc)).toEqual({ kind: "gone" });
  expect(await runs(identity.pid)).toBe(true);
});

test("threads of the kernel are none that could be ended", () => {
  const kthreadd = readStat("/proc/2");
  if (kthreadd.kind !== "ok" || !kthreadd.value.kernel)
    return console.log("skipped: needs to see the threads of the kernel");
  expect(signal({ pid: 2, startTicks: kthreadd.value.startTicks }, "SIGTERM")).toEqual({ kind: "kernel" });
});

test("its own family: itself, and whoever started it", () => {
  const family = ownFamily();
  expect(family.has(process.pid)).toBe(true);
  expect(family.has(process.ppid)).toBe(true);
});
