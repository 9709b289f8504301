/** Time and memory of a whole process, compared with another one. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";

export const ROOT = join(import.meta.dirname, "..");
export const BIN = join(ROOT, "bin/sqlock.js");

/**
 * Without the caller's Node.js settings: NODE_EXTRA_CA_CERTS alone can more than double the start of both commands,
 * which improves the ratio. `npm run bench -- --env` measures with them.
 */
export const ENV = process.argv.includes("--env")
  ? process.env
  : { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", HOME: process.env["HOME"] ?? "/" };

export interface Row {
  readonly work: string;
  readonly result: string;
  readonly target: string;
  readonly met: boolean;
}

export function wallMs(command: readonly string[]): number {
  const [program = "", ...args] = command;
  const started = process.hrtime.bigint();
  const { error } = spawnSync(program, args, { stdio: "ignore", env: ENV });
  if (error !== undefined) throw error;
  return Number(process.hrtime.bigint() - started) / 1e6;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function compare(
  work: string,
  ours: readonly string[],
  theirs: readonly string[],
  name: string,
  maxRatio: number,
  runs: number,
): Row {
  const oursMs: number[] = [];
  const theirsMs: number[] = [];
  wallMs(ours);
  wallMs(theirs);
  for (let i = 0; i < runs; i++) {
    oursMs.push(wallMs(ours));
    theirsMs.push(wallMs(theirs));
  }
  const ratio = median(oursMs) / median(theirsMs);
  return {
    work,
    result: `${median(oursMs).toFixed(0)} ms / ${median(theirsMs).toFixed(0)} ms = ${ratio.toFixed(2)}`,
    target: `<= ${maxRatio} x ${name}`,
    met: ratio <= maxRatio,
  };
}

/**
 * The sum of the peak resident sets of a command and all its children, in MiB: an upper bound of what they used at one
 * moment.
 */
export async function peakMemory(command: readonly string[]): Promise<number> {
  const [program = "", ...args] = command;
  const child: ChildProcess = spawn(program, args, { stdio: "ignore", env: ENV });
  const peaks = new Map<number, number>();
  let running = true;
  child.once("exit", () => {
    running = false;
  });
  while (running) {
    for (const pid of withChildren(child.pid ?? 0)) {
      const peak = peakOf(pid);
      if (peak !== null) peaks.set(pid, Math.max(peak, peaks.get(pid) ?? 0));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return [...peaks.values()].reduce((sum, kib) => sum + kib, 0) / 1024;
}

/**
 * The most that a command and all its children had resident at one moment, in MiB: the sum at the same time, read
 * every millisecond.
 */
export async function peakTogether(command: readonly string[]): Promise<number> {
  const [program = "", ...args] = command;
  const child: ChildProcess = spawn(program, args, { stdio: "ignore", env: ENV });
  let running = true;
  child.once("exit", () => {
    running = false;
  });
  let most = 0;
  while (running) {
    const together = withChildren(child.pid ?? 0).reduce((sum, pid) => sum + (kibOf(pid, "VmRSS") ?? 0), 0);
    most = Math.max(most, together);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return most / 1024;
}

/** The process, and all that it started. */
export function withChildren(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((tid) =>
      readFileSync(`/proc/${pid}/task/${tid}/children`, "utf8").trim().split(" "),
    );
    return [pid, ...children.filter((child) => child !== "").flatMap((child) => withChildren(Number(child)))];
  } catch {
    return [];
  }
}

function peakOf(pid: number): number | null {
  return kibOf(pid, "VmHWM");
}

function kibOf(pid: number, field: "VmHWM" | "VmRSS"): number | null {
  try {
    const line = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(line?.[1] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}

export function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}

export function show(rows: readonly Row[]): void {
  const table = new Table({ head: ["work", "sqlock / other", "target", ""], style: { head: [], border: [] } });
  for (const row of rows) table.push([row.work, row.result, row.target, row.met ? "met" : "NOT met"]);
  console.log(
    `Node.js ${process.version}, Linux ${execFileSync("uname", ["-r"], { encoding: "utf8" }).trim()}; medians of ` +
      "whole processes, wall time.",
  );
  console.log(table.toString());
}
