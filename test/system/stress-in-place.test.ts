/** --in-place: a table of its own in the person's file, which is gone at the end, whatever ends it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFiles } from "../support/check.ts";
import { runs } from "../support/kill.ts";
import { mountNamespace } from "../support/namespace.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { SOUND, stressJson } from "../support/stress.ts";
import { tempFolder } from "../support/temp.ts";
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

function hasOwnTable(database: string): boolean {
  return tablesOf(database)?.some((name) => /^sqlock_stress_[0-9a-f]{8}$/.test(name)) === true;
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
  const child: ChildProcess = spawn(
    NODE,
    [BIN, "stress", "--duration", "60s", "--writers", "2", "--readers", "2", ...args],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...env },
    },
  );
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const exited = once(child, "exit");
  await until(
    "all workers are there, and rows are written",
    () => childrenOf(child.pid ?? 0).length > WORKERS && written(),
  );
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
  const { child, exited, all } = await start(["--in-place", "--yes", database], env, () => hasOwnTable(database));
  child.kill(signal);
  expect((await exited)[0]).toBe(code);
  if (code !== null) expect(tablesOf(database)).toEqual(["t"]);
  await until(
    "every process is gone, and the table",
    async () => (await goneAll(all)) && tablesOf(database)?.join() === "t",
  );
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
  await until(
    "every process is gone and every file",
    async () => (await goneAll(all)) && readdirSync(folder).length === 0,
  );
});

test("refused: without a yes, in another mode, locked, corrupt before, no such file", async () => {
  const database = await newDatabase("delete");
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await sqlock(["stress", "--in-place", "--duration", "300ms", ...args, database]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    return stderr;
  };
  expect(await refused()).toBe(
    "sqlock: nothing was done: this is no terminal to ask at, and --yes was not given; to go on, add --yes\n",
  );
  expect(await refused("--yes", "--journal-mode", "wal")).toContain(
    "is in journal mode delete, and --in-place changes no mode",
  );
  expect(tablesOf(database)).toEqual(["t"]);
  const holder = await holding(database, 'c.execute("begin exclusive")');
  expect(await refused("--yes")).toMatch(
    new RegExp(`is locked by ${holder.pid} \\(.*; see who holds it: sqlock who-holds`),
  );
  await holder.end();
  expect(tablesOf(database)).toEqual(["t"]);
  const bytes = readFileSync(database);
  writeFileSync(database, bytes.subarray(0, 4096));
  expect(await refused("--yes")).toMatch(/is corrupt already \(.*\); see all of it: sqlock integrity/);
  expect(readFileSync(database)).toEqual(bytes.subarray(0, 4096));
  rmSync(database);
  expect(await refused()).toContain("db.sqlite3");
});

test("two at once, and tables and views of the person's own with its name: each drops its own table alone", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(
    database,
    'c.execute("create table sqlock_stress(mine)")\nc.execute("create view sqlock_stress_v as select 1")',
  );
  await holder.end();
  const load = ["--in-place", "--yes", "--duration", "1s", "--writers", "1", "--readers", "1", database];
  const reports = await Promise.all([stressJson(load), stressJson(load)]);
  for (const report of reports) expect(report).toMatchObject({ code: 0, verification: SOUND });
  expect(tablesOf(database)).toEqual(["sqlock_stress", "t"]);
  expect(await stressJson(["--duration", "300ms", database])).toMatchObject({ code: 0, verification: SOUND });
});

test("a disk that becomes full: the table is dropped all the same, and the room is there again", async (context) => {
  need(context, isRoot, "root");
  const space = await mountNamespace();
  const point = join(tempFolder(), "small");
  mkdirSync(point);
  space.run("mount", "-t", "tmpfs", "-o", "size=2M", "tmpfs", point);
  const database = join(point, "db.sqlite3");
  const python = (text: string) =>
    space.run(
      "python3",
      "-c",
      `import sqlite3; c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None); ${text}`,
    );
  for (const mode of ["wal", "delete"]) {
    python(`c.execute("pragma journal_mode=${mode}"); c.execute("create table if not exists t(a)"); c.close()`);
    const { code, stdout, stderr } = await sqlock(
      ["stress", "--in-place", "--yes", "--rows", "20", "--duration", "60s", database],
      { through: space.through },
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^sqlock: no room is left for the load .*\n$/);
    expect(space.run("ls", "-A", point)).toBe("db.sqlite3\n");
    expect(
      python("print([name for (name,) in c.execute(\"select name from sqlite_schema where type = 'table'\")])"),
    ).toBe("['t']\n");
  }
});

test("somebody who keeps the write lock: what was measured is told, and the table goes when it can", async () => {
  const database = await newDatabase("wal");
  const child = spawn(
    NODE,
    [
      BIN,
      "stress",
      "--in-place",
      "--yes",
      "--duration",
      "1500ms",
      "--busy-timeout",
      "100ms",
      "--writers",
      "2",
      "--readers",
      "0",
      database,
    ],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    },
  );
  const told = Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, "exit")]);
  await until("rows are written", () => hasOwnTable(database));
  const holder = await holding(database, 'c.execute("begin immediate")');
  const [stdout, stderr, [code]] = await told;
  expect(code).toBe(2);
  expect(stdout).toContain("The database is whole.");
  expect(stderr).toMatch(
    /^sqlock: the table sqlock_stress_[0-9a-f]{8} could not be dropped: .* is locked.*; it is tried for a minute more; later: sqlite3 .*\n$/,
  );
  expect(hasOwnTable(database)).toBe(true);
  await holder.end();
  await until("the guard has dropped it", () => tablesOf(database)?.join() === "t");
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
