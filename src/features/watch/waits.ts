/**
 * How many attempts of others a lock is likely to have blocked. An estimate from the looks, too low rather than too
 * high: SQLite waits by trying again, which leaves no trace in the kernel, so that an attempt counts where a look finds
 * a process that is likely to wait (the finding likely-waiting), or that waits in fcntl(F_SETLKW), while another keeps
 * writers or readers out. As long as look after look finds it waiting, it is one attempt; one that waits for less than
 * half a second is mostly not seen. Pure.
 */

import type { DatabaseReport, Holder } from "../../model/report.ts";
import { LOCK_NAMES, type LockName } from "../../sqlite/locks.ts";

export class Waits {
  readonly #attempts = new Map<string, number>();
  /** Who was blocked by what in the look before, by path. */
  readonly #before = new Map<string, ReadonlySet<string>>();

  /** By attemptsKey(). */
  get attempts(): ReadonlyMap<string, number> {
    return this.#attempts;
  }

  add(database: DatabaseReport): void {
    const waiting = waitingPids(database);
    const now = new Set<string>();
    const before = this.#before.get(database.path);
    for (const holder of database.holders) {
      const lock = blockingLock(holder);
      if (lock === null) continue;
      for (const pid of waiting) {
        if (pid === holder.pid) continue;
        const key = attemptsKey(database.path, holder.pid, lock);
        now.add(`${pid} ${key}`);
        if (before?.has(`${pid} ${key}`) !== true) this.#attempts.set(key, (this.#attempts.get(key) ?? 0) + 1);
      }
    }
    this.#before.set(database.path, now);
  }
}

export function attemptsKey(path: string, pid: number, lock: LockName): string {
  return `${pid} ${lock} ${path}`;
}

function waitingPids(database: DatabaseReport): Set<number> {
  const likely = database.findings.filter(({ id }) => id === "likely-waiting").flatMap(({ pids }) => pids);
  const queued = database.holders.filter(({ locks }) => locks.some(({ waiting }) => waiting)).map(({ pid }) => pid);
  return new Set([...likely, ...queued]);
}

/** The strongest lock of one that keeps readers or writers out. */
function blockingLock({ blocks, locks }: Holder): LockName | null {
  if (!blocks.includes("readers") && !blocks.includes("writers")) return null;
  const held = new Set(locks.filter(({ waiting, type }) => !waiting && type === "write").map(({ name }) => name));
  return LOCK_NAMES.find((name) => held.has(name)) ?? null;
}
