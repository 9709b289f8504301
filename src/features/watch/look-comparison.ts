/**
 * What changed from one look to the next: which processes have the database open, findings, and the locks that have no
 * process in /proc/locks (OFD, flock), whose times are as exact as the looks are frequent. Pure.
 */

import type { DatabaseReport, Finding, Holder } from "../../model/report.ts";
import { commandOf } from "../../text/holder.ts";
import { Episodes, type HeldLock } from "./episodes.ts";
import { type WatchEvent, watchEvent } from "./event.ts";

/** A look reads the descriptors, and does not miss a lock as a reading of /proc/locks may. */
const LOCK_MISSES = 1;

/** What became of a process that the path does not lead to any more; `open`: it has that very file open still. */
export type Fate = "open" | "closed" | "ended";

interface Opener {
  readonly holder: Holder;
  /** The last report that listed it. */
  readonly report: DatabaseReport;
}

export class LookComparison {
  readonly #before = new Map<string, DatabaseReport | null>();
  /** By path: processes that have a file open that was moved away. */
  readonly #elsewhere = new Map<string, ReadonlyMap<string, Opener>>();
  readonly #locks = new Map<string, Episodes>();
  #lookedMs = 0;

  /**
   * `now` null: there is no such file, and no process has a file of that name open. `fateOf`: of a holder that is not
   * listed any more, and was in that report.
   */
  next(
    path: string,
    now: DatabaseReport | null,
    atMs: number,
    fateOf: (holder: Holder, report: DatabaseReport) => Fate,
  ): WatchEvent[] {
    const first = !this.#before.has(path);
    const before = this.#before.get(path) ?? null;
    this.#before.set(path, now);
    this.#lookedMs = atMs;
    const openBefore = new Map([...openers(before), ...(this.#elsewhere.get(path) ?? [])]);
    const openNow = openers(now);
    const events: WatchEvent[] = [];
    const elsewhere = new Map<string, Opener>();
    for (const [key, { holder }] of openNow)
      if (!openBefore.has(key)) events.push(watchEvent(first ? "open" : "opened", path, atMs, nameOf(holder)));
    for (const [key, opener] of openBefore) {
      if (openNow.has(key)) continue;
      const fate = fateOf(opener.holder, opener.report);
      if (fate === "open") elsewhere.set(key, opener);
      else events.push(watchEvent(fate, path, atMs, nameOf(opener.holder)));
    }
    this.#elsewhere.set(path, elsewhere);
    events.push(...this.#lockEvents(path, now, atMs));
    events.push(...findingEvents(path, before, now, atMs));
    return events;
  }

  /** Nothing was read for a while, no look was taken either: of locks, nothing is known since the last look. */
  gap(): void {
    for (const episodes of this.#locks.values()) episodes.gap(this.#lookedMs);
  }

  #lockEvents(path: string, now: DatabaseReport | null, atMs: number): WatchEvent[] {
    const episodes = this.#locks.get(path) ?? new Episodes();
    this.#locks.set(path, episodes);
    const names = new Map((now?.holders ?? []).map((holder) => [holder.pid, commandOf(holder)]));
    return episodes
      .next(
        atMs,
        (now?.holders ?? []).flatMap((holder) => locksOfOtherKinds(path, holder)),
        LOCK_MISSES,
      )
      .map(({ event, lock, heldMs, atLeast, ...at }) => {
        const { pid, role, type, api } = lock;
        return watchEvent(event, path, at.atMs, {
          pid,
          name: names.get(pid) ?? null,
          lock: lock.lock,
          role,
          type,
          api,
          heldMs,
          atLeast: event === "released" ? atLeast : null,
        });
      });
  }
}

function locksOfOtherKinds(path: string, holder: Holder): HeldLock[] {
  const others = holder.locks.filter(({ api, waiting }) => api !== "posix" && !waiting);
  return others.map(({ name, role, type, api, start, end }) => ({
    path,
    pid: holder.pid,
    lock: name,
    role,
    type,
    api,
    start,
    end,
    file: role,
  }));
}

/** By pid and start time. A process that shows only by a lock has events of the lock. */
function openers(report: DatabaseReport | null): Map<string, Opener> {
  if (report === null) return new Map();
  const holders = report.holders.filter(({ handles }) => handles.length > 0);
  return new Map(holders.map((holder) => [`${holder.pid} ${holder.startTicks}`, { holder, report }]));
}

function nameOf(holder: Holder): Partial<WatchEvent> {
  return { pid: holder.pid, name: commandOf(holder) };
}

/**
 * A finding that names more processes than before is new for these, and one that names fewer is resolved for the
 * others. Processes that both findings name get no event.
 */
function findingEvents(
  path: string,
  before: DatabaseReport | null,
  now: DatabaseReport | null,
  atMs: number,
): WatchEvent[] {
  const [findingsBefore, findingsNow] = [before?.findings ?? [], now?.findings ?? []];
  return [
    ...lacking(findingsNow, findingsBefore).map(({ finding, pids }) =>
      watchEvent("finding", path, atMs, { pid: pids[0] ?? null, finding: factsOf(finding) }),
    ),
    ...lacking(findingsBefore, findingsNow).map(({ finding, pids }) =>
      watchEvent("resolved", path, atMs, { pid: pids[0] ?? null, finding: { ...factsOf(finding), pids } }),
    ),
  ];
}

/** Each of `some`, with the processes for which `others` does not have it; left out where there are none. */
function lacking(
  some: readonly Finding[],
  others: readonly Finding[],
): { finding: Finding; pids: readonly number[] }[] {
  return some.flatMap((finding) => {
    const same = others.filter(({ id }) => id === finding.id);
    if (finding.pids.length === 0) return same.some(({ pids }) => pids.length === 0) ? [] : [{ finding, pids: [] }];
    const pids = finding.pids.filter((pid) => !same.some((other) => other.pids.includes(pid)));
    return pids.length === 0 ? [] : [{ finding, pids }];
  });
}

function factsOf({ id, severity, pids, summary }: Finding): NonNullable<WatchEvent["finding"]> {
  return { id, severity, pids, summary };
}
