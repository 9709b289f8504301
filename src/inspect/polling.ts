/** Who sleeps in a timer once may do so for any reason; who polls for a lock sleeps again and again. */
import { sleep } from "../time.ts";
import { BETWEEN_TRIES_MS, timerSleeps } from "./processes.ts";
import type { Finding } from "./report.ts";
import type { Snapshot } from "./snapshot.ts";

/** A poller may be awake at the moment of a look, or just asleep: then it is looked at again, so long after, in ms. */
const AGAIN_MS = 30;
const LOOKS = 5;

/**
 * SQLite soon sleeps 100 ms between two tries. Shorter sleeps are others': the runtime of Go has a thread that sleeps 10 ms at most,
 * again and again, whatever the program does (sysmon, proc.go).
 */
const AT_LEAST_MS = 30;

/** Whether findings rest on a thread that was seen to sleep in a timer. */
export function restOnTimer(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.id === "likely-waiting" || (finding.id === "same-process-contention" && finding.severity === "warning"));
}

/** The snapshot, with only those left asleep in a timer who have run since and sleep in one again. */
export async function withPollersOnly(proc: string, snapshot: Snapshot): Promise<Snapshot> {
  const suspects = [...snapshot.processes.values()].flatMap(({ pid, sleepsInTimer }) => (sleepsInTimer ? [pid] : []));
  const pollers = new Map<number, boolean>();
  for (let i = 0; i < LOOKS && pollers.size < suspects.length; i++) {
    await sleep(i === 0 ? BETWEEN_TRIES_MS : AGAIN_MS);
    const now = await timerSleeps(
      proc,
      suspects.filter((pid) => !pollers.has(pid)),
    );
    for (const [pid, { longestMs, nothingElseRuns }] of now) if (longestMs >= AT_LEAST_MS) pollers.set(pid, nothingElseRuns);
  }
  const processes = new Map(
    [...snapshot.processes].map(([pid, process]) => {
      const alone = pollers.get(pid);
      const nothingElseRuns = process.nothingElseRuns && alone === true;
      return [pid, process.sleepsInTimer ? { ...process, sleepsInTimer: alone !== undefined, nothingElseRuns } : process];
    }),
  );
  return { ...snapshot, processes };
}
