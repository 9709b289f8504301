/** Waiting until nobody keeps readers or writers out, and the database can be opened without harm. */

import { unsafeToOpen } from "../findings/unsafe-to-open.ts";
import { isLocked, keepsOthersOut } from "../model/blockers.ts";
import { type DatabaseReport, type Finding, type Holder, isPathError, type Report } from "../model/report.ts";
import { sleep, uptimeMs } from "../time.ts";
import { type InspectOptions, inspect } from "./inspect.ts";

/** Between two looks at the locks, in ms. */
const POLL_MS = 100;

/** The same, where nothing but a look at everything tells whether it goes on. */
const FULL_POLL_MS = 500;

/** A holder that keeps readers or writers out, and the database that it holds. */
export interface BlockingHolder {
  readonly holder: Holder;
  readonly database: DatabaseReport;
}

/** Who or what is waited for. */
export interface WaitingFor {
  readonly holders: readonly BlockingHolder[];
  /** No lock keeps anybody out, and by these it may do harm to open the database. */
  readonly unsafe: readonly Finding[];
}

/**
 * Looks at the locks alone until they are free, and then twice at everything before it says so. `free` false: the time
 * is up, and the report is the last look's. Where a path cannot be looked at there is nothing to wait for. `onWaiting`
 * gets what it waits for, each time that it changes.
 */
export async function waitUntilFree(
  paths: readonly string[],
  options: InspectOptions,
  waitMs: number,
  onWaiting: (waiting: WaitingFor) => void,
): Promise<{ report: Report; free: boolean }> {
  const until = uptimeMs() + waitMs;
  let waitingFor = "";
  for (;;) {
    const quick = await inspect(paths, { ...options, locksOnly: true });
    if (quick.databases.some(isPathError)) return { report: await inspect(paths, options), free: true };
    const full = isFree(quick) ? await inspect(paths, options) : null;
    if (full !== null && isFree(full)) {
      const report = await inspect(paths, options);
      if (isFree(report)) return { report, free: true };
    }
    const waiting = { holders: blockingHolders(quick), unsafe: full === null ? [] : unsafeFindings(full) };
    const key = keyOf(waiting);
    if (key !== waitingFor) onWaiting(waiting);
    waitingFor = key;
    const left = until - uptimeMs();
    if (left <= 0) {
      const report = await inspect(paths, options);
      return { report, free: isFree(report) };
    }
    await sleep(Math.min(waiting.unsafe.length > 0 ? FULL_POLL_MS : POLL_MS, left));
  }
}

/** Free to go on with: nobody is in the way, and it does no harm. */
export function isFree({ databases }: Pick<Report, "databases">): boolean {
  return databases.every((each) => !isPathError(each) && !isLocked(each) && unsafeToOpen(each).length === 0);
}

function unsafeFindings({ databases }: Pick<Report, "databases">): Finding[] {
  return databases.flatMap((database) => (isPathError(database) ? [] : unsafeToOpen(database)));
}

function keyOf({ holders, unsafe }: WaitingFor): string {
  return JSON.stringify([holders.map(({ holder }) => holder.pid), unsafe.map(({ id, pids }) => [id, pids])]);
}

export function blockingHolders({ databases }: Pick<Report, "databases">): BlockingHolder[] {
  return databases.flatMap((database) =>
    isPathError(database) ? [] : database.holders.filter(keepsOthersOut).map((holder) => ({ holder, database })),
  );
}
