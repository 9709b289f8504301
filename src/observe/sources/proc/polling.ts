/**
 * Which processes poll for a lock. A process may sleep in a timer for any reason; one that polls sleeps and wakes again
 * and again, so it has to be observed for a while.
 */

import { MIN_SLEEP_MS, type PollerSeen, polls, withReading } from "../../../model/poller.ts";
import type { Snapshot } from "../../../model/snapshot.ts";
import { valueOr } from "../../../proc/read.ts";
import { readWaitChannel } from "../../../proc/wchan.ts";
import { sleep, uptimeMs } from "../../../time.ts";
import { type LastRun, readLastRuns } from "./idle.ts";

const OBSERVATION_MS = 450;

/** Observes the processes that sleep in a timer; `sleepsInTimer` stays true only for those that poll. */
export async function withPollersOnly(proc: string, snapshot: Snapshot): Promise<Snapshot> {
  const suspects = [...snapshot.processes.values()].flatMap(({ pid, sleepsInTimer }) => (sleepsInTimer ? [pid] : []));
  const threads = new Map(suspects.map((pid) => [pid, new Map<string, PollerSeen>()]));
  const isPoller = (pid: number) => [...(threads.get(pid)?.values() ?? [])].some(polls);
  const end = uptimeMs() + OBSERVATION_MS;
  while (uptimeMs() < end && !suspects.every(isPoller)) {
    for (const [pid, seen] of threads)
      for (const { task, execStart } of runsOf(proc, pid)) {
        const asleep = valueOr(readWaitChannel(task), "") === "hrtimer_nanosleep";
        seen.set(task, withReading(seen.get(task), { atMs: uptimeMs(), execStart, asleep }));
      }
    await sleep(MIN_SLEEP_MS);
  }
  const processes = new Map(
    [...snapshot.processes].map(([pid, process]) => [
      pid,
      process.sleepsInTimer && !isPoller(pid) ? { ...process, sleepsInTimer: false } : process,
    ]),
  );
  return { ...snapshot, processes };
}

function runsOf(proc: string, pid: number): readonly LastRun[] {
  const runs = readLastRuns(`${proc}/${pid}`);
  return Array.isArray(runs) ? runs : [];
}
