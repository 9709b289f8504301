/** --in-place: the load has a table of its own in the given file, which is dropped whatever ends the run. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { temporaryFiles } from "../support/check.ts";
import { runs } from "../support/kill.ts";
import { mountNamespace } from "../support/namespace.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { SOUND, stressJson } from "../support/stress.ts";
import { tempFolder } from "../support/temp.ts";
import { Terminal } from "../support/tmux.ts";
import { until } from "../support/until.ts";

/** Null while the database is locked. */
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

/** Two writers and two readers; the shell of the guard is one child more. */
const WORKERS = 4;

/** A run that something else ends. Returns when rows are written. */
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

async function areGone(pids: readonly number[]): Promise<boolean> {
  const running = await Promise.all(pids.map(runs));
  return running.every((each) => !each);
}

/**
 * A run that waits 15 seconds to drop its table, because another connection keeps the write lock. It begins before the
 * other tests of this file, which run meanwhile; the last test has the results.
 */
let lockedRun: ReturnType<typeof runWithKeptLock>;
const lockedFolder = mkdtempSync(join(tmpdir(), "sqlock-test-"));

beforeAll(() => {
  lockedRun = runWithKeptLock(join(lockedFolder, "db.sqlite3"));
  lockedRun.catch(() => undefined); // the last test reports the error
});

afterAll(() => rmSync(lockedFolder, { recursive: true, force: true }));

async function runWithKeptLock(database: string) {
  const db = new Database(database, { timeout: 5000 });
  db.exec("PRAGMA journal_mode = wal; CREATE TABLE t (a)");
  const load = ["--duration", "2s", "--busy-timeout", "100ms", "--writers", "2", "--readers", "0"];
  const child = spawn(NODE, [BIN, "stress", "--in-place", "--yes", ...load, database], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const output = Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, "exit")]);
  await until("the table is there", () => hasOwnTable(database));
  db.exec("BEGIN IMMEDIATE");
  const [stdout, stderr, [code]] = await output;
  const isTableLeft = hasOwnTable(database);
  db.exec("COMMIT");
  db.close();
  await until("the guard has dropped the table", () => tablesOf(database)?.join() === "t");
  return { stdout, stderr, code, isTableLeft };
}

test.each(["wal", "delete"] as const)("%s: the table is dropped at the end", async (mode) => {
  const database = await newDatabase(mode);
  const load = ["--writers", "2", "--readers", "1", "--duration", "100ms"];
  const report = await stressJson(["--in-place", "--yes", ...load, database]);
  expect(report).toMatchObject({ code: 0, settings: { inPlace: true, journalMode: mode }, verification: SOUND });
  expect(report.commits).toBeGreaterThan(0);
  expect(tablesOf(database)).toEqual(["t"]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGKILL", null],
] as const)("%s: the table is dropped, and no process runs on", async (signal, code) => {
  const database = await newDatabase("wal");
  const { env } = temporaryFiles();
  const { child, exited, all } = await start(["--in-place", "--yes", database], env, () => hasOwnTable(database));
  child.kill(signal);
  expect((await exited)[0]).toBe(code);
  if (code !== null) expect(tablesOf(database)).toEqual(["t"]);
  await until(
    "every process and the table are gone",
    async () => (await areGone(all)) && tablesOf(database)?.join() === "t",
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
  await until("every process and file is gone", async () => (await areGone(all)) && readdirSync(folder).length === 0);
});

test("refused: without a confirmation, in another mode, corrupt before, no such file", async () => {
  const database = await newDatabase("delete");
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await sqlock(["stress", "--in-place", "--duration", "100ms", ...args, database]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    return stderr;
  };
  expect(await refused()).toBe(
    "sqlock: nothing was done: this is not a terminal, so sqlock cannot ask, and --yes was not given; to " +
      "continue, add --yes\n",
  );
  expect(await refused("--yes", "--journal-mode", "wal")).toContain(
    "is in journal mode delete, and --in-place does not change the mode",
  );
  expect(tablesOf(database)).toEqual(["t"]);
  const bytes = readFileSync(database);
  writeFileSync(database, bytes.subarray(0, 4096));
  expect(await refused("--yes")).toMatch(/is already corrupt \(.*\); see all problems: sqlock integrity/);
  expect(readFileSync(database)).toEqual(bytes.subarray(0, 4096));
  rmSync(database);
  expect(await refused()).toContain("db.sqlite3");
});

test("two runs at once, beside tables with similar names: each drops its own table alone", async () => {
  const database = await newDatabase("wal");
  const db = new Database(database);
  db.exec("CREATE TABLE sqlock_stress (mine); CREATE VIEW sqlock_stress_v AS SELECT 1");
  db.close();
  const load = ["--in-place", "--yes", "--duration", "300ms", "--writers", "1", "--readers", "1", database];
  const reports = await Promise.all([stressJson(load), stressJson(load)]);
  for (const report of reports) expect(report).toMatchObject({ code: 0, verification: SOUND });
  expect(tablesOf(database)).toEqual(["sqlock_stress", "t"]);
});

test("a disk that becomes full: the table is dropped all the same, and the room is there again", async (context) => {
  need(context, isRoot, "root");
  const space = await mountNamespace();
  const point = join(tempFolder(), "small");
  mkdirSync(point);
  space.run("mount", "-t", "tmpfs", "-o", "size=2M,mode=755", "tmpfs", point);
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
      [
        "stress",
        "--in-place",
        "--yes",
        "--writers",
        "1",
        "--readers",
        "1",
        "--rows",
        "50",
        "--duration",
        "60s",
        database,
      ],
      { through: space.through },
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^sqlock: there is no disk space left for the load .*\n$/);
    expect(space.run("ls", "-A", point)).toBe("db.sqlite3\n");
    expect(
      python("print([name for (name,) in c.execute(\"select name from sqlite_schema where type = 'table'\")])"),
    ).toBe("['t']\n");
  }
});

test("the question at a terminal", async (context) => {
  need(context, has("tmux"), "tmux");
  const database = await newDatabase("delete");
  const terminal = new Terminal(200, 30);
  const load = "--in-place --writers 1 --readers 0 --duration 100ms";
  const command = `NO_COLOR=1 ${NODE} ${BIN} stress ${load} ${database}; echo code=$?`;
  await terminal.enter(command);
  await terminal.shows("Write to");
  terminal.press("n");
  await terminal.shows("Nothing was done.");
  await terminal.shows("code=130");
  await terminal.enter(command);
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
  const load = "--in-place --yes --writers 1 --readers 1 --duration 60s";
  await terminal.enter(`NO_COLOR=1 ${NODE} ${BIN} stress ${load} ${database}; echo code=$?`);
  await terminal.shows(/\d% +[1-9][\d,]* commits/);
  terminal.press("C-c");
  expect(await terminal.shows(/code=\d/)).toContain("code=130");
  expect(tablesOf(database)).toEqual(["t"]);
});

test("a connection that keeps the write lock: the result is printed, and the table is dropped later", async () => {
  const { stdout, stderr, code, isTableLeft } = await lockedRun;
  expect(code).toBe(2);
  expect(stdout).toContain("The database is intact.");
  expect(stderr).toMatch(/^sqlock: the table sqlock_stress_[0-9a-f]{8} could not be dropped: .* is locked.*\n$/);
  expect(stderr).toContain("; sqlock keeps trying for another minute; after that: sqlite3 ");
  expect(isTableLeft).toBe(true);
});
