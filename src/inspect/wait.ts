/** Waiting until no process blocks readers or writers, and the database can be opened without harm. */

import { unsafeToOpen } from "../findings/unsafe-to-open.ts";
import { isUseUnknown } from "../model/out-of-sight.ts";
import { type DatabaseReport, type Finding, type Holder, isPathError, type Report } from "../model/report.ts";
import { keptOut } from "../model/verdict.ts";
import type { Block } from "../sqlite/locks.ts";
import { sleep, uptimeMs } from "../time.ts";
import { type InspectOptions, inspect } from "./inspect.ts";

/** Between two looks at the locks, in ms. */
const POLL_MS = 100;

/** The same, where nothing but a look at everything tells whether it goes on. */
const FULL_POLL_MS = 500;

export interface WaitOptions extends InspectOptions {
  /** Also until commits in rollback mode are not blocked. */
  readonly commits: boolean;
}

/** A holder that others wait for, and the database that it holds. */
export interface BlockingHolder {
  readonly holder: Holder;
  readonly database: DatabaseReport;
}

/** Who or what is waited for. */
export interface WaitingFor {
  readonly holders: readonly BlockingHolder[];
  /** No lock keeps anybody out, and by these it may do harm to open the database. */
  readonly unsafe: readonly Finding[];
  /** No lock keeps anybody out, and whether they are free is not known. */
  readonly unknown: readonly DatabaseReport[];
}

/**
 * Looks at the locks alone until they are free, and then twice at everything before it says so. Other states than
 * `free`: the time is up, and the report is the last look's. There is nothing to wait for where a path cannot be looked
 * at. `onWaiting` gets what it waits for, each time that it changes.
 */
export async function waitUntilFree(
  paths: readonly string[],
  options: WaitOptions,
  waitMs: number,
  onWaiting: (waiting: WaitingFor) => void,
): Promise<{ report: Report; state: WaitState }> {
  const until = uptimeMs() + waitMs;
  let waitingFor = "";
  for (;;) {
    const quick = await inspect(paths, { ...options, locksOnly: true });
    if (quick.databases.some(isPathError)) return { report: await inspect(paths, options), state: "unknown" };
    const full = noneInTheWay(quick, options) ? await inspect(paths, options) : null;
    if (full !== null && waitStateOf(full, options) === "free") {
      const report = await inspect(paths, options);
      if (waitStateOf(report, options) === "free") return { report, state: "free" };
    }
    const waiting = {
      holders: blockingHolders(quick, options),
      unsafe: full === null ? [] : unsafeFindings(full),
      unknown: full === null ? [] : unknownDatabases(full),
    };
    const key = keyOf(waiting);
    if (key !== waitingFor) onWaiting(waiting);
    waitingFor = key;
    const left = until - uptimeMs();
    if (left <= 0) {
      const report = await inspect(paths, options);
      return { report, state: waitStateOf(report, options) };
    }
    await sleep(Math.min(waiting.unsafe.length + waiting.unknown.length > 0 ? FULL_POLL_MS : POLL_MS, left));
  }
}

/**
 * What a wait comes to. `free`: no process that can be seen is in the way for more than a moment, and nothing shows
 * that opening may do harm. `unknown`: see isUseUnknown. Of several databases, the worst.
 */
export type WaitState = "free" | "not-free" | "unknown";

export function waitStateOf(
  { databases }: Pick<Report, "databases">,
  options: Pick<WaitOptions, "commits">,
): WaitState {
  if (!noneInTheWay({ databases }, options)) return "not-free";
  return databases.some((each) => isPathError(each) || isUseUnknown(each)) ? "unknown" : "free";
}

function noneInTheWay({ databases }: Pick<Report, "databases">, options: Pick<WaitOptions, "commits">): boolean {
  return databases.every(
    (each) => !isPathError(each) && inTheWay(each, options).length === 0 && unsafeToOpen(each).length === 0,
  );
}

/** What is blocked without turns. */
function inTheWay(database: DatabaseReport, { commits }: Pick<WaitOptions, "commits">): readonly Block[] {
  const { state, effects } = keptOut(database);
  return state === "blocked" ? effects.filter((effect) => commits || effect !== "commits") : [];
}

function unsafeFindings({ databases }: Pick<Report, "databases">): Finding[] {
  return databases.flatMap((database) => (isPathError(database) ? [] : unsafeToOpen(database)));
}

/** Those whose verdict is no danger that is known. */
export function unknownDatabases({ databases }: Pick<Report, "databases">): DatabaseReport[] {
  return databases.flatMap((each) =>
    isPathError(each) || !isUseUnknown(each) || unsafeToOpen(each).length > 0 ? [] : [each],
  );
}

function keyOf({ holders, unsafe, unknown }: WaitingFor): string {
  return JSON.stringify([
    holders.map(({ holder }) => holder.pid),
    unsafe.map(({ id, pids }) => [id, pids]),
    unknown.map(({ path }) => path),
  ]);
}

export function blockingHolders(
  { databases }: Pick<Report, "databases">,
  options: Pick<WaitOptions, "commits">,
): BlockingHolder[] {
  return databases.flatMap((database) => {
    if (isPathError(database)) return [];
    const effects = inTheWay(database, options);
    const pids = new Set(
      keptOut(database).blockers.flatMap(({ pid, effect }) => (effects.includes(effect) ? pid : [])),
    );
    return database.holders.filter(({ pid }) => pids.has(pid)).map((holder) => ({ holder, database }));
  });
}
