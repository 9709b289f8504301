/** Who sleeps in a timer once may do so for any reason; who polls for a lock sleeps and wakes again and again. */

import type { Snapshot } from "../../../model/snapshot.ts";
import { valueOr } from "../../../proc/read.ts";
import { readWaitChannel } from "../../../proc/wchan.ts";
import { sleep, uptimeMs } from "../../../time.ts";
import { type LastRun, readLastRuns } from "./idle.ts";

/**
 * SQLite soon sleeps 100 ms between two tries (`sqliteDefaultBusyCallback`, main.c). A sleep shorter than this, in ms,
 * is another's: the runtime of Go has a thread that sleeps 10 ms at most, again and again, whatever the program does
 * (sysmon, proc.go).
 */
const AT_LEAST_MS = 30;

/** So often a poller wakes within that time, in ms; a loop that does something every second does not. */
const WAKES = 2;
const WITHIN_MS = 450;

/** The snapshot, with only those left asleep in a timer who wake and sleep again. */
export async function withPollersOnly(proc: string, snapshot: Snapshot): Promise<Snapshot> {
  const suspects = [...snapshot.processes.values()].flatMap(({ pid, sleepsInTimer }) => (sleepsInTimer ? [pid] : []));
  const threads = new Map(suspects.map((pid) => [pid, new Map<string, Watched>()]));
  const polls = (pid: number) =>
    [...(threads.get(pid)?.values() ?? [])].some(({ wakes, slept }) => slept && wakes >= WAKES);
  const end = uptimeMs() + WITHIN_MS;
  while (uptimeMs() < end && !suspects.every(polls)) {
    for (const [pid, watched] of threads)
      for (const run of runsOf(proc, pid)) watched.set(run.task, watch(run, watched.get(run.task)));
    await sleep(AT_LEAST_MS);
  }
  const processes = new Map(
    [...snapshot.processes].map(([pid, process]) => [
      pid,
      process.sleepsInTimer && !polls(pid) ? { ...process, sleepsInTimer: false } : process,
    ]),
  );
  return { ...snapshot, processes };
}

/** What several readings show of a thread. */
interface Watched {
  readonly execStart: number;
  /** How often it was seen to have run since the reading before. */
  readonly wakes: number;
  /** It was asleep in a timer in two readings and did not run between them. */
  readonly slept: boolean;
}

function watch(run: LastRun, before: Watched | undefined): Watched {
  if (before === undefined) return { execStart: run.execStart, wakes: 0, slept: false };
  if (run.execStart !== before.execStart) return { ...before, execStart: run.execStart, wakes: before.wakes + 1 };
  return { ...before, slept: before.slept || valueOr(readWaitChannel(run.task), "") === "hrtimer_nanosleep" };
}

function runsOf(proc: string, pid: number): readonly LastRun[] {
  const runs = readLastRuns(`${proc}/${pid}`);
  return Array.isArray(runs) ? runs : [];
}
