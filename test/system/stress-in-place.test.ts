/** --in-place: a table of its own in the person's file, which is gone at the end, whatever ends it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFiles } from "../support/check.ts";
import { runs } from "../support/kill.ts";
import { has, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { SOUND, stressJson } from "../support/stress.ts";
import { Terminal } from "../support/tmux.ts";
import { until } from "../support/until.ts";

/** In another connection, that is closed again; null while it is locked. */
function tablesOf(database: string): string[] | null {
  const db = new Database(database, { timeout: 1000 });
  try {
    return db
      .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all()
      .map(({ name }) => name);
  } catch {
    return null;
  } finally {
    db.close();
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Two writers and two readers; the shell that watches is one child more. */
const WORKERS = 4;

/** Runs until something ends it; returns when rows are being written. */
async function start(args: readonly string[], env: Record<string, string>, written: () => boolean) {
  const child: ChildProcess = spawn(NODE, [BIN, "stress", "--duration", "60s", "--writers", "2", "--readers", "2", ...args], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const exited = once(child, "exit");
  await until("all workers are there, and rows are written", () => childrenOf(child.pid ?? 0).length > WORKERS && written());
  return { child, exited, all: [child.pid ?? 0, ...childrenOf(child.pid ?? 0)] };
}

async function goneAll(pids: readonly number[]): Promise<boolean> {
  const running = await Promise.all(pids.map(runs));
  return running.every((each) => !each);
}

test.each(["wal", "delete"] as const)("%s: the table is there meanwhile, and dropped at the end", async (mode) => {
  const database = await newDatabase(mode);
  const report = await stressJson(["--in-place", "--yes", "--duration", "600ms", database]);
  expect(report).toMatchObject({ code: 0, settings: { inPlace: true, journalMode: mode }, verification: SOUND });
  expect(report.commits).toBeGreaterThan(0);
  expect(tablesOf(database)).toEqual(["t"]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGKILL", null],
] as const)("%s: the table is dropped, and nothing runs on", async (signal, code) => {
  const database = await newDatabase("wal");
  const { env } = temporaryFiles();
  const { child, exited, all } = await start(["--in-place", "--yes", database], env, () => tablesOf(database)?.includes("sqlock_stress") === true);
  child.kill(signal);
  expect((await exited)[0]).toBe(code);
  if (code !== null) expect(tablesOf(database)).toEqual(["t"]);
  await until("every process is gone, and the table", async () => (await goneAll(all)) && tablesOf(database)?.join() === "t");
  await until("no companion file is left", () => readdirSync(dirname(database)).join() === "db.sqlite3");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGKILL", null],
] as const)("%s in a run on a throw-away database: nothing is left", async (signal, code) => {
  const { folder, env } = temporaryFiles();
  const { child, exited, all } = await start(["--journal-mode", "wal", "--kill-every", "300ms"], env, () =>
    readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith("-wal")),
  );
  child.kill(signal);
  expect((await exited)[0]).toBe(code);
  await until("every process is gone and every file", async () => (await goneAll(all)) && readdirSync(folder).length === 0);
});

test("refused: without a yes, in another mode, with its table there, locked", async () => {
  const database = await newDatabase("delete");
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await sqlock(["stress", "--in-place", "--duration", "300ms", ...args, database]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    return stderr;
  };
  expect(await refused()).toBe("sqlock: nothing was done: this is no terminal to ask at, and --yes was not given; to go on, add --yes\n");
  expect(await refused("--yes", "--journal-mode", "wal")).toContain("is in journal mode delete, and --in-place changes no mode");
  expect(tablesOf(database)).toEqual(["t"]);
  const holder = await holding(database, 'c.execute("create table sqlock_stress(a)")');
  expect(await refused("--yes")).toContain("has a table sqlock_stress already");
  expect(tablesOf(database)).toEqual(["sqlock_stress", "t"]);
  await holder.run('c.execute("drop table sqlock_stress")\nc.execute("begin exclusive")');
  expect(await refused("--yes")).toMatch(new RegExp(`is locked by ${holder.pid} \\(.*; see who holds it: sqlock who-holds`));
  await holder.end();
  expect(tablesOf(database)).toEqual(["t"]);
});

test("the question at a terminal", async (context) => {
  need(context, has("tmux"), "tmux");
  const database = await newDatabase("delete");
  const terminal = new Terminal(200, 30);
  const command = `NO_COLOR=1 ${NODE} ${BIN} stress --in-place --duration 300ms ${database}; echo code=$?`;
  terminal.press(command, "Enter");
  await terminal.shows("Write to");
  terminal.press("n");
  await terminal.shows("Nothing was done.");
  await terminal.shows("code=130");
  terminal.press("clear", "Enter");
  terminal.press(command, "Enter");
  await terminal.shows("Write to");
  terminal.press("y");
  await terminal.shows("each once");
  await terminal.shows("code=0");
  expect(tablesOf(database)).toEqual(["t"]);
});

test("Ctrl-C at a terminal, which all processes hear of", async (context) => {
  need(context, has("tmux"), "tmux");
  const database = await newDatabase("wal");
  const terminal = new Terminal(160, 30);
  terminal.press(`NO_COLOR=1 ${NODE} ${BIN} stress --in-place --yes --duration 60s ${database}; echo code=$?`, "Enter");
  await terminal.shows(/\d% +[1-9][\d,]* commits/);
  terminal.press("C-c");
  expect(await terminal.shows(/code=\d/)).toContain("code=130");
  expect(tablesOf(database)).toEqual(["t"]);
});
