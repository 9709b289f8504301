/** What each process held over the whole time, added up from the events. Pure. */
import { LOCK_NAMES } from "../../sqlite/locks.ts";
import { LOCKED_FILES } from "../../sqlite/roles.ts";
import { attemptsKey } from "./blocked-attempts.ts";
import type { HolderSummary, WatchEvent } from "./event.ts";
import { isReaderLock } from "./held-lock.ts";

interface HoldTotal {
  readonly first: WatchEvent;
  name: string | null;
  times: number;
  totalMs: number;
  longestMs: number;
  cutOff: boolean;
  /** When each lock that is held now was taken, in ms, by type and api. */
  readonly open: Map<string, number>;
}

/** Its size grows with the number of locks and processes, not of events. */
export class HoldTotals {
  readonly #totals = new Map<string, HoldTotal>();

  /** Of other events only gaps count: what was held is counted until then, and again from the end of the gap on. */
  add(event: WatchEvent): void {
    if (event.gapMs !== undefined) this.#addGap(event.path, event.at.getTime(), event.gapMs);
    const { pid, lock, path, role, type, api, heldMs } = event;
    if (pid === null || lock === null || role === null) return;
    const key = `${path} ${pid} ${lock} ${role}`;
    const which = `${type} ${api}`;
    const total = this.#totals.get(key) ?? {
      first: event,
      name: event.name,
      times: 0,
      totalMs: 0,
      longestMs: 0,
      cutOff: false,
      open: new Map(),
    };
    this.#totals.set(key, total);
    total.name ??= event.name;
    if (event.event === "held" || event.event === "acquired") {
      total.times++;
      total.open.set(which, event.at.getTime());
      total.cutOff ||= event.event === "held";
    } else if (event.event === "released" && heldMs !== null) {
      const sinceMs = total.open.get(which);
      total.open.delete(which);
      // after a gap, what came before it is counted already; it may have been missing in the reading before the gap
      const sinceGapMs = sinceMs === undefined ? heldMs : Math.max(0, event.at.getTime() - sinceMs);
      count(total, Math.min(heldMs, sinceGapMs));
    }
  }

  #addGap(path: string, endMs: number, gapMs: number): void {
    for (const total of this.#totals.values()) {
      if (total.first.path !== path) continue;
      for (const [which, sinceMs] of total.open) {
        count(total, Math.max(0, endMs - gapMs - sinceMs));
        total.open.set(which, endMs);
        total.cutOff = true;
      }
    }
  }

  /** `nowMs`: what is still held was held until then. `attempts`: by attemptsKey(). The largest total comes first. */
  summary(nowMs: number, watchedMs: number, attempts: ReadonlyMap<string, number>): HolderSummary[] {
    const all = [...this.#totals.values()].map(
      ({ first, name, times, totalMs, longestMs, cutOff, open }): HolderSummary => {
        const { path, pid, lock, role } = first;
        if (pid === null || lock === null || role === null) throw new Error("a total is of a lock");
        const still = [...open.values()].map((since) => Math.max(0, nowMs - since));
        const allMs = totalMs + still.reduce((sum, ms) => sum + ms, 0);
        return {
          path,
          pid,
          name,
          lock,
          role,
          times,
          totalMs: tenths(allMs),
          longestMs: tenths(Math.max(longestMs, ...still)),
          share: watchedMs <= 0 ? 0 : Math.min(1, Math.round((allMs / watchedMs) * 10_000) / 10_000),
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

function count(total: HoldTotal, heldMs: number): void {
  total.totalMs += heldMs;
  total.longestMs = Math.max(total.longestMs, heldMs);
}

/** Read locks come last, and so do locks on files that SQLite never locks. */
function order({ lock, role }: HolderSummary): number {
  return !isReaderLock(lock) && LOCKED_FILES.some((file) => file.role === role) ? 0 : 1;
}

/** Readings are milliseconds apart, so more digits would mean nothing. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
