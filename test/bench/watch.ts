/**
 * `npm run bench -- --watch`: how much of a core watch takes on a database with a busy writer, by /proc/PID/stat, and
 * how close its counts are. In each mode: the thread that reads /proc/locks, and the whole process with the looks of
 * every 500 ms.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonPath } from "../support/hold.ts";
import { BIN, type Row, show } from "./measure.ts";

/**
 * Opens the database, says so, waits for a line, writes for as long as `times` holds of 20 ms take, and prints how long
 * it held the lock, in ms.
 */
const WRITER = `
import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("pragma journal_mode=" + sys.argv[2]); c.execute("pragma synchronous=off"); c.execute("create table t(a)")
print("ready", flush=True)
sys.stdin.readline()
total = 0
for i in range(int(sys.argv[3])):
    c.execute("begin immediate"); taken = time.perf_counter()
    c.execute("insert into t values (1)"); time.sleep(0.02); c.execute("commit")
    total += time.perf_counter() - taken
    time.sleep(0.008)
print(total * 1000, flush=True)
sys.stdin.readline()
`;

const HOLDS = 700;

/**
 * Clock ticks a second in /proc (USER_HZ). Source: proc_pid_stat(5), sysconf(_SC_CLK_TCK); 100 on every Linux that
 * Node.js runs on.
 */
const TICKS = 100;

/** After the start, and for how long, in ms. */
const SETTLE_MS = 2000;
const MEASURE_MS = 15_000;

export async function benchWatch(): Promise<void> {
  const rows: Row[] = [];
  for (const [mode, lock] of [
    ["wal", "WRITE"],
    ["delete", "RESERVED"],
  ] as const)
    rows.push(...(await measure(mode, lock)));
  show(rows);
}

async function measure(mode: string, lock: string): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  const database = join(folder, "db.sqlite3");
  const writer = spawn(pythonPath(), ["-c", WRITER, database, mode, String(HOLDS)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = linesOf(writer);
  await lines.next();
  const watch = spawn(process.execPath, [BIN, "watch", "--json", database], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  watch.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await sleep(SETTLE_MS);
  writer.stdin.write("go\n");
  await sleep(SETTLE_MS);
  const before = ticksOf(watch.pid ?? 0);
  await sleep(MEASURE_MS);
  const after = ticksOf(watch.pid ?? 0);
  const trueMs = Number((await lines.next()).value);
  const closed = once(watch, "close");
  watch.kill("SIGINT");
  await closed;
  writer.stdin.end("done\n");
  rmSync(folder, { recursive: true, force: true });
  const summary = JSON.parse(output.trim().split("\n").at(-1) ?? "") as Summary;
  const counted = summary.holders.find((holder) => holder.lock === lock);
  const share = (ticks: number) => (ticks / TICKS / (MEASURE_MS / 1000)) * 100;
  const thread = share(after.thread - before.thread);
  const whole = share(after.whole - before.whole);
  const [times, totalMs] = [counted?.times ?? 0, counted?.totalMs ?? 0];
  const error = Math.abs(totalMs / trueMs - 1) * 100;
  return [
    {
      work: `watch, ${mode}: reading /proc/locks every ${(summary.watchedMs / summary.readings).toFixed(2)} ms`,
      result: `${thread.toFixed(1)} % of a core; with the looks ${whole.toFixed(1)} %`,
      target: "<= 10 %",
      met: thread <= 10,
    },
    {
      work: `watch, ${mode}: ${HOLDS} holds of 20 ms`,
      result: `${times} counted, total ${error.toFixed(1)} % off, longest gap ${summary.longestGapMs} ms`,
      target: "2.5 %, 5 %",
      met: Math.abs(times / HOLDS - 1) <= 0.025 && error <= 5,
    },
  ];
}

interface Summary {
  readonly watchedMs: number;
  readonly readings: number;
  readonly longestGapMs: number;
  readonly holders: readonly { readonly lock: string; readonly times: number; readonly totalMs: number }[];
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string, void, void> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** utime and stime: of the process with its children that have ended, and of its busiest thread but the main one. */
function ticksOf(pid: number): { whole: number; thread: number } {
  const threads = readdirSync(`/proc/${pid}/task`).filter((tid) => tid !== String(pid));
  return {
    whole: sum(`/proc/${pid}/stat`, 4),
    thread: Math.max(...threads.map((tid) => sum(`/proc/${pid}/task/${tid}/stat`, 2))),
  };
}

/** The first so many of utime, stime, cutime, cstime. */
function sum(file: string, fields: number): number {
  const text = readFileSync(file, "latin1");
  const values = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return values.slice(11, 11 + fields).reduce((total, value) => total + Number(value), 0);
}
