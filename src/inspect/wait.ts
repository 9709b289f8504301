/** Waiting until nobody keeps readers or writers out. */

import { isLocked } from "../model/blockers.ts";
import { isPathError, type Report } from "../model/report.ts";
import { sleep, uptimeMs } from "../time.ts";
import { type InspectOptions, inspect } from "./inspect.ts";

/** Between two looks at the locks, in ms. */
const POLL_MS = 100;

/**
 * Looks at the locks alone until they are free, and then twice at everything before it says so. `free` false: the time
 * is up, and the report is the last look's. Where a path cannot be looked at there is nothing to wait for. `onWaiting`
 * is told who is in the way, each time that others are.
 */
export async function waitUntilFree(
  paths: readonly string[],
  options: InspectOptions,
  waitMs: number,
  onWaiting: (sentences: readonly string[]) => void,
): Promise<{ report: Report; free: boolean }> {
  const until = uptimeMs() + waitMs;
  let waitingFor = "";
  for (;;) {
    const quick = await inspect(paths, { ...options, locksOnly: true });
    if (quick.databases.some(isPathError)) return { report: await inspect(paths, options), free: true };
    if (isFree(quick) && isFree(await inspect(paths, options))) {
      const report = await inspect(paths, options);
      if (isFree(report)) return { report, free: true };
    }
    const pids = blockersOf(quick);
    if (pids.join(" ") !== waitingFor) onWaiting(sentencesOn(quick, pids));
    waitingFor = pids.join(" ");
    const left = until - uptimeMs();
    if (left <= 0) {
      const report = await inspect(paths, options);
      return { report, free: isFree(report) };
    }
    await sleep(Math.min(POLL_MS, left));
  }
}

function isFree(report: Report): boolean {
  return report.databases.every((entry) => !isPathError(entry) && !isLocked(entry));
}

function blockersOf(report: Report): number[] {
  const holders = report.databases.flatMap((entry) => (isPathError(entry) ? [] : entry.holders));
  return holders
    .filter((holder) => holder.blocks.includes("readers") || holder.blocks.includes("writers"))
    .map((holder) => holder.pid);
}

/** A sentence begins with the pid that it is about. */
function sentencesOn(report: Report, pids: readonly number[]): string[] {
  const sentences = report.databases.flatMap((entry) => (isPathError(entry) ? [] : entry.summary));
  return sentences.filter((sentence) => pids.includes(Number.parseInt(sentence, 10)));
}
