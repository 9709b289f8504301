/** However a check ends, it ends at once and leaves nothing behind. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { check, temporaryFiles } from "../support/check.ts";
import { pythonPath } from "../support/holder.ts";
import { listing } from "../support/listing.ts";
import { descendants } from "../support/program.ts";
import { python } from "../support/python.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

/** A database that takes minutes to check: every row costs some 30 ms of its CHECK constraint. */
function slowDatabase(mode: "delete" | "wal"): { readonly folder: string; readonly database: string } {
  const folder = join(tempFolder(), "data");
  mkdirSync(folder);
  const database = join(folder, "db.sqlite3");
  python(`
import sqlite3
c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None)
c.execute("pragma journal_mode=${mode}"); c.execute("pragma ignore_check_constraints=on")
c.execute("create table slow(a check(length(hex(randomblob(3000000))) > 0))")
c.execute("begin"); c.executemany("insert into slow values (?)", [(i,) for i in range(10000)]); c.execute("commit")
c.close()`);
  return { folder, database };
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\sZ/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}

/** Starts a check and waits until the worker reads: it has the database, or its copy, open. */
async function start(database: string, args: readonly string[], env: Record<string, string>) {
  const child: ChildProcess = spawn(NODE, [BIN, "integrity", ...args, database], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const exited = once(child, "exit");
  const pid = child.pid ?? 0;
  const worker = await until("the worker reads", () =>
    descendants(pid).find(
      (each) =>
        isAlive(each) && readFileSync(`/proc/${each}/comm`, "latin1").startsWith("sqlock integ") && cpuTicks(each) > 30,
    ),
  );
  return { child, exited, worker, all: [pid, ...descendants(pid)] };
}

/** User time, in hundredths of a second: more than starting takes. */
function cpuTicks(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[11]);
}

const ENDS = [
  ["Ctrl-C, in place", "delete", [], "SIGINT", 130],
  ["SIGTERM, a backup", "delete", ["--copy"], "SIGTERM", 143],
  ["SIGKILL, a private copy", "wal", [], "SIGKILL", null],
] as const;

test("the time is up, in a private copy", async () => {
  const { folder, database } = slowDatabase("wal");
  const temporary = temporaryFiles();
  const before = listing(folder);
  const seen = await check(database, ["--timeout", "2s"], { env: temporary.env });
  expect(seen).toMatchObject({ code: 2, verdict: "not-checked", reasonCode: "timeout", problems: [] });
  expect(seen.checks).toMatchObject([
    { result: "ok" },
    { result: "ok" },
    { name: "structure", result: "not-checked" },
    { result: "ok" },
    { name: "foreign-keys", result: "not-checked" },
  ]);
  expect(listing(folder)).toEqual(before);
  expect(readdirSync(temporary.folder)).toEqual([]);
});

test.each(ENDS)("%s: nothing is left", async (_, mode, args, signal, code) => {
  const { folder, database } = slowDatabase(mode);
  const before = listing(folder);
  const temporary = temporaryFiles();
  const { child, exited, all } = await start(database, args, temporary.env);
  child.kill(signal);
  expect((await exited)[0]).toBe(code);
  await until(
    "every process is gone and every file",
    () => all.every((pid) => !isAlive(pid)) && readdirSync(temporary.folder).length === 0,
  );
  expect(listing(folder)).toEqual(before);
});

test("the death of the worker, in a private copy: not checked, and nothing is left", async () => {
  const { folder, database } = slowDatabase("wal");
  const before = listing(folder);
  const temporary = temporaryFiles();
  const { child, exited, worker, all } = await start(database, ["--json"], temporary.env);
  let stdout = "";
  child.stdout?.on("data", (text) => {
    stdout += text;
  });
  process.kill(worker, "SIGKILL");
  expect((await exited)[0]).toBe(2);
  expect(JSON.parse(stdout).databases).toMatchObject([
    { verdict: "not-checked", reasonCode: "failed", reason: expect.stringContaining("SIGKILL") },
  ]);
  await until("every process is gone", () => all.every((pid) => !isAlive(pid)));
  expect(listing(folder)).toEqual(before);
  expect(readdirSync(temporary.folder)).toEqual([]);
});

/** Python: runs a command on a terminal of 100 columns and answers with what it printed and its exit code. */
const ON_A_TERMINAL = `
import fcntl, json, os, pty, signal, struct, sys, termios, time
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
text = b""
while True:
  try: piece = os.read(fd, 65536)
  except OSError: break
  if not piece: break
  text += piece
  if sys.argv[1] == "interrupt" and b"%" in text: os.write(fd, b"\\x03"); sys.argv[1] = "interrupted"
print(json.dumps([text.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])]))
`;

function onATerminal(
  mode: "interrupt" | "wait",
  args: readonly string[],
  env: Record<string, string>,
): { readonly text: string; readonly code: number } {
  const command = ["-S", "-c", ON_A_TERMINAL, mode, NODE, BIN, "integrity", ...args];
  const [text, code] = JSON.parse(
    execFileSync(pythonPath(), command, { encoding: "utf8", env: { ...process.env, NO_COLOR: "1", ...env } }),
  ) as [string, number];
  return { text, code };
}

test("a bar for a person at a terminal, and none elsewhere", async () => {
  const { database } = slowDatabase("delete");
  const temporary = temporaryFiles();
  const { text, code } = onATerminal("wait", ["--timeout", "3s", database], temporary.env);
  expect(code).toBe(2);
  expect(text).toMatch(/\d+%\s+db\.sqlite3: (reading its pages|comparing rows and indexes)/);
  // the line of the bar is cleared before the answer
  expect(text).toMatch(/\x1b\[2K[^%]*not checked: it took too long[^%]*$/);
  const piped = await sqlock(["integrity", "--timeout", "1500ms", database]);
  expect(piped.stderr).toBe("");
});

test("Ctrl-C on a terminal ends all of it", async () => {
  const { folder, database } = slowDatabase("wal");
  const temporary = temporaryFiles();
  const before = listing(folder);
  const { text, code } = onATerminal("interrupt", [database], temporary.env);
  expect(code).toBe(130);
  expect(text).not.toContain("not checked");
  await until("no file is left", () => readdirSync(temporary.folder).length === 0);
  expect(listing(folder)).toEqual(before);
});
