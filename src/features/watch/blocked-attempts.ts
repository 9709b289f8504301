/**
 * How many attempts of other processes a lock likely blocked: an estimate from the looks, too low rather than too high.
 * SQLite waits by trying again, which leaves no trace in the kernel. So an attempt is counted when a look finds a
 * process that likely waits (a finding says so), or that waits in fcntl(F_SETLKW), while another process blocks readers
 * or writers. As long as each look finds it waiting, it is one attempt; most waits shorter than half a second are
 * missed. Pure.
 */
import { findingRecord } from "../../findings/index.ts";
import { keepsOthersOut } from "../../model/blockers.ts";
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { LOCK_NAMES, type LockName } from "../../sqlite/locks.ts";

export class BlockedAttempts {
  readonly #counts = new Map<string, number>();
  /** By path: which process was blocked by which lock in the previous look. */
  readonly #before = new Map<string, ReadonlySet<string>>();

  /** By attemptsKey(). */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  addLook(database: DatabaseReport): void {
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
        if (before?.has(`${pid} ${key}`) !== true) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      }
    }
    this.#before.set(database.path, now);
  }
}

export function attemptsKey(path: string, pid: number, lock: LockName): string {
  return `${pid} ${lock} ${path}`;
}

function waitingPids({ findings, holders }: DatabaseReport): Set<number> {
  const likely = findings.filter(({ id }) => findingRecord(id)?.namesWaiter === true).flatMap(({ pids }) => pids);
  const queued = holders.filter(({ locks }) => locks.some(({ waiting }) => waiting)).map(({ pid }) => pid);
  return new Set([...likely, ...queued]);
}

/** The strongest lock of a holder that blocks readers or writers. */
function blockingLock(holder: Holder): LockName | null {
  if (!keepsOthersOut(holder)) return null;
  const held = holder.locks.filter(({ waiting, type }) => !waiting && type === "write").map(({ name }) => name);
  return LOCK_NAMES.find((name) => held.includes(name)) ?? null;
}
