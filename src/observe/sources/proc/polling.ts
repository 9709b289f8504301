/**
 * Which processes poll for a lock. A process may sleep in a timer for any reason; one that polls sleeps and wakes again
 * and again, so it has to be observed for a while.
 */

import type { Snapshot } from "../../../model/snapshot.ts";
import { valueOr } from "../../../proc/read.ts";
import { readWaitChannel } from "../../../proc/wchan.ts";
import { sleep, uptimeMs } from "../../../time.ts";
import { type LastRun, readLastRuns } from "./idle.ts";

/**
 * SQLite soon sleeps for 100 ms between two attempts (`sqliteDefaultBusyCallback`, main.c). A shorter sleep than this
 * has another cause: a thread of the Go runtime sleeps for at most 10 ms at a time, whatever the program does (sysmon,
 * proc.go).
 */
const MIN_SLEEP_MS = 30;

/** A poller wakes at least so often within this time; a loop that does something every second does not. */
const MIN_WAKES = 2;
const OBSERVATION_MS = 450;

/** Observes the processes that sleep in a timer; `sleepsInTimer` stays true only for those that poll. */
export async function withPollersOnly(proc: string, snapshot: Snapshot): Promise<Snapshot> {
  const suspects = [...snapshot.processes.values()].flatMap(({ pid, sleepsInTimer }) => (sleepsInTimer ? [pid] : []));
  const threads = new Map(suspects.map((pid) => [pid, new Map<string, ThreadObservation>()]));
  const polls = (pid: number) =>
    [...(threads.get(pid)?.values() ?? [])].some(({ wakes, slept }) => slept && wakes >= MIN_WAKES);
  const end = uptimeMs() + OBSERVATION_MS;
  while (uptimeMs() < end && !suspects.every(polls)) {
    for (const [pid, observations] of threads)
      for (const run of runsOf(proc, pid)) observations.set(run.task, observe(run, observations.get(run.task)));
    await sleep(MIN_SLEEP_MS);
  }
  const processes = new Map(
    [...snapshot.processes].map(([pid, process]) => [
      pid,
      process.sleepsInTimer && !polls(pid) ? { ...process, sleepsInTimer: false } : process,
    ]),
  );
  return { ...snapshot, processes };
}

/** What the readings so far show of a thread. */
interface ThreadObservation {
  readonly execStart: number;
  /** In how many readings it had run since the reading before. */
  readonly wakes: number;
  /** In two successive readings it was asleep in a timer, and it had not run between them. */
  readonly slept: boolean;
}

function observe(run: LastRun, before: ThreadObservation | undefined): ThreadObservation {
  if (before === undefined) return { execStart: run.execStart, wakes: 0, slept: false };
  if (run.execStart !== before.execStart) return { ...before, execStart: run.execStart, wakes: before.wakes + 1 };
  return { ...before, slept: before.slept || valueOr(readWaitChannel(run.task), "") === "hrtimer_nanosleep" };
}

function runsOf(proc: string, pid: number): readonly LastRun[] {
  const runs = readLastRuns(`${proc}/${pid}`);
  return Array.isArray(runs) ? runs : [];
}
