/** How long a whole process takes, and how much memory, beside another one. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";

export const ROOT = join(import.meta.dirname, "..");
export const BIN = join(ROOT, "bin/sqlock.js");

/**
 * Nothing of the caller's Node.js set-up: NODE_EXTRA_CA_CERTS alone can more than double the start of both, and flatter
 * the ratio. `npm run bench -- --env` measures with all of it.
 */
const ENV = process.argv.includes("--env")
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
  most: number,
  runs: number,
): Row {
  const a: number[] = [];
  const b: number[] = [];
  wallMs(ours);
  wallMs(theirs);
  for (let i = 0; i < runs; i++) {
    a.push(wallMs(ours));
    b.push(wallMs(theirs));
  }
  const ratio = median(a) / median(b);
  return {
    work,
    result: `${median(a).toFixed(0)} ms / ${median(b).toFixed(0)} ms = ${ratio.toFixed(2)}`,
    target: `<= ${most} x ${name}`,
    met: ratio <= most,
  };
}

/**
 * The peaks of the resident sets of a command and of all its children, added up, in MiB: more than they ever had at one
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

function withChildren(pid: number): number[] {
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
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) || null;
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
