/** `integrity`, run by root: its owner gets into none of the processes that run as him, however it ends. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { databaseOf, give, needRoot, stickyTemporaryFiles } from "../support/attacker.ts";
import { pythonOf } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { descendants } from "../support/program.ts";
import { python } from "../support/python.ts";
import { isRoot } from "../support/skip.ts";
import { connect } from "../support/sqlite.ts";
import { BIN, NODE } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

/** A user of whom no other test starts a process. */
const OWNER = 61_004;

/** With the group of a user without an entry (nogroup), which the kernel compares as well. */
const AS_OWNER = [`--reuid=${OWNER}`, "--regid=65534", "--clear-groups"];

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(NODE, [BIN, "integrity", ...args], { stdio: "ignore", env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { pid: child.pid ?? 0, kill: (signal: NodeJS.Signals) => child.kill(signal), exited: once(child, "exit") };
}

/** All four user ids of a process: the same one, or none. */
function uidOf(pid: number): number | null {
  try {
    const [, uid] = /^Uid:\t(\d+)(?:\t\1){3}$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return uid === undefined ? null : Number(uid);
  } catch {
    return null;
  }
}

function isThere(pid: number): boolean {
  try {
    return !/^State:\s[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}

function isSentinel(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("sh\0-c\0");
}

it("while it waits for a lock, one process runs as the owner, who gets into none", async (context) => {
  needRoot(context);
  const database = databaseOf(OWNER);
  const holder = await startHolder();
  await holder.run(`${connect(database)}\nc.execute("begin exclusive")`);
  const { pid, exited } = start(["--wait", "1s", database]);
  await until("the worker is the owner's", () => descendants(pid).some((each) => uidOf(each) === OWNER));
  const all = descendants(pid);
  expect(all.filter(isSentinel).map(uidOf)).toEqual([0]);
  expect(all.map(uidOf).sort()).toEqual([0, OWNER]);
  for (const each of all)
    expect(() => execFileSync("setpriv", [...AS_OWNER, "ls", `/proc/${each}/fd`], { stdio: "pipe" })).toThrow(
      /Permission denied/,
    );
  expect(await exited).toEqual([2, null]);
});

/** The owner's program: tries the descriptors of every process that runs as him, again and again. */
const WATCH = `
import json, os, select
seen, entered = set(), set()
print("ready", flush=True)
while not select.select([0], [], [], 0.003)[0]:
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid(): continue
        try:
            with open(f"/proc/{name}/status") as status:
                if f"\\nUid:\\t{os.getuid()}\\t" not in status.read(): continue
            with open(f"/proc/{name}/cmdline") as file: command = file.read().replace("\\0", " ").strip()
            if command.startswith("sqlock integrity") and command not in seen: print("worker", flush=True)
            if command: seen.add(command)
            os.listdir(f"/proc/{name}/fd")
            entered.add(command)
        except OSError: pass
print(json.dumps({"seen": sorted(seen), "entered": sorted(entered)}), flush=True)
`;

async function startWatcher() {
  const child = spawn("setpriv", [...AS_OWNER, pythonOf(OWNER), "-S", "-c", WATCH], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("ready");
  return {
    seesWorker: async () => expect((await lines.next()).value).toBe("worker"),
    stop: async () => {
      child.stdin.end();
      let line = "worker"; // another one, by another command line
      while (line === "worker") line = (await lines.next()).value ?? "";
      return JSON.parse(line) as { seen: string[]; entered: string[] };
    },
  };
}

/** A database that takes seconds to check, and has no companion files: its check makes a private copy. */
function slowDatabase(): string {
  const database = databaseOf(OWNER, "wal");
  python(`
import sqlite3
c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None)
c.execute("pragma ignore_check_constraints=on")
c.execute("create table slow(a check(length(hex(randomblob(3000000))) > 0))")
c.execute("begin"); c.executemany("insert into slow values (?)", [(i,) for i in range(1000)]); c.execute("commit")
c.close()`);
  give(database, OWNER);
  return database;
}

/** Root's own, in a folder of the owner's: he cannot remove it, and tries again and again. */
function putObstacleIn(folder: string): void {
  mkdirSync(join(folder, "roots"), { mode: 0o700 });
  writeFileSync(join(folder, "roots/file"), "");
}

it.each([
  ["SIGINT", "what he can remove of his folder", 130, ["roots"]],
  ["SIGKILL", "what he can remove of his folder", null, ["roots"]],
  ["SIGKILL", "his folder", null, null],
] as const)("after %s he removes %s, in a process that he does not get into", async (signal, _, code, left) => {
  if (!isRoot) return;
  const database = slowDatabase();
  const temporary = stickyTemporaryFiles();
  const watcher = await startWatcher();
  const check = start([database], temporary.env);
  const folder = await until("the copy is there", () => {
    if (!isThere(check.pid)) throw new Error("the check has ended");
    const [name] = readdirSync(temporary.folder);
    const path = join(temporary.folder, name ?? "");
    return name !== undefined && readdirSync(path).length > 0 ? path : undefined;
  });
  if (left !== null) putObstacleIn(folder);
  await watcher.seesWorker(); // on a busy machine it takes a while
  const all = [check.pid, ...descendants(check.pid)];
  check.kill(signal);
  expect((await check.exited)[0]).toBe(code);
  await until("every process is gone", () => all.every((each) => !isThere(each)));
  expect(existsSync(folder) ? readdirSync(folder) : null).toEqual(left);
  const { seen, entered } = await watcher.stop();
  expect(entered).toEqual([]);
  expect(seen.some((command) => command.startsWith("sqlock integrity"))).toBe(true);
  if (left !== null) expect(seen.some((command) => command.includes("/remove.cjs "))).toBe(true);
});
