/**
 * For how long a process has not run. `se.exec_start` of a thread is on the clock of the CPU it last ran on, and each
 * CPU has its own: it is compared with a reading made on that CPU, by a thread of ours that ran there or by a child
 * that is sent there.
 */

import { readIo } from "../../../proc/io.ts";
import { readNames, valueOr } from "../../../proc/read.ts";
import { parseExecStart, readExecStart } from "../../../proc/sched.ts";
import { readStat } from "../../../proc/stat.ts";
import { uptimeMs } from "../../../time.ts";

/** Where and when a thread last ran. */
export interface LastRun {
  /** Its folder in /proc. */
  readonly task: string;
  readonly cpu: number;
  readonly execStart: number;
}

/** The last run of every thread; "running" if one runs now or was just moved; null where it cannot be known. */
export function readLastRuns(directory: string): LastRun[] | "running" | null {
  const runs: LastRun[] = [];
  for (const tid of valueOr(readNames(`${directory}/task`), [])) {
    const task = `${directory}/task/${tid}`;
    const stat = readStat(task);
    const execStart = readExecStart(task);
    if (stat.kind === "gone" || execStart.kind === "gone") {
      if (readStat(task).kind === "gone") continue; // that thread exited meanwhile
      return null; // a kernel without /proc/PID/sched
    }
    if (stat.kind === "denied" || execStart.kind === "denied") return null;
    if (stat.value.state === "zombie") continue; // a main thread that has exited runs no more
    if (stat.value.state === "running" || execStart.value === 0) return "running";
    runs.push({ task, cpu: stat.value.cpu, execStart: execStart.value });
  }
  return runs.length > 0 ? runs : null;
}

/** The present on the clocks of some CPUs, in ms, never later than the truth. */
export type CpuClocks = ReadonlyMap<number, number>;

/**
 * While this process is younger than this, in ms, the last run of any of its threads is that recent too, and good
 * enough a reading of its CPU's clock; later only the running thread's is.
 */
const YOUNG_MS = 100;

const CHILD_MS = 1000;

/** `proc` must be this system's own: the readings are our own threads' and children's. */
export async function readCpuClocks(proc: string, cpus: ReadonlySet<number>): Promise<CpuClocks> {
  const clocks = ownReadings(proc, cpus);
  const missing = [...cpus].filter((cpu) => !clocks.has(cpu));
  if (missing.length > 0) {
    const { execFileSync } = process.getBuiltinModule("node:child_process");
    for (const cpu of missing) {
      try {
        const text = execFileSync("taskset", ["-c", String(cpu), "cat", `${proc}/self/sched`], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
          timeout: CHILD_MS,
        });
        clocks.set(cpu, parseExecStart(text));
      } catch {
        // no taskset(1), or a CPU that this process may not use: how long the thread has slept stays unknown
      }
    }
  }
  return clocks;
}

/** Of the running thread first; of the others where that is not enough. */
function ownReadings(proc: string, cpus: ReadonlySet<number>): Map<number, number> {
  const clocks = new Map<number, number>();
  readOwnThread(`${proc}/thread-self`, clocks);
  if (uptimeMs() > YOUNG_MS) return clocks;
  for (const tid of valueOr(readNames(`${proc}/self/task`), [])) {
    if ([...cpus].every((cpu) => clocks.has(cpu))) break;
    readOwnThread(`${proc}/self/task/${tid}`, clocks);
  }
  return clocks;
}

function readOwnThread(task: string, clocks: Map<number, number>): void {
  const before = readStat(task);
  const execStart = readExecStart(task);
  const after = readStat(task);
  if (before.kind !== "ok" || after.kind !== "ok" || execStart.kind !== "ok") return;
  const { cpu } = after.value;
  if (before.value.cpu === cpu) clocks.set(cpu, Math.max(clocks.get(cpu) ?? 0, execStart.value));
}

/** The time since the newest of the runs; null if the clock of one of their CPUs is not known. */
export function idleSince(runs: readonly Pick<LastRun, "cpu" | "execStart">[], clocks: CpuClocks): number | null {
  let idle = Number.POSITIVE_INFINITY;
  for (const run of runs) {
    const now = clocks.get(run.cpu);
    if (now === undefined) return null;
    idle = Math.min(idle, Math.max(0, now - run.execStart));
  }
  return Number.isFinite(idle) ? Math.floor(idle) : null;
}

/**
 * What is known of threads that have exited: such a one may have run, or taken a lock, after the others fell asleep.
 */
export interface ExitedThreads {
  /** Some thread may have: when the process last ran cannot be known. */
  readonly likely: boolean;
  /** None has. */
  readonly excluded: boolean;
}

/**
 * The kernel adds what an exited thread did to the sums of its process: page faults (its stack alone makes some) and
 * reads and writes. The latter also have those of children that were waited for, and can be read only of one's own
 * processes.
 */
export function exitedThreads(directory: string): ExitedThreads {
  let answer: ExitedThreads = { likely: false, excluded: false };
  for (let i = 0; i < SUMS; i++) {
    answer = sumUp(directory);
    if (!answer.likely) break;
  }
  return answer;
}

/** The sums of a process that runs meanwhile do not fit: how often they are made. */
const SUMS = 3;

function sumUp(directory: string): ExitedThreads {
  const stat = readStat(directory);
  const io = readIo(directory);
  if (stat.kind !== "ok") return { likely: false, excluded: false };
  let faults = 0n;
  let bytes = 0n;
  for (const tid of valueOr(readNames(`${directory}/task`), [])) {
    faults += valueOr(readStat(`${directory}/task/${tid}`), null)?.minorFaults ?? 0n;
    bytes += valueOr(readIo(`${directory}/task/${tid}`), 0n);
  }
  const faulted = stat.value.minorFaults !== faults;
  const read = io.kind === "ok" && io.value !== bytes;
  return {
    likely: faulted || (read && stat.value.childrenMinorFaults === 0n),
    excluded: !faulted && io.kind === "ok" && !read,
  };
}
