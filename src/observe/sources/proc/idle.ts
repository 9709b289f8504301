/**
 * How long a process has not run. `se.exec_start` of a thread is a time on the clock of the CPU it last ran on, and
 * each CPU has its own clock. So it is compared with a reading made on that CPU: by a thread of this process that ran
 * there, or by a child that is bound to that CPU.
 */

import { readIo } from "../../../proc/io.ts";
import { readNames, valueOr } from "../../../proc/read.ts";
import { parseExecStart, readExecStart } from "../../../proc/sched.ts";
import { type ProcessState, readStat } from "../../../proc/stat.ts";
import { uptimeMs } from "../../../time.ts";
import { ownSession } from "../../../user/as-user.ts";

/** Where and when a thread last ran. */
export interface LastRun {
  /** The thread's folder in /proc. */
  readonly task: string;
  readonly cpu: number;
  readonly execStart: number;
  readonly state: ProcessState;
}

/**
 * The last run of every thread; "running" if one runs now, or was just moved to another CPU; null where that cannot be
 * known.
 */
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
    if (stat.value.state === "zombie") continue; // a main thread that has exited no longer runs
    if (stat.value.state === "running" || execStart.value === 0) return "running";
    runs.push({ task, cpu: stat.value.cpu, execStart: execStart.value, state: stat.value.state });
  }
  return runs.length > 0 ? runs : null;
}

/** The present time on the clocks of some CPUs, in ms; a reading may be too early, never too late. */
export type CpuClocks = ReadonlyMap<number, number>;

/**
 * While this process is younger than this, the last run of each of its threads is at most as long ago, which is exact
 * enough as a reading of a CPU's clock. Later only the thread that runs now is.
 */
const MAX_CLOCK_ERROR_MS = 100;

const TASKSET_TIMEOUT_MS = 1000;

/** `proc` must be the /proc of this system: the readings are of this process's own threads and children. */
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
          timeout: TASKSET_TIMEOUT_MS,
          ...ownSession(),
        });
        note(clocks, cpu, parseExecStart(text));
      } catch {
        // no taskset(1), or a CPU that this process may not use: the idle time stays unknown
      }
    }
  }
  return clocks;
}

/** Of the running thread first; of the other threads where some CPU is still missing. */
function ownReadings(proc: string, cpus: ReadonlySet<number>): Map<number, number> {
  const clocks = new Map<number, number>();
  readOwnThread(`${proc}/thread-self`, clocks);
  if (uptimeMs() > MAX_CLOCK_ERROR_MS) return clocks;
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
  if (before.value.cpu === cpu) note(clocks, cpu, execStart.value);
}

/** A thread that was just made, or moved, has not run on that CPU yet: its 0 is no reading of the clock. */
function note(clocks: Map<number, number>, cpu: number, execStart: number): void {
  if (execStart > 0) clocks.set(cpu, Math.max(clocks.get(cpu) ?? 0, execStart));
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

/** Whether a thread has exited: it may have run, or taken a lock, after the other threads went to sleep. */
export interface ExitedThreads {
  /** A thread has probably exited: when the process last ran cannot be known. */
  readonly likely: boolean;
  /** It is proved that no thread has exited. */
  readonly excluded: boolean;
}

/**
 * The kernel keeps the counts of an exited thread in the sums of its process: page faults (its stack alone causes
 * some), reads and writes. The latter include those of children that were waited for, and are readable only for one's
 * own processes.
 */
export function exitedThreads(directory: string): ExitedThreads {
  let result: ExitedThreads = { likely: false, excluded: false };
  for (let i = 0; i < MAX_COMPARISONS; i++) {
    result = compareCounts(directory);
    if (!result.likely) break;
  }
  return result;
}

/** Counts of a process that runs meanwhile do not add up: then they are read again, at most so often. */
const MAX_COMPARISONS = 3;

/** Compares the counts of the process with the sums over its threads. */
function compareCounts(directory: string): ExitedThreads {
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
