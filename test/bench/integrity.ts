/**
 * `npm run bench -- --integrity`: sqlock integrity beside the sqlite3 shell and beside better-sqlite3, on databases
 * that are made for it and removed, one shape after another; the commands take turns. Everything is in the kernel's
 * page cache before it is timed. Half an hour on an idle machine; `--rounds 1`, `--megabytes 100` and `--only SHAPE`
 * for a first look; `--many 5000`: that many small databases alone.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pythonPath } from "../support/hold.ts";
import { benchMany } from "./integrity-many.ts";
import { SHAPES, type Shape } from "./integrity-shapes.ts";
import { BIN, ENV, has, median, peakTogether, ROOT, type Row, show } from "./measure.ts";

const PRAGMAS = "PRAGMA integrity_check; PRAGMA foreign_key_check;";

/** The same SQLite as that of sqlock, alone in one process. */
const BARE = `const Database = require(${JSON.stringify(join(ROOT, "node_modules/better-sqlite3"))});
const db = new Database(process.argv[1], { readonly: true });
db.pragma("integrity_check"); db.pragma("foreign_key_check"); db.close();`;

/** At most so much of the shell's time; of the first shape less. */
const NOT_SLOWER = 1.05;
const TARGETS: Readonly<Record<string, { readonly wall: number; readonly cpuOfOneProcess: number }>> = {
  "three-indexes": { wall: 0.45, cpuOfOneProcess: 0.65 },
};

const MOST_MEGABYTES = 200;

interface Settings {
  readonly rounds: number;
  readonly bytes: number;
  readonly shapes: readonly Shape[];
  /** Small databases alone, so many; null: 5,000, and the shapes. */
  readonly many: number | null;
}

export async function benchIntegrity(): Promise<void> {
  if (!has("sqlite3")) {
    console.log("skipped: sqlite3 is not installed");
    return;
  }
  const { rounds, bytes, shapes, many } = settings();
  const small = shapes.length === SHAPES.length ? await benchMany(rounds, many ?? 5000, many !== null) : [];
  if (many !== null) return show(small);
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  try {
    console.log(
      `${execFileSync("sqlite3", ["--version"], { encoding: "utf8" }).split(" ")[0]} is the shell's SQLite, ` +
        `${sqliteOfSqlock()} is sqlock's; ${rounds} rounds; load ${loadavg()[0]?.toFixed(1)} at the start`,
    );
    const startMs = startOf(join(folder, "empty.sqlite3"), rounds);
    console.log(
      `sqlock takes ${startMs.toFixed(0)} ms longer to start than the shell: allowed to all shapes but the first`,
    );
    const rows: Row[] = [...small];
    for (const shape of shapes)
      rows.push(...(await benchShape(shape, join(folder, shape.name), { rounds, bytes, startMs })));
    show(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function settings(): Settings {
  const { values } = parseArgs({
    options: {
      integrity: { type: "boolean" },
      env: { type: "boolean" },
      rounds: { type: "string", default: "3" },
      megabytes: { type: "string", default: "1000" },
      only: { type: "string", multiple: true },
      many: { type: "string" },
    },
  });
  const names = SHAPES.map(({ name }) => name);
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no shape ${unknown}; there are ${names.join(", ")}`);
  return {
    rounds: Number(values.rounds),
    bytes: Number(values.megabytes) * 1e6,
    many: values.many === undefined ? null : Number(values.many),
    shapes: SHAPES.filter(({ name }) => values.only?.includes(name) ?? true),
  };
}

async function benchShape(
  { name, work, share, make }: Shape,
  path: string,
  { rounds, bytes, startMs }: Omit<Settings, "shapes" | "many"> & { readonly startMs: number },
): Promise<Row[]> {
  const started = performance.now();
  make(path, bytes * share);
  const megabytes = read(path) / 1e6;
  console.log(`${name}: ${megabytes.toFixed(0)} MB, made in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  const { wall, cpuOfOneProcess } = TARGETS[name] ?? { wall: NOT_SLOWER, cpuOfOneProcess: NOT_SLOWER };
  const size = `${work}, ${megabytes.toFixed(0)} MB`;
  const ours = sqlock(path);
  const [two, one, shell, bare] = inTurn([ours, alone(ours), shellOf(path), bareOf(path)], rounds, `${path}.out`);
  if (two === undefined || one === undefined || shell === undefined || bare === undefined) throw new Error("no cost");
  console.log(`${name}: ${two.how}; load ${loadavg()[0]?.toFixed(1)}`);
  const memory = (await peakTogether(ours)) * 1.048576;
  const allowed = name in TARGETS ? 0 : startMs;
  const rows = [
    row(size, "wall", two, shell, { than: "the shell", most: wall, allowed }),
    row(`${name}, on one CPU`, "cpu", one, shell, { than: "the shell's CPU", most: cpuOfOneProcess, allowed }),
    row(`${name}, beside better-sqlite3`, "wall", two, bare, { than: "better-sqlite3", most: NOT_SLOWER, allowed }),
    {
      work: `${name}, most memory of all processes at one moment`,
      result: `${memory.toFixed(0)} MB`,
      target: `<= ${MOST_MEGABYTES} MB`,
      met: memory <= MOST_MEGABYTES,
    },
    ...(name === "shop" ? [twoDatabases(path, rounds)] : []),
  ];
  rmSync(path);
  return rows;
}

/** What sqlock takes longer than the shell for a database with nothing in it, in ms. */
function startOf(path: string, rounds: number): number {
  execFileSync("sqlite3", [path, "create table t(a)"]);
  const [ours, theirs] = inTurn([sqlock(path), shellOf(path)], rounds, `${path}.out`);
  return (ours?.wall ?? 0) - (theirs?.wall ?? 0);
}

function twoDatabases(path: string, rounds: number): Row {
  const other = `${path}-2`;
  copyFileSync(path, other);
  read(other);
  const shell = `sqlite3 '${path}' '${PRAGMAS}'; sqlite3 '${other}' '${PRAGMAS}'`;
  const [ours, theirs] = inTurn([sqlock(path, other), ["sh", "-c", shell]], rounds, `${path}.out`);
  rmSync(other);
  if (ours === undefined || theirs === undefined) throw new Error("no cost");
  return row("two of them", "wall", ours, theirs, { than: "the shell, one after the other", most: 0.6, allowed: 0 });
}

/** Into the page cache. @returns its bytes. */
function read(path: string): number {
  execFileSync("cat", [path], { stdio: "ignore" });
  return statSync(path).size;
}

function sqlock(...paths: readonly string[]): string[] {
  return [process.execPath, BIN, "integrity", "--json", ...paths];
}

/** On one CPU: then there is no second process that checks. */
function alone(command: readonly string[]): string[] {
  const status = readFileSync("/proc/self/status", "utf8");
  const first = /^Cpus_allowed_list:\s+(\d+)/m.exec(status)?.[1] ?? "0";
  return ["taskset", "-c", first, ...command];
}

function shellOf(path: string): string[] {
  return ["sqlite3", path, PRAGMAS];
}

function bareOf(path: string): string[] {
  return [process.execPath, "-e", BARE, path];
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
  /** Of sqlock: the verdict, and how it was checked. */
  readonly how: string;
}

/** A B C A B C …; the median of each. Every one must succeed: one that fails is fast. */
function inTurn(commands: readonly (readonly string[])[], rounds: number, output: string): Cost[] {
  const costs = commands.map((): Cost[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, command] of commands.entries()) costs[i]?.push(costOf(command, output));
  return costs.map((some) => ({
    wall: median(some.map(({ wall }) => wall)),
    cpu: median(some.map(({ cpu }) => cpu)),
    how: some[0]?.how ?? "",
  }));
}

function costOf(command: readonly string[], output: string): Cost {
  const measured = execFileSync(pythonPath(), [join(ROOT, "test/bench/cost.py"), output, ...command], {
    encoding: "utf8",
    env: ENV,
  });
  const { wallMs, cpuMs, code } = JSON.parse(measured) as { wallMs: number; cpuMs: number; code: number };
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${readFileSync(output, "utf8")}`);
  return { wall: wallMs, cpu: cpuMs, how: command.includes(BIN) ? howIn(readFileSync(output, "utf8")) : "" };
}

function howIn(document: string): string {
  const { databases } = JSON.parse(document) as {
    databases: { verdict: string; checks: { name: string; way?: unknown }[] }[];
  };
  return databases
    .map(({ verdict, checks }) => {
      const how = checks.find(({ name }) => name === "structure")?.way;
      return `${verdict}, ${JSON.stringify(how)}`;
    })
    .join("; ");
}

interface Target {
  readonly than: string;
  readonly most: number;
  /** Milliseconds beyond that. */
  readonly allowed: number;
}

function row(work: string, kind: "wall" | "cpu", ours: Cost, theirs: Cost, { than, most, allowed }: Target): Row {
  const [a, b] = [ours[kind], theirs[kind]].map((ms) => (ms / 1000).toFixed(2));
  const cpu = kind === "wall" ? `; CPU ${(ours.cpu / theirs.cpu).toFixed(2)}` : "";
  return {
    work,
    result: `${kind === "cpu" ? "CPU " : ""}${a} s / ${b} s = ${(ours[kind] / theirs[kind]).toFixed(2)}${cpu}`,
    target: `<= ${most} x ${than}${allowed > 0 ? " + start" : ""}`,
    met: ours[kind] <= most * theirs[kind] + allowed,
  };
}

function sqliteOfSqlock(): string {
  const header = readFileSync(join(ROOT, "node_modules/better-sqlite3/deps/sqlite3/sqlite3.h"), "utf8");
  return /SQLITE_VERSION\s+"([\d.]+)"/.exec(header)?.[1] ?? "?";
}
