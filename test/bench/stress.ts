/**
 * `npm run bench -- --stress`: the throughput of one writer compared with a bare loop of better-sqlite3 that does the
 * same transactions, in both journal modes; and a long run with killed workers: nothing lost, the memory of the
 * command, no process left. `--minutes 5`: the length of the long run (1 for each mode), `--minutes 0` without it.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { checksumOf, textOf } from "../../src/features/stress/content.ts";
import type { StressReport } from "../../src/features/stress/report.ts";
import { WriterSequence } from "../../src/features/stress/sequence.ts";
import { BIN, median, type Row, show } from "./measure.ts";

const MODES = ["wal", "delete"] as const;
const SECONDS = 4;
const SEED = 7;

const LONG_LOAD = ["--writers", "16", "--readers", "16", "--kill-every", "200ms"];

export async function benchStress(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stress: { type: "boolean" },
      minutes: { type: "string", default: "1" },
      rounds: { type: "string", default: "5" },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  try {
    const rows: Row[] = MODES.map((mode) => compareWithBareLoop(mode, folder, Number(values.rounds)));
    if (Number(values.minutes) > 0)
      for (const mode of MODES) rows.push(...(await longRun(mode, folder, Number(values.minutes))));
    show(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Alternating runs; medians. */
function compareWithBareLoop(mode: (typeof MODES)[number], folder: string, rounds: number): Row {
  const stressRates: number[] = [];
  const bareRates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const args = [
      "--writers",
      "1",
      "--readers",
      "0",
      "--duration",
      `${SECONDS}s`,
      "--seed",
      String(SEED),
      "--journal-mode",
      mode,
      "--dir",
      folder,
    ];
    const { stdout } = spawnSync(process.execPath, [BIN, "stress", "--json", ...args], {
      encoding: "utf8",
      maxBuffer: 1e9,
    });
    stressRates.push((JSON.parse(stdout) as StressReport).commitsPerSecond);
    bareRates.push(bareLoop(mode, folder));
  }
  const [stressRate, bareRate] = [median(stressRates), median(bareRates)];
  const ratio = stressRate / bareRate;
  return {
    work: `one writer, ${mode === "wal" ? "WAL" : "rollback"}`,
    result: `${stressRate.toFixed(0)} / ${bareRate.toFixed(0)} commits a second = ${ratio.toFixed(2)}`,
    target: ">= 0.7 x better-sqlite3 alone",
    met: ratio >= 0.7,
  };
}

/**
 * The same rows in the same order in one process, without records and measurements of each transaction.
 * @returns commits per second
 */
function bareLoop(mode: string, folder: string): number {
  const path = join(folder, "bare.db");
  const db = new Database(path);
  db.pragma(`journal_mode = ${mode}`);
  db.exec(
    "CREATE TABLE t (writer INTEGER NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, text TEXT NOT " +
      "NULL, checksum INTEGER NOT NULL, PRIMARY KEY (writer, number))",
  );
  const [begin, commit] = [db.prepare("BEGIN"), db.prepare("COMMIT")];
  const insert = db.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
  const update = db.prepare(
    "UPDATE t SET version = version + 1, text = ?, checksum = ? WHERE writer = ? AND number = ?",
  );
  const remove = db.prepare("DELETE FROM t WHERE writer = ? AND number = ?");
  const sequence = new WriterSequence(SEED, 1, 1);
  let commits = 0;
  const end = performance.now() + SECONDS * 1000;
  while (performance.now() < end) {
    begin.run();
    for (const operation of sequence.next()) {
      const { kind, writer, number, version } = operation;
      if (kind === "delete") remove.run(writer, number);
      else {
        const text = textOf(SEED, operation);
        const checksum = checksumOf(operation, text);
        if (kind === "insert") insert.run(writer, number, version, text, checksum);
        else update.run(text, checksum, writer, number);
      }
    }
    commit.run();
    commits++;
  }
  db.close();
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
  return commits / SECONDS;
}

async function longRun(mode: (typeof MODES)[number], folder: string, minutes: number): Promise<Row[]> {
  const args = [
    ...LONG_LOAD,
    "--duration",
    `${minutes}m`,
    "--seed",
    String(SEED),
    "--journal-mode",
    mode,
    "--dir",
    folder,
  ];
  const child = spawn(process.execPath, [BIN, "stress", "--json", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  let peakMiB = 0;
  const sampling = setInterval(() => {
    peakMiB = Math.max(peakMiB, peakOf(child.pid ?? 0));
  }, 200);
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearInterval(sampling);
  const report = JSON.parse(Buffer.concat(pieces).toString()) as StressReport;
  const { acknowledged, found, lost, duplicated, inFlight, integrity } = report.verification;
  const work = `16 writers, 16 readers, ${minutes} min, ${mode === "wal" ? "WAL" : "rollback"}`;
  const processes = workersOf(folder);
  const files = readdirSync(folder);
  return [
    {
      work,
      result:
        `${report.workersKilled} killed; ${acknowledged} acknowledged, ${found} found, ${lost} lost, ${duplicated} ` +
        `too many, ${inFlight} in flight, ${integrity}`,
      target: "nothing lost",
      met: code === 0 && lost === 0 && duplicated === 0 && integrity === "ok",
    },
    {
      work: `${work}: memory of the command`,
      result: `${((peakMiB * 1024 * 1024) / 1e6).toFixed(0)} MB`,
      target: "<= 150 MB",
      met: peakMiB * 1.048576 <= 150,
    },
    {
      work: `${work}: left`,
      result: `${processes} processes, ${files.length} files`,
      target: "none",
      met: processes === 0 && files.length === 0,
    },
  ];
}

/** VmHWM, in MiB; 0 where the process has ended. Source: proc_pid_status(5) */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Processes that have a file of the folder open. */
function workersOf(folder: string): number {
  const { stdout } = spawnSync("sh", ["-c", `ls -l /proc/[0-9]*/fd 2> /dev/null | grep -c -- '${folder}/'`], {
    encoding: "utf8",
  });
  return Number(stdout.trim());
}
