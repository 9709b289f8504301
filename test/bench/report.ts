/**
 * `npm run bench -- --report`: how long a report of a folder of a day takes, beside what it takes only to unpack it. In
 * turn, as all comparisons.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUSY_DAY, type DayOptions, writeDay } from "./day.ts";
import { BIN, median, peakMemory, type Row, show, wallMs } from "./measure.ts";

const ROUNDS = 7;
const LIMIT_MS = 2_000;
/** A day on which little happens. */
const QUIET_DAY: DayOptions = { ...BUSY_DAY, activity: 0.03, waits: 10 };

export async function benchReport(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  try {
    const rows: Row[] = [];
    for (const [name, options] of [
      ["busy day", BUSY_DAY],
      ["quiet day", QUIET_DAY],
    ] as const) {
      const day = join(folder, name.replace(" ", "-"));
      const megabytes = Math.round(writeDay(day, options) / 1e6);
      const lines = Number(execFileSync("sh", ["-c", `zcat ${day}/*.gz | wc -l`], { encoding: "utf8" }));
      const work = `${name}, ${megabytes} MB, ${lines.toLocaleString("en")} lines`;
      rows.push(...(await reports(work, day)));
    }
    show(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function reports(work: string, day: string): Promise<Row[]> {
  const calls = {
    report: [process.execPath, BIN, "report", day],
    at: [process.execPath, BIN, "report", "--at", "03:12", day],
    zcat: ["sh", "-c", `zcat ${day}/*.gz | wc -l`],
  };
  const took: Record<keyof typeof calls, number[]> = { report: [], at: [], zcat: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const name of Object.keys(calls) as (keyof typeof calls)[]) took[name].push(wallMs(calls[name]));
  const [report, at, zcat] = [median(took.report), median(took.at), median(took.zcat)];
  const row = (what: string, ms: number): Row => ({
    work: `${work}: ${what}`,
    result: `${seconds(ms)}, zcat | wc -l: ${seconds(zcat)}, ratio ${(ms / zcat).toFixed(2)}`,
    target: `<= ${LIMIT_MS / 1_000} s`,
    met: ms <= LIMIT_MS,
  });
  const memory = await peakMemory(calls.report);
  return [
    row("report", report),
    row("--at", at),
    { work: `${work}: peak memory`, result: `${memory.toFixed(0)} MiB`, target: "<= 400 MiB", met: memory <= 400 },
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
