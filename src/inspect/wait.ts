/** Waiting until nobody keeps readers or writers out. */

import { isLocked, keepsOthersOut } from "../model/blockers.ts";
import { type DatabaseReport, type Holder, isPathError, type Report } from "../model/report.ts";
import { sleep, uptimeMs } from "../time.ts";
import { type InspectOptions, inspect } from "./inspect.ts";

/** Between two looks at the locks, in ms. */
const POLL_MS = 100;

/** A holder that keeps readers or writers out, and the database that it holds. */
export interface BlockingHolder {
  readonly holder: Holder;
  readonly database: DatabaseReport;
}

/**
 * Looks at the locks alone until they are free, and then twice at everything before it says so. `free` false: the time
 * is up, and the report is the last look's. Where a path cannot be looked at there is nothing to wait for. `onWaiting`
 * gets these holders, each time that they change.
 */
export async function waitUntilFree(
  paths: readonly string[],
  options: InspectOptions,
  waitMs: number,
  onWaiting: (blocking: readonly BlockingHolder[]) => void,
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
    const blocking = blockingHolders(quick);
    const pids = blocking.map(({ holder }) => holder.pid).join(" ");
    if (pids !== waitingFor) onWaiting(blocking);
    waitingFor = pids;
    const left = until - uptimeMs();
    if (left <= 0) {
      const report = await inspect(paths, options);
      return { report, free: isFree(report) };
    }
    await sleep(Math.min(POLL_MS, left));
  }
}

function isFree(report: Report): boolean {
  return report.databases.every((each) => !isPathError(each) && !isLocked(each));
}

export function blockingHolders({ databases }: Pick<Report, "databases">): BlockingHolder[] {
  return databases.flatMap((database) =>
    isPathError(database) ? [] : database.holders.filter(keepsOthersOut).map((holder) => ({ holder, database })),
  );
}
