/**
 * `npm run bench`: how long the whole of sqlock takes beside another command on the same load, in turn (A B A B …), as medians and
 * ratios. It starts its own load, needs no network and stops by itself.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";

const ROOT = join(import.meta.dirname, "..");
const SQLOCK = [process.execPath, join(ROOT, "bin/sqlock.js"), "who-holds"];
const NODE = [process.execPath, "-e", "0"];

/**
 * Nothing of the caller's Node.js set-up: NODE_EXTRA_CA_CERTS alone can more than double the start of both, and flatter the ratio.
 * `npm run bench -- --env` measures with all of it.
 */
const ENV = process.argv.includes("--env") ? process.env : { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", HOME: process.env["HOME"] ?? "/" };

interface Row {
  readonly work: string;
  readonly result: string;
  readonly target: string;
  readonly met: boolean;
}

interface Load {
  readonly folder: string;
  readonly end: () => Promise<void>;
}

async function startLoad(processes: number, files: number, databases: number): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  const child = spawn("python3", [join(ROOT, "test/bench/load.py"), folder, processes, files, databases].map(String), { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", () => reject(new Error("the load did not start")));
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  return {
    folder,
    end: async () => {
      child.stdin.end();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function wallMs(command: readonly string[]): number {
  const [program = "", ...args] = command;
  const started = process.hrtime.bigint();
  const { error } = spawnSync(program, args, { stdio: "ignore", env: ENV });
  if (error !== undefined) throw error;
  return Number(process.hrtime.bigint() - started) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function compare(work: string, ours: readonly string[], theirs: readonly string[], name: string, most: number, runs: number): Row {
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

/** The peaks of the resident sets of a command and of all its children, added up, in MiB: more than they ever had at one moment. */
async function peakMemory(command: readonly string[]): Promise<number> {
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
    const children = readdirSync(`/proc/${pid}/task`).flatMap((tid) => readFileSync(`/proc/${pid}/task/${tid}/children`, "utf8").trim().split(" "));
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

function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}

async function main(): Promise<void> {
  const rows: Row[] = [];
  const here = readdirSync("/proc").filter((name) => /^\d/.test(name)).length;
  const ordinary = await startLoad(Math.max(0, 100 - here), 20, 1);
  rows.push(compare("some 100 processes, held", [...SQLOCK, join(ordinary.folder, "db0.sqlite3")], NODE, "node -e 0", 1.5, 25));
  await ordinary.end();

  const many = await startLoad(Math.max(0, 100 - here), 20, 50);
  const fifty = Array.from({ length: 50 }, (_, i) => join(many.folder, `db${i}.sqlite3`));
  rows.push(compare("50 databases in one call", [...SQLOCK, ...fifty], [...SQLOCK, ...fifty.slice(0, 1)], "one database", 1.3, 25));
  await many.end();

  const large = await startLoad(1000, 100, 1);
  const database = join(large.folder, "db0.sqlite3");
  const work = "1,000 processes x 100 files";
  if (has("fuser")) rows.push(compare(work, [...SQLOCK, database], ["fuser", "-v", database], "fuser -v", 0.7, 9));
  else console.log("skipped: fuser is not installed (psmisc)");
  if (has("lsof")) rows.push(compare(work, [...SQLOCK, database], ["lsof", database], "lsof FILE", 0.2, 5));
  else console.log("skipped: lsof is not installed");
  rows.push(compare(`${work}, --locks-only`, [...SQLOCK, "--locks-only", database], NODE, "node -e 0", 1.4, 25));
  const ours = await peakMemory([...SQLOCK, database]);
  const theirs = await peakMemory(NODE);
  rows.push({
    work: "peak memory, 100,000 open files",
    result: `${ours.toFixed(0)} MiB, node -e 0: ${theirs.toFixed(0)} MiB`,
    target: "<= node -e 0 + 30 MiB",
    met: ours <= theirs + 30,
  });
  await large.end();

  const table = new Table({ head: ["work", "sqlock / other", "target", ""], style: { head: [], border: [] } });
  for (const row of rows) table.push([row.work, row.result, row.target, row.met ? "met" : "NOT met"]);
  console.log(`Node.js ${process.version}, Linux ${execFileSync("uname", ["-r"], { encoding: "utf8" }).trim()}; medians of whole processes, wall time.`);
  console.log(table.toString());
}

await main();
