/**
 * Part of `npm run bench -- --integrity`: many small databases beside one process of the sqlite3 shell for each, and
 * the memory over a long run (`--many 5000`: that part alone, of so many).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { BIN, ENV, median, type Row, wallMs, withChildren } from "./measure.ts";

const COUNT = 200;
const BYTES = 100_000;

/** A clock tick of proc_pid_stat(5), on every Linux that Node.js runs on. */
const TICK_MS = 10;

const READ_EVERY_MS = 100;

/** `rounds`: of sqlock and the shell in turn. `many`: the number of databases of the long run. */
export async function benchMany(rounds: number, many: number, longAlone: boolean): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  try {
    const few = longAlone ? [] : besideShell(makeDatabases(join(folder, "few"), COUNT), rounds);
    return [...few, ...(await longRun(makeDatabases(join(folder, "many"), many), many))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeDatabases(folder: string, count: number): string {
  mkdirSync(folder);
  const first = join(folder, "00000.db");
  const db = new Database(first);
  db.exec(`pragma synchronous = off;
    create table p(id integer primary key, n text);
    create table t(a integer primary key, b text, c integer references p(id));
    create index tb on t(b); create unique index tc on t(a, c);
    with recursive n(i) as (select 0 union all select i + 1 from n where i < 99) insert into p select i, i from n;
    begin`);
  const insert = db.prepare("insert into t(b, c) values (?, ?)");
  const pages = db.prepare<[], { bytes: number }>("select page_count * 4096 as bytes from pragma_page_count");
  for (let i = 0; i % 50 !== 0 || (pages.get()?.bytes ?? 0) < BYTES; i++) insert.run(`row ${i} of many`, i % 100);
  db.exec("commit");
  db.close();
  for (let i = 1; i < count; i++) copyFileSync(first, join(folder, `${String(i).padStart(5, "0")}.db`));
  return folder;
}

function besideShell(folder: string, rounds: number): Row[] {
  const shell = `for f in '${folder}'/*; do sqlite3 "$f" "pragma integrity_check; pragma foreign_key_check"; done`;
  const commands = [
    [process.execPath, BIN, "integrity", "-r", folder],
    ["sh", "-c", shell],
  ] as const;
  const wall = commands.map((): number[] => []);
  const cpu = commands.map((): number[] => []);
  for (let round = 0; round <= rounds; round++)
    for (const [i, command] of commands.entries()) {
      const before = cpuOfChildrenMs();
      const ms = wallMs(command);
      if (round === 0) continue; // reads all into the page cache
      wall[i]?.push(ms);
      cpu[i]?.push(cpuOfChildrenMs() - before);
    }
  const row = (what: string, [ours = Number.NaN, theirs = Number.NaN]: readonly number[], most: number): Row => ({
    work: `${COUNT} databases of 100 KB, ${what} (load ${loadavg()[0]?.toFixed(1)})`,
    result: `${(ours / 1000).toFixed(2)} s / ${(theirs / 1000).toFixed(2)} s = ${(ours / theirs).toFixed(2)}`,
    target: Number.isFinite(most) ? `<= ${most} x the shell, a process for each` : "",
    met: ours <= theirs * most,
  });
  return [row("wall", wall.map(median), 3), row("CPU", cpu.map(median), Number.POSITIVE_INFINITY)];
}

/** Of all children that have ended, and theirs, in ms. */
function cpuOfChildrenMs(): number {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

interface Reading {
  readonly ms: number;
  /** Resident, in bytes: of the command, and of the largest of its children. */
  readonly parent: number;
  readonly worker: number;
  readonly descriptors: number;
}

async function longRun(folder: string, count: number): Promise<Row[]> {
  const before = cpuOfChildrenMs();
  const started = performance.now();
  const child = spawn(process.execPath, [BIN, "integrity", "-r", folder], { stdio: "ignore", env: ENV });
  const readings = await readUntilEnd(child, started);
  const wall = (performance.now() - started) / 1000;
  const cpu = (cpuOfChildrenMs() - before) / 1000;
  for (const each of readings.filter((_, i) => i % Math.ceil(readings.length / 12) === 0))
    console.log(
      `  ${(each.ms / 1000).toFixed(1)} s: command ${mb(each.parent)}, worker ${mb(each.worker)}, ` +
        `${each.descriptors} descriptors`,
    );
  const half = readings.slice(Math.floor(readings.length / 2));
  const quarter = readings.slice(Math.floor(readings.length / 4), Math.floor(readings.length / 2));
  const growth = (of: (reading: Reading) => number) => {
    const [early, late] = [median(quarter.map(of)), median(half.slice(Math.floor(half.length / 2)).map(of))];
    return { text: `${mb(early)}, ${mb(late)}`, isFlat: late <= early * 1.15 };
  };
  const [parent, worker] = [growth((each) => each.parent), growth((each) => each.worker)];
  const descriptors = Math.max(...readings.map((each) => each.descriptors));
  const work = `${count} databases (${wall.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU)`;
  return [
    { work: `${work}: memory of the command, early and late`, result: parent.text, target: "flat", met: parent.isFlat },
    { work: "the same, of its largest worker", result: worker.text, target: "flat", met: worker.isFlat },
    { work: "the same: descriptors of the command", result: `${descriptors}`, target: "<= 64", met: descriptors <= 64 },
  ];
}

async function readUntilEnd(child: ChildProcess, started: number): Promise<Reading[]> {
  const readings: Reading[] = [];
  let running = true;
  child.once("exit", () => {
    running = false;
  });
  while (running) {
    await new Promise((resolve) => setTimeout(resolve, READ_EVERY_MS));
    const [pid = 0, ...workers] = withChildren(child.pid ?? 0);
    const parent = residentOf(pid);
    if (parent === 0) break;
    const worker = Math.max(0, ...workers.map(residentOf));
    readings.push({ ms: performance.now() - started, parent, worker, descriptors: descriptorsOf(pid) });
  }
  return readings;
}

function residentOf(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0);
}

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
