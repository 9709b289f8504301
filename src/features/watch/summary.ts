/** What each process held over the whole time, added up from the events. Pure. */
import { LOCK_NAMES } from "../../sqlite/locks.ts";
import type { HolderSummary, WatchEvent } from "./event.ts";
import { attemptsKey } from "./waits.ts";

interface Tally {
  readonly first: WatchEvent;
  name: string | null;
  times: number;
  totalMs: number;
  longestMs: number;
  cutOff: boolean;
  /** When each that is held now was taken, in ms, by what tells them apart. */
  readonly open: Map<string, number>;
}

/** Remembers a number of locks and processes, not of events. */
export class Tallies {
  readonly #tallies = new Map<string, Tally>();

  /** Events of other kinds say nothing here. */
  add(event: WatchEvent): void {
    const { pid, lock, path, role, type, api, heldMs } = event;
    if (pid === null || lock === null || role === null) return;
    const key = `${path} ${pid} ${lock} ${role}`;
    const which = `${type} ${api}`;
    const tally = this.#tallies.get(key) ?? {
      first: event,
      name: event.name,
      times: 0,
      totalMs: 0,
      longestMs: 0,
      cutOff: false,
      open: new Map(),
    };
    this.#tallies.set(key, tally);
    tally.name ??= event.name;
    if (event.event === "held" || event.event === "acquired") {
      tally.times++;
      tally.open.set(which, event.at.getTime());
      tally.cutOff ||= event.event === "held";
    } else if (event.event === "released" && heldMs !== null) {
      tally.open.delete(which);
      tally.totalMs += heldMs;
      tally.longestMs = Math.max(tally.longestMs, heldMs);
    }
  }

  /** `nowMs`: what is held still was held until then. `attempts`: by attemptsKey(). The longest in all comes first. */
  summary(nowMs: number, watchedMs: number, attempts: ReadonlyMap<string, number>): HolderSummary[] {
    const all = [...this.#tallies.values()].map(
      ({ first, name, times, totalMs, longestMs, cutOff, open }): HolderSummary => {
        const { path, pid, lock, role } = first;
        if (pid === null || lock === null || role === null) throw new Error("a tally is of a lock");
        const still = [...open.values()].map((since) => Math.max(0, nowMs - since));
        const total = totalMs + still.reduce((sum, ms) => sum + ms, 0);
        return {
          path,
          pid,
          name,
          lock,
          role,
          times,
          totalMs: tenths(total),
          longestMs: tenths(Math.max(longestMs, ...still)),
          share: watchedMs <= 0 ? 0 : Math.min(1, Math.round((total / watchedMs) * 10_000) / 10_000),
          blockedAttempts: attempts.get(attemptsKey(path, pid, lock)) ?? 0,
          cutOff: cutOff || open.size > 0,
        };
      },
    );
    return all.sort(
      (a, b) =>
        order(a) - order(b) ||
        b.totalMs - a.totalMs ||
        a.pid - b.pid ||
        LOCK_NAMES.indexOf(a.lock) - LOCK_NAMES.indexOf(b.lock),
    );
  }
}

/** Locks that keep others from writing come first; which every reader has, last. */
function order({ lock, role }: HolderSummary): number {
  if (lock === "SHARED" || lock === "DMS" || lock.startsWith("READ")) return 1;
  return role === "database" || role === "shm" ? 0 : 1;
}

/** More is not known: readings are milliseconds apart. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
