/** Short loads in every way, on real processes: what fails, and that nothing is lost. */
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
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
const KINDS = ["deferred", "immediate", "exclusive"] as const;
const ALL = MODES.flatMap((mode) => KINDS.map((kind) => [mode, kind] as const));

test.each(ALL)("%s, %s: nothing is lost and nothing is left", async (mode, kind) => {
  const { folder, env } = temporaryFiles();
  const args = [
    "--journal-mode",
    mode,
    "--transaction",
    kind,
    "--writers",
    "3",
    "--readers",
    "2",
    "--duration",
    "700ms",
    "--rows",
    "3",
    "--seed",
    "5",
  ];
  const report = await stressJson(args, { env });
  expect(report).toMatchObject({
    code: 0,
    settings: { journalMode: mode, transaction: kind, seed: 5 },
    verification: SOUND,
    evidence: null,
  });
  expect(report.commits).toBeGreaterThan(0);
  expect(report.verification).toMatchObject({ acknowledged: report.commits, found: report.commits, inFlight: 0 });
  expect(readdirSync(folder)).toEqual([]);
});

// On a machine that has no time for them they may not meet.
test("writers that read first and then write fail at once in rollback mode, and not when they begin with IMMEDIATE", {
  retry: 2,
}, async () => {
  const load = [
    "--read-then-write",
    "--writers",
    "4",
    "--readers",
    "0",
    "--duration",
    "2500ms",
    "--journal-mode",
    "delete",
  ];
  const report = await stressJson(load);
  const failures = report.failures.filter(({ code }) => code === "SQLITE_BUSY");
  expect(report.errors["SQLITE_BUSY"]).toBeGreaterThan(0);
  expect(failures).toMatchObject([{ role: "writer", phase: "write", timedOut: 0 }]);
  expect(failures[0]?.longestMs).toBeLessThan(1000);
  expect(report.cure).toMatchObject({ option: "--transaction immediate", errors: 0 });
  expect(report.verdict).toMatch(
    /^\d[\d,]* of \d[\d,]* transactions failed with 'database is locked', all within .*deferred.* With --transaction immediate: 0 of /,
  );
  expect(report).toMatchObject({ code: 0, verification: SOUND });
  const cured = await stressJson([...load, "--transaction", "immediate"]);
  expect(cured).toMatchObject({ code: 0, errors: {}, cure: null, verification: SOUND });
});

test("in WAL mode they fail with SQLITE_BUSY_SNAPSHOT as well", async () => {
  const load = [
    "--read-then-write",
    "--writers",
    "4",
    "--readers",
    "0",
    "--duration",
    "1500ms",
    "--journal-mode",
    "wal",
  ];
  const report = await stressJson(load);
  expect(report.errors["SQLITE_BUSY_SNAPSHOT"]).toBeGreaterThan(0);
  expect(report).toMatchObject({ code: 0, verification: SOUND, cure: { errors: 0 } });
  expect(report.walBytes).toBeGreaterThan(0);
  expect(report.perSecond.map(({ second }) => second)).toEqual([0, 1]);
});

test("a short timeout behind transactions that are held is used up", async () => {
  const report = await stressJson([
    "--writers",
    "3",
    "--readers",
    "0",
    "--hold",
    "300ms",
    "--busy-timeout",
    "100ms",
    "--duration",
    "1500ms",
  ]);
  expect(report.failures).toMatchObject([{ role: "writer", code: "SQLITE_BUSY" }]);
  expect(report.failures[0]?.timedOut).toBe(report.failures[0]?.count);
  expect(report.verdict).toContain("the whole --busy-timeout of 100 ms was not enough");
  expect(report).toMatchObject({ code: 0, verification: SOUND });
});

test("connections of one process: --threads 4", async () => {
  for (const mode of MODES) {
    const report = await stressJson(["--threads", "4", "--duration", "1s", "--journal-mode", mode]);
    expect(report).toMatchObject({ code: 0, settings: { threads: 4 }, verification: SOUND });
    expect(report.commits).toBeGreaterThan(0);
  }
});

test.each(MODES)("%s: workers killed at random, and nothing is lost", async (mode) => {
  const report = await stressJson([
    "--journal-mode",
    mode,
    "--writers",
    "4",
    "--readers",
    "2",
    "--kill-every",
    "200ms",
    "--duration",
    "4s",
  ]);
  expect(report).toMatchObject({ code: 0, verification: SOUND });
  expect(report.workersKilled).toBeGreaterThan(3);
  expect(report.verification.inFlight).toBeLessThanOrEqual(report.workersKilled);
});

test("threads of killed processes", async () => {
  const report = await stressJson([
    "--journal-mode",
    "wal",
    "--threads",
    "4",
    "--kill-every",
    "300ms",
    "--duration",
    "3s",
  ]);
  expect(report).toMatchObject({ code: 0, verification: SOUND });
  expect(report.workersKilled).toBeGreaterThan(0);
});

test("a worker that somebody else kills is replaced, and told of", async () => {
  const { folder, env } = temporaryFiles();
  const child = spawn(NODE, [BIN, "stress", "--duration", "3s", "--journal-mode", "wal", "--json"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = textOf(child.stdout);
  await until("rows are written", () =>
    readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith("-wal")),
  );
  const workers = await until("all work", () => {
    const all = descendants(child.pid ?? 0).filter((pid) => commandLineOf(pid).startsWith("sqlock stress"));
    return all.length === 8 ? all : undefined;
  });
  await sleep(500);
  for (const pid of workers.slice(0, 2)) process.kill(pid, "SIGKILL");
  const report = JSON.parse(await output) as StressReport;
  expectToFit("stress", report);
  expect(report).toMatchObject({ workersKilled: 0, workersKilledByOthers: 2, verification: SOUND });
  expect(report.verdict).toContain("2 workers were killed by somebody else (SIGKILL), and others took their places");
  expect(readdirSync(folder)).toEqual([]);
});

test("a copy: page size and mode are the database's, and that is not touched", async () => {
  for (const mode of MODES) {
    const folder = tempFolder();
    const database = await newDatabase(mode, folder);
    const before = listing(folder).filter(({ name }) => name !== ".");
    const report = await stressJson(["--duration", "500ms", database]);
    expect(report).toMatchObject({
      code: 0,
      settings: { database, journalMode: mode, pageSize: 4096, inPlace: false },
      verification: SOUND,
    });
    expect(listing(folder).filter(({ name }) => name !== ".")).toEqual(before);
    const elsewhere = tempFolder();
    const unlike = listing(folder);
    const other = await stressJson([
      "--duration",
      "300ms",
      "--dir",
      elsewhere,
      "--journal-mode",
      mode === "wal" ? "delete" : "wal",
      database,
    ]);
    expect(other).toMatchObject({
      code: 0,
      settings: { journalMode: mode === "wal" ? "delete" : "wal" },
      verification: SOUND,
    });
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(listing(folder)).toEqual(unlike);
  }
});

test("a copy of a database in WAL mode that somebody writes to", async () => {
  const folder = tempFolder();
  const database = await newDatabase("wal", folder);
  const holder = await holding(database, 'c.execute("begin immediate")\nc.execute("insert into t values (1)")');
  const before = asOfLive(listing(folder).filter(({ name }) => name !== "."));
  expect(await stressJson(["--duration", "300ms", database])).toMatchObject({
    code: 0,
    settings: { journalMode: "wal" },
    verification: SOUND,
  });
  expect(asOfLive(listing(folder).filter(({ name }) => name !== "."))).toEqual(before);
  await holder.run('c.execute("commit")');
});

test("rows that somebody takes away are told of, and the evidence is kept", async () => {
  const { folder, env } = temporaryFiles();
  const running = sqlock(
    ["stress", "--duration", "3s", "--writers", "2", "--readers", "0", "--journal-mode", "wal", "--json"],
    { env },
  );
  const database = await until("there is a database with its table", () =>
    readdirSync(folder, { recursive: true }).find((name) => String(name).endsWith("/database")),
  );
  const path = join(folder, String(database));
  const thief = new Database(path, { timeout: 5000 });
  await until("rows are written", () => has20(thief));
  thief.exec(
    "DELETE FROM sqlock_stress WHERE writer = 1 AND number IN (SELECT number FROM sqlock_stress WHERE writer = 1 " +
      "LIMIT 20)",
  );
  thief.exec(
    "UPDATE sqlock_stress SET text = 'changed' WHERE writer = 2 AND number IN (SELECT number FROM sqlock_stress " +
      "WHERE writer = 2 LIMIT 20)",
  );
  thief.close();
  const { code, stdout } = await running;
  const report = JSON.parse(stdout) as StressReport;
  expectToFit("stress", report);
  expect(code).toBe(1);
  expect(report.verification.lost).toBeGreaterThan(0);
  expect(report.verification.found).toBe(report.verification.acknowledged - report.verification.lost);
  expect(report.verdict).toContain(`The evidence is kept: ${report.evidence}`);
  expect(report.evidence).toBe(dirname(path));
  expect(readdirSync(dirname(path))).toEqual(["database", "database.evidence.json"]);
});

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return ""; // it has ended
  }
}

function has20(db: Database.Database): boolean {
  try {
    const counts = db
      .prepare<[], { count: number }>("SELECT count(*) AS count FROM sqlock_stress GROUP BY writer")
      .all();
    return counts.length === 2 && counts.every(({ count }) => count >= 20);
  } catch {
    return false; // the table is not there yet
  }
}

test("a matrix of four: the best first, in turns", async () => {
  const { code, rows } = await matrixJson([
    "--duration",
    "600ms",
    "--transaction",
    "deferred,immediate",
    "--busy-timeout",
    "5s",
    "--read-then-write",
  ]);
  expect(code).toBe(0);
  expect(rows).toHaveLength(4);
  const errors = rows.map((row) => Object.values(row.errors).reduce((sum, count) => sum + count, 0));
  expect(errors).toEqual(errors.toSorted((a, b) => a - b));
  for (const row of rows) expect(row.verification).toMatchObject(SOUND);
  expect(rows[0]?.settings).toMatchObject({ transaction: "immediate" });
  const text = await sqlock([
    "stress",
    "--matrix",
    "--duration",
    "300ms",
    "--journal-mode",
    "wal",
    "--transaction",
    "immediate",
    "--busy-timeout",
    "1s",
  ]);
  expect(text.stdout).toMatch(/^\* +wal +immediate +1 s/m);
  expect(text.stdout).toMatch(/^Best \(\*\): --journal-mode wal --transaction immediate --busy-timeout 1s\./m);
});

test("a bar at a terminal, gone at the end", async (context) => {
  need(context, has("tmux"), "tmux");
  const terminal = new Terminal(120, 40);
  terminal.press(
    `NO_COLOR=1 ${NODE} ${BIN} stress --duration 2s --journal-mode wal --writers 2 --readers 1; echo code=$?`,
    "Enter",
  );
  await terminal.shows(/\d+%\s+[\d,]+ commits?, [\d,]+ errors?, .*(?:left|checking)/);
  const screen = await terminal.shows("code=0");
  expect(screen).not.toMatch(/\d+%\s+[\d,]+ commit/);
  expect(screen).toContain("acknowledged commits are there, each once");
});

test("no process of it runs on", async () => {
  const { env } = temporaryFiles();
  await stressJson(["--duration", "300ms", "--kill-every", "50ms"], { env });
  const commands = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
  expect(commands).not.toContain(env["TMPDIR"]);
});
