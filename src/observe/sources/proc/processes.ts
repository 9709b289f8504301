/** The details of the holders: user, command line, state, terminal, idle time. */

import type { ProcessSeen, UninterruptibleWait } from "../../../model/snapshot.ts";
import { type Cgroup, NO_CGROUP, readCgroup } from "../../../proc/cgroup.ts";
import { ticksToMs } from "../../../proc/clock.ts";
import { readCommandLine } from "../../../proc/cmdline.ts";
import { readFrozenCgroup } from "../../../proc/freezer.ts";
import { readOpenFilesLimit } from "../../../proc/limits.ts";
import type { Mount } from "../../../proc/mountinfo.ts";
import { readNames, valueOr } from "../../../proc/read.ts";
import { readStat, type Stat, terminalName } from "../../../proc/stat.ts";
import { readCredentials } from "../../../proc/status.ts";
import { readWaitChannel } from "../../../proc/wchan.ts";
import { type CpuClocks, exitedThreads, idleSince, type LastRun, readCpuClocks, readLastRuns } from "./idle.ts";
import { userNames } from "./users.ts";

export interface ProcessToDescribe {
  readonly pid: number;
  /** How many files it has open; null where that could not be seen. */
  readonly openFiles: number | null;
}

/**
 * `bootTimeMs`: when the machine started, in ms since 1970. `known`: see CollectOptions. A process that has exited
 * meanwhile is left out.
 */
export async function describeProcesses(
  proc: string,
  requested: readonly ProcessToDescribe[],
  bootTimeMs: number | null,
  mounts: readonly Mount[],
  known: ReadonlyMap<number, ProcessSeen> = new Map(),
): Promise<Map<number, ProcessSeen>> {
  const again = new Map<number, ProcessSeen>();
  for (const each of requested) {
    const before = known.get(each.pid);
    const now = before === undefined ? null : readAgain(proc, before, each);
    if (now !== null) again.set(each.pid, now);
  }
  const fresh = again.size === 0 ? requested : requested.filter(({ pid }) => !again.has(pid));
  const described = await describeAll(proc, fresh, bootTimeMs, mounts);
  return again.size === 0 ? described : new Map([...again, ...described]);
}

/** Null where it is another process by now, or gone. */
function readAgain(proc: string, before: ProcessSeen, { openFiles }: ProcessToDescribe): ProcessSeen | null {
  const stat = readStat(`${proc}/${before.pid}`);
  if (stat.kind !== "ok" || stat.value.startTicks !== before.startTicks) return null;
  const { name, parentPid, stackStart, state, threads } = stat.value;
  return {
    ...before,
    name,
    parentPid,
    stackStart: stackStart === 0n ? null : stackStart,
    state: state === "zombie" && threads > 1 ? before.state : state,
    openFiles,
    complete: openFiles !== null,
  };
}

async function describeAll(
  proc: string,
  requested: readonly ProcessToDescribe[],
  bootTimeMs: number | null,
  mounts: readonly Mount[],
): Promise<Map<number, ProcessSeen>> {
  const raw = requested.flatMap((each) => readRaw(proc, each, mounts) ?? []);
  const users = userNames(new Set(raw.flatMap((each) => each.credentials?.uid ?? [])));
  const cpus = new Set(
    raw.flatMap((each) => (Array.isArray(each.runs) ? each.runs.map((run: LastRun) => run.cpu) : [])),
  );
  const clocks = cpus.size > 0 ? await readCpuClocks(proc, cpus) : new Map<number, number>();
  return new Map(
    raw.map(
      ({ pid, openFiles, stat, state, frozen, credentials, commandLine, cgroup, openFilesLimit, runs, exited }) => {
        const uid = credentials?.uid ?? null;
        const livingIdleMs = runs === "running" ? 0 : runs === null ? null : idleSince(runs, clocks);
        const idleMs = exited.likely && runs !== "running" ? null : livingIdleMs;
        return [
          pid,
          {
            pid,
            startTicks: stat.startTicks,
            parentPid: stat.parentPid,
            stackStart: stat.stackStart === 0n ? null : stat.stackStart,
            uid,
            user: uid === null ? null : (users.get(uid) ?? null),
            name: stat.name,
            commandLine,
            state,
            frozen,
            uninterruptible: frozen === null && Array.isArray(runs) ? uninterruptibleWait(runs, clocks) : null,
            startedAt: bootTimeMs === null ? null : new Date(bootTimeMs + ticksToMs(stat.startTicks)),
            terminal: terminalName(stat.terminal),
            ...cgroup,
            orphaned: isOrphaned(proc, stat, cgroup),
            openFiles,
            openFilesLimit,
            idleMs,
            idleProvesLocks: exited.excluded,
            livingIdleMs,
            credentials,
            ...(Array.isArray(runs) ? asleepInTimer(runs, clocks) : NOT_IN_TIMER),
            complete: openFiles !== null,
          },
        ];
      },
    ),
  );
}

/** A process of which only a lock is visible. */
export function hiddenProcess(pid: number): ProcessSeen {
  return {
    pid,
    startTicks: 0n,
    parentPid: null,
    stackStart: null,
    uid: null,
    user: null,
    name: "",
    commandLine: [],
    state: null,
    frozen: null,
    uninterruptible: null,
    startedAt: null,
    terminal: null,
    ...NO_CGROUP,
    orphaned: false,
    openFiles: null,
    openFilesLimit: null,
    idleMs: null,
    idleProvesLocks: false,
    livingIdleMs: null,
    credentials: null,
    ...NOT_IN_TIMER,
    complete: false,
  };
}

function readRaw(proc: string, { pid, openFiles }: ProcessToDescribe, mounts: readonly Mount[]) {
  const directory = `${proc}/${pid}`;
  const stat = readStat(directory);
  if (stat.kind !== "ok") return null;
  // A main thread that has exited shows neither command line nor state: those of another thread are shown instead.
  const living = stat.value.state === "zombie" && stat.value.threads > 1 ? livingThread(directory) : null;
  const state = living?.stat.state ?? stat.value.state;
  const cgroup = valueOr(readCgroup(directory), NO_CGROUP);
  return {
    pid,
    openFiles,
    stat: stat.value,
    state,
    frozen: state === "running" ? null : readFrozenCgroup(directory, mounts),
    credentials: valueOr(readCredentials(directory), null),
    commandLine: valueOr(readCommandLine(living?.directory ?? directory), []),
    cgroup,
    openFilesLimit: valueOr(readOpenFilesLimit(living?.directory ?? directory), null),
    runs: readLastRuns(directory),
    exited: exitedThreads(directory),
  };
}

/** Of the thread that has waited longest. */
function uninterruptibleWait(runs: readonly LastRun[], clocks: CpuClocks): UninterruptibleWait | null {
  const waits = runs
    .filter(({ state }) => state === "disk-sleep")
    .map((run) => ({ run, idleMs: idleSince([run], clocks) }))
    .sort((a, b) => Number(b.idleMs) - Number(a.idleMs));
  const [first] = waits;
  if (first === undefined) return null;
  const channel = valueOr(readWaitChannel(first.run.task), "0").trim();
  return { idleMs: first.idleMs, waitsIn: channel === "0" || channel === "" ? null : channel };
}

/**
 * A thread that has not run for this long does not wait for a lock: SQLite's busy handler sleeps for at most 100 ms
 * between two attempts.
 */
const MAX_RETRY_PAUSE_MS = 300;

const NOT_IN_TIMER = { sleepsInTimer: false, nothingElseRuns: false };

function asleepInTimer(
  runs: readonly LastRun[],
  clocks: CpuClocks,
): Pick<ProcessSeen, "sleepsInTimer" | "nothingElseRuns"> {
  const recent = runs.filter((run) => (idleSince([run], clocks) ?? 0) < MAX_RETRY_PAUSE_MS);
  const asleep = recent.filter((run) => valueOr(readWaitChannel(run.task), "") === "hrtimer_nanosleep");
  return { sleepsInTimer: asleep.length > 0, nothingElseRuns: asleep.length === recent.length };
}

function livingThread(directory: string): { directory: string; stat: Stat } | null {
  for (const tid of valueOr(readNames(`${directory}/task`), [])) {
    const stat = readStat(`${directory}/task/${tid}`);
    if (stat.kind === "ok" && stat.value.state !== "zombie")
      return { directory: `${directory}/task/${tid}`, stat: stat.value };
  }
  return null;
}

/** Its session has ended: it has no terminal, and no service manager or container that restarts or stops it. */
function isOrphaned(proc: string, stat: Stat, cgroup: Cgroup): boolean {
  if (stat.terminal !== 0 || cgroup.container !== null || cgroup.unit?.endsWith(".service") === true) return false;
  return stat.session > 0 && readStat(`${proc}/${stat.session}`).kind === "gone";
}
