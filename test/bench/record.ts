/**
 * `npm run bench -- --record`: what a recording costs the program that is recorded, by its own CPU time, with and
 * without in turn; and what the recorder itself takes at 50,000 lock events a second, and at rest. Needs root and
 * tracefs.
 * `--minutes 10`: the length of each load (1 by default; 20 s at least), `--rounds`: of the comparison.
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
import { BIN, ENV, median, ROOT, type Row, show, wallMs } from "./measure.ts";

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
      if (passed >= seconds) return done - from;
      const wanted = from + passed * perSecond;
      for (let i = 0; done < wanted && i < 1000; i++) commit(); // a machine that is too slow stops in time as well
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
const READY_WITHIN_MS = 60_000;
/** What was recorded is in the file by then. */
const SETTLE_MS = 1500;
const STARTS = 10;
/** A recorder looks less often from then on. */
const RESTS_AFTER_MS = 10_000;
const REST_S = 60;
const SAMPLED_MS = 1000;
/** Until then V8 compiles, and its heap grows to what the load needs. */
const WARM_UP_S = 10;

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
    rows.push(await firstEvent(program, folder));
    for (const source of ["kernel", "sampled"]) rows.push(await atRest(program, folder, source));
    const seconds = Math.max(LOAD_S, Math.round(Number(values.minutes) * 60));
    for (const statements of [false, true]) rows.push(...(await load(program, folder, seconds, statements)));
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

  /** Nothing of it is of use any more. */
  dismiss(): void {
    this.#child.kill("SIGINT");
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
    this.dismiss();
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

/** From the call of the command on; in turn with `sqlock --version`, which only starts and ends. */
async function firstEvent(program: Program, folder: string): Promise<Row> {
  const starts: number[] = [];
  const versions: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    versions.push(wallMs([process.execPath, BIN, "--version"]));
    const busy = program.run("rate 500 2");
    const recording = new Recording(program, join(folder, "first.jsonl"), ["--no-sql", "--min-wait", "0"]);
    await busy;
    starts.push(untilFirst(await recording.end(), recording.startedMs));
  }
  const [firstMs, versionMs] = [median(starts), median(versions)];
  return {
    work: "record: from the call to the first recorded event",
    result: `median of ${STARTS}: ${firstMs.toFixed(0)} ms; sqlock --version: ${versionMs.toFixed(0)} ms`,
    target: "<= 500 ms",
    met: firstMs <= 500,
  };
}

/** A continuous recording of a database that the program has open, and does nothing with. */
async function atRest(program: Program, folder: string, source: string): Promise<Row> {
  const recorder = spawn(
    process.execPath,
    [BIN, "record", "--source", source, "--keep", "24h", "-o", join(folder, source), program.database],
    { stdio: ["ignore", "ignore", "inherit"], env: ENV },
  );
  const pid = recorder.pid ?? 0;
  await sleep(RESTS_AFTER_MS);
  const [from, began] = [ticksOf(pid), performance.now()];
  await sleep(REST_S * 1000);
  const share = ((ticksOf(pid) - from) / TICKS / (performance.now() - began)) * 1000;
  const exited = once(recorder, "exit");
  recorder.kill("SIGINT");
  await exited;
  return {
    work: `record --keep, ${source}: CPU of the recorder at rest, for ${REST_S} s`,
    result: `${(share * 100).toFixed(2)} % of a core`,
    target: "<= 1 %",
    met: share <= 0.01,
  };
}

async function load(program: Program, folder: string, seconds: number, statements: boolean): Promise<Row[]> {
  const recording = new Recording(program, join(folder, "load.jsonl"), statements ? [] : ["--no-sql"]);
  await recording.ready(program, statements);
  await sleep(SETTLE_MS);
  const earlier = commitsOf(recording.lines());
  const loaded = program.run(`rate ${RATE / EVENTS} ${seconds}`);
  const [from, began] = [ticksOf(recording.pid), performance.now()];
  const passed = () => (performance.now() - began) / 1000;
  const sizes: number[] = [];
  while (passed() < seconds) {
    await sleep(SAMPLED_MS);
    if (passed() > WARM_UP_S) sizes.push(memoryOf(recording.pid));
  }
  const cores = (ticksOf(recording.pid) - from) / TICKS / passed();
  const commits = await loaded;
  const lines = await recording.end();
  const recorded = commitsOf(lines) - earlier;
  const lost = lines.reduce((sum, line) => sum + (line.type === "gap" ? (line.lostEvents ?? 0) : 0), 0);
  const rate = (commits * EVENTS) / seconds;
  const half = Math.floor(sizes.length / 2);
  const [first, second] = [mean(sizes.slice(0, half)), mean(sizes.slice(half))];
  const largest = Math.max(...sizes);
  const work = `record, ${statements ? "with SQL" : "locks only"}, ${RATE} lock events/s for ${seconds} s`;
  return [
    {
      work,
      result: `${Math.round(rate)} a second; ${commits} commits, ${recorded} recorded; ${lost} events lost`,
      target: "all, 0 lost",
      met: recorded === commits && lost === 0 && rate >= RATE * 0.95,
    },
    {
      work: `${work}: CPU of the recorder`,
      result: `${(cores * 100).toFixed(1)} % of a core`,
      target: "<= 50 %",
      met: cores <= 0.5,
    },
    {
      work: `${work}: resident memory`,
      result: `largest ${largest.toFixed(0)} MB; mean of the halves ${first.toFixed(0)} and ${second.toFixed(0)} MB`,
      target: "<= 150 MB, flat",
      met: largest <= 150 && second <= first * 1.1,
    },
  ];
}

/** `startedMs`: when the command was called, by the wall clock. */
function untilFirst(lines: readonly RecordingLine[], startedMs: number): number {
  const meta = lines.find((line) => line.type === "meta");
  const times = lines.flatMap((line) => (line.type === "lock" && !line.atLeast ? line.fromMs : []));
  return Date.parse(meta?.startedAt ?? "") + times.reduce((least, ms) => Math.min(least, ms), Infinity) - startedMs;
}

/** Transactions that took the write lock: of those locks tell as well where there are no statements. */
function commitsOf(lines: readonly RecordingLine[]): number {
  return lines.reduce((sum, line) => {
    if (line.type === "transaction") return sum + (line.writeFromMs === null ? 0 : 1);
    return line.type === "counts" ? sum + (line.writeTransactions ?? 0) : sum;
  }, 0);
}

/** utime and stime. */
function ticksOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** VmRSS, in MB. */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
