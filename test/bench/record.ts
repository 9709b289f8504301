/**
 * `npm run bench -- --record`: what a recording costs the program that is recorded, by its own CPU time, with and
 * without in turn; and what the recorder itself takes at 50,000 lock events a second. Needs root and tracefs.
 * `--minutes 10`: the length of the load (1 by default; 20 s at least), `--rounds`: of the comparison.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { BIN, ENV, median, ROOT, type Row, show } from "./measure.ts";

/**
 * Commands on stdin, one answer each. `loop N`: autocommits, answers with their CPU time in us. `long`: a transaction
 * of 15 ms, which a recording lists. `rate N S`: N autocommits a second for S seconds, answers with their number. It
 * has a copy of SQLite of its own: other recorders on this machine have no probes there.
 */
const PROGRAM = `
import Database from "better-sqlite3";
import { createInterface } from "node:readline";
const [path, nativeBinding] = process.argv.slice(1);
const db = new Database(path, { nativeBinding });
db.pragma("journal_mode = wal"); db.pragma("synchronous = off");
db.exec("create table if not exists t(a)");
const insert = db.prepare("insert into t values (?)");
const clear = db.prepare("delete from t");
let done = 0;
const commit = () => { if (++done % 1000 === 0) clear.run(); else insert.run(done); };
const run = {
  loop(count) {
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) commit();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  },
  async long() {
    const until = performance.now() + 15;
    db.exec("begin immediate");
    while (performance.now() < until);
    db.exec("commit");
    return 0;
  },
  async rate(perSecond, seconds) {
    const [from, began] = [done, performance.now()];
    for (;;) {
      const passed = (performance.now() - began) / 1000;
      const wanted = from + Math.min(passed, seconds) * perSecond;
      while (done < wanted) commit();
      if (passed >= seconds) return done - from;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  },
};
run.loop(3000);
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = line.split(" ");
  console.log(await run[name](...args.map(Number)));
}
`;

const COMMITS = 20_000;
/** An autocommit in WAL mode takes and drops READ and WRITE. */
const EVENTS = 4;
const RATE = 50_000;
const LOAD_S = 20;
const READY_WITHIN_MS = 15_000;
/** What was recorded is in the file by then. */
const SETTLE_MS = 1500;

/** Clock ticks a second in /proc (USER_HZ). Source: proc_pid_stat(5) */
const TICKS = 100;

export async function benchRecord(): Promise<void> {
  const { values } = parseArgs({
    options: {
      record: { type: "boolean" },
      minutes: { type: "string", default: "1" },
      rounds: { type: "string", default: "9" },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  try {
    const reason = whyNot(folder);
    if (reason !== null) {
      console.log(`skipped: ${reason}`);
      return;
    }
    const program = await Program.start(folder);
    const rows = await costs(program, folder, Number(values.rounds));
    rows.push(...(await load(program, folder, Math.max(LOAD_S, Number(values.minutes) * 60))));
    await program.end();
    show(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In sqlock's own words. */
function whyNot(folder: string): string | null {
  const args = [BIN, "record", "--source", "kernel", "--for", "100ms", join(folder, "none.db")];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return status === 0 ? null : stderr.trim();
}

class Program {
  readonly database: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  static async start(folder: string): Promise<Program> {
    const program = new Program(folder);
    await program.#answers.next();
    return program;
  }

  private constructor(folder: string) {
    this.database = join(folder, "db.sqlite3");
    const library = join(folder, "better_sqlite3.node");
    const installed = dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
    copyFileSync(join(installed, "build/Release/better_sqlite3.node"), library);
    const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, "--", this.database, library], {
      cwd: ROOT,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.pid = child.pid ?? 0;
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** The answer. */
  async run(command: string): Promise<number> {
    this.#child.stdin?.write(`${command}\n`);
    return Number((await this.#answers.next()).value);
  }

  async end(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.stdin?.end();
    await exited;
  }
}

class Recording {
  readonly pid: number;
  readonly startedMs = Date.now();
  readonly #file: string;
  readonly #child: ChildProcess;

  constructor(program: Program, file: string, args: readonly string[]) {
    this.#file = file;
    const command = [BIN, "record", "--source", "kernel", "-o", file, "--force", ...args, program.database];
    rmSync(file, { force: true });
    this.#child = spawn(process.execPath, command, { stdio: ["ignore", "ignore", "inherit"], env: ENV });
    this.pid = this.#child.pid ?? 0;
  }

  /** What is in the file now. */
  lines(): RecordingLine[] {
    const text = existsSync(this.#file) ? readFileSync(this.#file, "utf8") : "";
    return text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .flatMap((line) => (line === "" ? [] : (JSON.parse(line) as RecordingLine)));
  }

  /** Its statements are recorded, where they are to be. */
  async ready(program: Program, statements: boolean): Promise<void> {
    const until = Date.now() + READY_WITHIN_MS;
    while (Date.now() < until) {
      await program.run("long");
      await sleep(100);
      const listed = this.lines().filter(({ type }) => type === "transaction");
      if (listed.some((line) => "insideMs" in line && (line.insideMs !== null) === statements)) return;
    }
    throw new Error("the recorder did not record");
  }

  async end(): Promise<RecordingLine[]> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGINT");
    await exited;
    return this.lines();
  }
}

/** Of the recorded program, in pairs: each recording beside the mean of the runs before and after it. */
async function costs(program: Program, folder: string, rounds: number): Promise<Row[]> {
  const kinds = [
    { name: "locks only", args: ["--no-sql"], most: 1.35, us: [] as number[], ratios: [] as number[] },
    { name: "with SQL", args: [] as string[], most: 1.65, us: [] as number[], ratios: [] as number[] },
  ];
  const without: number[] = [];
  const loop = () => program.run(`loop ${COMMITS}`);
  let before = await loop();
  for (let round = 0; round < rounds; round++) {
    for (const { args, us, ratios } of kinds) {
      const recording = new Recording(program, join(folder, "cost.jsonl"), args);
      await recording.ready(program, args.length === 0);
      const recorded = await loop();
      await recording.end();
      const after = await loop();
      us.push(recorded);
      ratios.push((2 * recorded) / (before + after));
      without.push(after);
      before = after;
    }
  }
  return kinds.map(({ name, most, us, ratios }) => ({
    work: `record, ${name}: CPU of ${COMMITS} autocommits (WAL)`,
    result:
      `${median(us).toFixed(1)} us / ${median(without).toFixed(1)} us; ` +
      `median of the pairs ${median(ratios).toFixed(2)}`,
    target: `<= ${most} x not recorded`,
    met: median(ratios) <= most,
  }));
}

async function load(program: Program, folder: string, seconds: number): Promise<Row[]> {
  const file = join(folder, "load.jsonl");
  const starts: number[] = [];
  for (let i = 0; i < 5; i++) {
    const busy = program.run("rate 500 2");
    const first = new Recording(program, file, ["--no-sql", "--min-wait", "0"]);
    await busy;
    starts.push(untilFirst(await first.end(), first.startedMs));
  }
  const firstMs = median(starts);

  const recording = new Recording(program, file, ["--no-sql"]);
  await recording.ready(program, false);
  await sleep(SETTLE_MS);
  const earlier = recording.lines().filter(({ type }) => type === "transaction").length;
  const [from, began] = [ticksOf(recording.pid), performance.now()];
  const loaded = program.run(`rate ${RATE / EVENTS} ${seconds}`);
  await sleep(LOAD_S * 1000);
  const cores = (ticksOf(recording.pid) - from) / TICKS / ((performance.now() - began) / 1000);
  const memory = [`${LOAD_S} s: ${memoryOf(recording.pid).toFixed(0)}`];
  const sizes: number[] = [memoryOf(recording.pid)];
  for (const minute of [1, 5, 10]) {
    if (minute * 60 > seconds) break;
    await sleep(minute * 60_000 - (performance.now() - began));
    sizes.push(memoryOf(recording.pid));
    memory.push(`${minute} min: ${memoryOf(recording.pid).toFixed(0)}`);
  }
  const commits = await loaded;
  const lines = await recording.end();
  const recorded = commitsOf(lines) - earlier;
  const lost = lines.reduce((sum, line) => sum + (line.type === "gap" ? (line.lostEvents ?? 0) : 0), 0);
  return [
    {
      work: `record, ${RATE} lock events/s for ${seconds} s`,
      result: `${commits} commits, ${recorded} recorded; ${lost} events lost`,
      target: "all, 0 lost",
      met: recorded === commits && lost === 0,
    },
    {
      work: "record, the same: CPU of the recorder",
      result: `${(cores * 100).toFixed(1)} % of a core`,
      target: "<= 50 %",
      met: cores <= 0.5,
    },
    {
      work: "record, the same: resident memory",
      result: `${memory.join(", ")} MB`,
      target: "<= 150 MB, flat",
      met: Math.max(...sizes) <= 150 && (sizes.at(-1) ?? 0) <= (sizes[0] ?? 0) * 1.15,
    },
    {
      work: "record: from the start to the first recorded event",
      result: `${firstMs.toFixed(0)} ms`,
      target: "<= 500 ms",
      met: firstMs <= 500,
    },
  ];
}

/** `startedMs`: when the command was called, by the wall clock. */
function untilFirst(lines: readonly RecordingLine[], startedMs: number): number {
  const meta = lines.find((line) => line.type === "meta");
  const times = lines.flatMap((line) => (line.type === "lock" && !line.atLeast ? line.fromMs : []));
  return Date.parse(meta?.startedAt ?? "") + times.reduce((least, ms) => Math.min(least, ms), Infinity) - startedMs;
}

function commitsOf(lines: readonly RecordingLine[]): number {
  return lines.reduce(
    (sum, line) => sum + (line.type === "transaction" ? 1 : line.type === "counts" ? (line.transactions ?? 0) : 0),
    0,
  );
}

/** utime and stime. */
function ticksOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** VmRSS, in MB. */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
