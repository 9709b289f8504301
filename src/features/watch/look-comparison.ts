/**
 * What is new from one whole look to the next: which processes have the database open, findings, and the locks that
 * have no process in /proc/locks (OFD, flock): their times are as exact as the looks are frequent. Pure.
 */

import type { DatabaseReport, Finding, Holder } from "../../model/report.ts";
import { commandOf } from "../../text/holder.ts";
import { Episodes, type HeldLock } from "./episodes.ts";
import { type WatchEvent, watchEvent } from "./event.ts";

/** A look at the descriptors does not lose a lock, as a reading of /proc/locks may. */
const LOCK_MISSES = 1;

export class LookComparison {
  readonly #before = new Map<string, DatabaseReport | null>();
  readonly #locks = new Map<string, Episodes>();

  /**
   * `now` null: there is no such file, and no process has one of that name open. `isAlive`: whether that process still
   * runs.
   */
  next(path: string, now: DatabaseReport | null, atMs: number, isAlive: (holder: Holder) => boolean): WatchEvent[] {
    const first = !this.#before.has(path);
    const before = this.#before.get(path) ?? null;
    this.#before.set(path, now);
    const openBefore = openers(before);
    const openNow = openers(now);
    const events: WatchEvent[] = [];
    for (const [key, holder] of openNow)
      if (!openBefore.has(key)) events.push(watchEvent(first ? "open" : "opened", path, atMs, nameOf(holder)));
    for (const [key, holder] of openBefore)
      if (!openNow.has(key)) events.push(watchEvent(isAlive(holder) ? "closed" : "ended", path, atMs, nameOf(holder)));
    events.push(...this.#lockEvents(path, now, atMs));
    events.push(...findingEvents(path, before, now, atMs));
    return events;
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
function openers(database: DatabaseReport | null): Map<string, Holder> {
  const holders = (database?.holders ?? []).filter(({ handles }) => handles.length > 0);
  return new Map(holders.map((holder) => [`${holder.pid} ${holder.startTicks}`, holder]));
}

function nameOf(holder: Holder): Partial<WatchEvent> {
  return { pid: holder.pid, name: commandOf(holder) };
}

/**
 * A finding that is on more processes than before is new of these, and one on fewer is over for the others: of each
 * process that it was on all along there is no event.
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

/** Those of `some` that none of `others` has for the same processes, each with the processes of which that is so. */
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
