/** Short loads on real processes: what fails, what is measured, and that nothing is lost. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import type { StressReport } from "../../src/features/stress/report.ts";
import { temporaryFiles } from "../support/check.ts";
import { asOfLive, listing } from "../support/listing.ts";
import { descendants } from "../support/program.ts";
import { expectToFit } from "../support/schema.ts";
import { has, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { matrixJson, SOUND, stressJson } from "../support/stress.ts";
import { tempFolder } from "../support/temp.ts";
import { Terminal } from "../support/tmux.ts";
import { until } from "../support/until.ts";

const MODES = ["wal", "delete"] as const;

/** Leaves the CPUs to other tests, while this one does what it does to the load. */
const UNHURRIED = ["--journal-mode", "wal", "--think", "2ms"];

/** The smallest load with the shortest duration, where only its surroundings matter. */
const SMALL = ["--writers", "1", "--readers", "0", "--duration", "100ms"];

test("a matrix of journal modes and kinds of transaction: nothing is lost and nothing is left", async () => {
  const { folder, env } = temporaryFiles();
  const load = ["--writers", "2", "--readers", "1", "--rows", "3", "--seed", "5", "--duration", "200ms"];
  const { code, rows } = await matrixJson(["--transaction", "immediate,exclusive", "--busy-timeout", "5s", ...load], {
    env,
  });
  expect(code).toBe(0);
  expect(rows.map(({ settings }) => `${settings.journalMode} ${settings.transaction}`).sort()).toEqual([
    "delete exclusive",
    "delete immediate",
    "wal exclusive",
    "wal immediate",
  ]);
  for (const row of rows) {
    expect(row).toMatchObject({ settings: { seed: 5 }, verification: SOUND, evidence: null });
    expect(row.commits).toBeGreaterThan(0);
    expect(row.verification).toMatchObject({ acknowledged: row.commits, found: row.commits, inFlight: 0 });
  }
  expect(readdirSync(folder)).toEqual([]);
});

test("a matrix for a person", async () => {
  const one = ["--journal-mode", "wal", "--transaction", "immediate", "--busy-timeout", "1s"];
  const { stdout } = await sqlock(["stress", "--matrix", ...SMALL, ...one]);
  expect(stdout).toMatch(/^ +wal +immediate +1 s/m);
  expect(stdout).toContain("\nOne combination: nothing to compare it with.\n");
  expect(stdout).toMatch(/^--journal-mode wal --transaction immediate --busy-timeout 1s: None of the \d/m);
});

test("a writer that waits long is named though nothing failed, and what may help", async () => {
  // one writer has the lock for longer than the others wait, and none so long that it fails
  const load = ["--writers", "2", "--readers", "0", "--threads", "2", "--hold", "900ms", "--busy-timeout", "1s"];
  const report = await stressJson([...load, "--journal-mode", "wal", "--duration", "950ms"]);
  expect(report).toMatchObject({ code: 0, errors: {}, cure: null, comparison: null, verification: SOUND });
  expect(report.concerns).toMatchObject([{ kind: "long-wait", role: "writer", busyTimeoutMs: 1000 }]);
  expect(report.rounds).toMatchObject([{ durationMs: 950, errors: 0 }]);
  expect(report.verdict).toMatch(
    /A writer waited [\d.]+ m?s, with a busy timeout of 1 s: close to failing\. What may help: .*\(not tried: /,
  );
});

test("writers that read first and then write fail at once in rollback mode, and not with IMMEDIATE", async () => {
  const load = ["--read-then-write", "--journal-mode", "delete", "--writers", "4", "--readers", "0"];
  const report = await longEnough(["600ms", "6s", "20s"], async (duration) => {
    // the lock is held for so long that the others meet it
    const one = await stressJson([...load, "--hold", "20ms", "--duration", duration]);
    return one.failures.length > 0 ? one : null;
  });
  const failures = report.failures.filter(({ code }) => code === "SQLITE_BUSY");
  expect(failures).toMatchObject([{ role: "writer", phase: "write", timedOut: 0 }]);
  expect(failures[0]?.longestMs).toBeLessThan(1000);
  expect(report.errors["SQLITE_BUSY"]).toBe(failures[0]?.count);
  expect(report.cure).toMatchObject({ option: "--transaction immediate", errors: 0 });
  expect(report.verdict).toMatch(
    /^\d[\d,]* of \d[\d,]* transactions failed with 'database is locked', all within .*deferred/,
  );
  expect(report.verdict).toContain(" With --transaction immediate 0 of ");
  expect(report).toMatchObject({ code: 0, verification: SOUND });
});

test("in WAL mode they fail with SQLITE_BUSY_SNAPSHOT as well", async () => {
  const load = ["--read-then-write", "--writers", "4", "--readers", "0", "--journal-mode", "wal"];
  const report = await longEnough(["800ms", "6s", "20s"], async (duration) => {
    const one = await stressJson([...load, "--duration", duration]);
    return (one.errors["SQLITE_BUSY_SNAPSHOT"] ?? 0) > 0 ? one : null;
  });
  expect(report).toMatchObject({ code: 0, verification: SOUND, cure: { errors: 0 } });
  expect(report.walBytes).toBeGreaterThan(0);
});

test("a short timeout behind transactions that are held is used up", async () => {
  const load = ["--writers", "3", "--readers", "0", "--hold", "200ms", "--busy-timeout", "50ms"];
  const report = await longEnough(["600ms", "6s", "20s"], async (duration) => {
    const one = await stressJson([...load, "--duration", duration]);
    return one.failures.length > 0 ? one : null;
  });
  expect(report.failures).toMatchObject([{ role: "writer", code: "SQLITE_BUSY" }]);
  expect(report.failures[0]?.timedOut).toBe(report.failures[0]?.count);
  expect(report.verdict).toContain("the whole --busy-timeout of 50 ms was not enough");
  expect(report).toMatchObject({ code: 0, verification: SOUND });
});

test("several connections in a process: --threads 4", async () => {
  const report = await longEnough(["200ms", "6s", "20s"], async (duration) => {
    const one = await stressJson(["--threads", "4", "--duration", duration, "--journal-mode", "delete"]);
    return one.commits > 0 ? one : null;
  });
  expect(report).toMatchObject({ code: 0, settings: { threads: 4 }, verification: SOUND });
});

// With this seed three kills come within 410 ms, fewer on a busy machine. Many kills: test/soak/stress.test.ts.
test.each([
  ["wal", "1"],
  ["delete", "1"],
  ["wal", "4"],
])("%s, --threads %s: workers are killed, nothing is lost, and no process runs on", async (mode, threads) => {
  const { folder, env } = temporaryFiles();
  const load = ["--writers", "4", "--readers", "1", "--kill-every", "100ms", "--seed", "25"];
  const report = await longEnough(["800ms", "6s", "20s"], async (duration) => {
    const args = ["--journal-mode", mode, "--threads", threads, ...load, "--duration", duration];
    const one = await stressJson(args, { env });
    return one.workersKilled > 0 ? one : null;
  });
  expect(report).toMatchObject({ code: 0, verification: SOUND });
  expect(report.verification.inFlight).toBeLessThanOrEqual(report.workersKilled);
  expect(readdirSync(folder)).toEqual([]);
  expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain(folder);
});

test("a worker that another process kills is replaced, and reported", async () => {
  const { folder, env } = temporaryFiles();
  const report = await longEnough(["3s", "15s", "40s"], async (duration) => {
    const load = ["--duration", duration, ...UNHURRIED, "--writers", "2", "--readers", "1", "--json"];
    const child = spawn(NODE, [BIN, "stress", ...load], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const output = textOf(child.stdout);
    const isWorking = await rowsOfBothWriters(await throwAwayDatabase(folder)); // and so are all workers
    const workers = descendants(child.pid ?? 0).filter((pid) => commandLineOf(pid).startsWith("sqlock stress"));
    const killed = isWorking && workers.length === 3 ? workers.slice(0, 2).filter((pid) => isKilled(pid)) : [];
    const answer = JSON.parse(await output) as StressReport;
    return killed.length === 2 && answer.workersKilledByOthers === 2 ? answer : null;
  });
  expectToFit("stress", report);
  expect(report).toMatchObject({ workersKilled: 0, workersKilledByOthers: 2, verification: SOUND });
  expect(report.verdict).toContain("2 workers were killed by another process (SIGKILL) and replaced");
  expect(readdirSync(folder)).toEqual([]);
});

test.each(MODES)("%s: a copy beside the database, in its mode; the database is not touched", async (mode) => {
  const folder = tempFolder();
  const database = await newDatabase(mode, folder);
  const before = filesIn(folder);
  const report = await stressJson([...SMALL, database]);
  expect(report).toMatchObject({
    code: 0,
    settings: { database, journalMode: mode, pageSize: 4096, inPlace: false },
    verification: SOUND,
  });
  expect(filesIn(folder)).toEqual(before);
});

test("a copy in another folder, in another journal mode", async () => {
  const folder = tempFolder();
  const database = await newDatabase("delete", folder);
  const elsewhere = tempFolder();
  const before = listing(folder);
  const report = await stressJson([...SMALL, "--dir", elsewhere, "--journal-mode", "wal", database]);
  expect(report).toMatchObject({ code: 0, settings: { journalMode: "wal" }, verification: SOUND });
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(listing(folder)).toEqual(before);
});

test("a copy of a database in WAL mode while a process writes to it", async () => {
  const folder = tempFolder();
  const database = await newDatabase("wal", folder);
  const holder = await holding(database, 'c.execute("begin immediate")\nc.execute("insert into t values (1)")');
  const before = asOfLive(filesIn(folder));
  const report = await stressJson([...SMALL, database]);
  expect(report).toMatchObject({ code: 0, settings: { journalMode: "wal" }, verification: SOUND });
  expect(asOfLive(filesIn(folder))).toEqual(before);
  await holder.run('c.execute("commit")');
});

test("rows that another process deletes or changes are reported, and the evidence is kept", async () => {
  const { folder, env } = temporaryFiles();
  const load = ["--duration", "3s", ...UNHURRIED, "--writers", "2", "--readers", "0", "--json"];
  const running = sqlock(["stress", ...load], { env });
  const path = await throwAwayDatabase(folder);
  expect(await rowsOfBothWriters(path)).toBe(true);
  const db = new Database(path, { timeout: 5000 });
  const some = (writer: number) => `writer = ${writer} AND number IN (${someRows(writer)})`;
  db.exec(`DELETE FROM sqlock_stress WHERE ${some(1)}; UPDATE sqlock_stress SET text = 'changed' WHERE ${some(2)}`);
  db.close();
  const { code, stdout } = await running;
  const report = JSON.parse(stdout) as StressReport;
  expectToFit("stress", report);
  expect(code).toBe(1);
  expect(report.verification.lost).toBeGreaterThan(0);
  expect(report.verification.found).toBe(report.verification.acknowledged - report.verification.lost);
  expect(report.verdict).toContain(`The evidence is kept: ${report.evidence}`);
  expect(report.evidence).toBe(dirname(path));
  expect(readdirSync(dirname(path))).toEqual(["database", "database.evidence.json"]);
  expect(JSON.parse(readFileSync(`${path}.evidence.json`, "utf8"))).toMatchObject({
    seed: report.settings.seed,
    database: path,
    accounts: [
      { writer: 1, killed: false },
      { writer: 2, killed: false },
    ],
    verification: report.verification,
  });
});

test("a bar at a terminal, removed at the end", async (context) => {
  need(context, has("tmux"), "tmux");
  const terminal = new Terminal(120, 40);
  const load = "--duration 3s --journal-mode wal --writers 1 --readers 1 --think 20ms"; // so long is the bar there
  await terminal.enter(`NO_COLOR=1 ${NODE} ${BIN} stress ${load}; echo code=$?`);
  await terminal.shows(/\d+%\s+[\d,]+ commits?, [\d,]+ errors?, (?:.* left|verifying)/);
  const screen = await terminal.shows("code=0");
  expect(screen).not.toMatch(/\d+%\s+[\d,]+ commit/);
  expect(screen).toContain("acknowledged commits are in the table, each once");
});

/** Without the folder itself: its times change when a copy is made in it. */
function filesIn(folder: string) {
  return listing(folder).filter(({ name }) => name !== ".");
}

async function throwAwayDatabase(folder: string): Promise<string> {
  const found = await until("there is a database in WAL mode", () =>
    readdirSync(folder, { recursive: true }).find((name) => String(name).endsWith("/database-wal")),
  );
  return join(folder, String(found).replace(/-wal$/, ""));
}

/** Until two writers have inserted 20 rows each; false where the load was over before. */
async function rowsOfBothWriters(path: string): Promise<boolean> {
  const seen = await until("both writers have inserted rows", () => {
    let db: Database.Database | null = null;
    try {
      db = new Database(path, { timeout: 5000, fileMustExist: true });
      const counts = db
        .prepare<[], { count: number }>("SELECT count(*) AS count FROM sqlock_stress GROUP BY writer")
        .all();
      return counts.length === 2 && counts.every(({ count }) => count >= 20) && "rows";
    } catch (error) {
      if (!existsSync(path)) return "gone";
      if ((error as { code?: string }).code === "SQLITE_ERROR") return false; // the table is not there yet
      throw error;
    } finally {
      db?.close();
    }
  });
  return seen === "rows";
}

/** False where it has ended. */
function isKilled(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** How long a load has to be depends on the machine: what a short one did not show (null), a longer one has to. */
async function longEnough<T>(durations: readonly string[], run: (duration: string) => Promise<T | null>): Promise<T> {
  for (const duration of durations) {
    const shown = await run(duration);
    if (shown !== null) return shown;
  }
  throw new Error(`not shown in ${durations.join(", ")}`);
}

function someRows(writer: number): string {
  return `SELECT number FROM sqlock_stress WHERE writer = ${writer} LIMIT 20`;
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return ""; // it has ended
  }
}
