/** How often each process held each lock, and for how long. Its memory is bounded. Pure. */
import type { LockName, LockType } from "../../sqlite/locks.ts";
import type { CountsLine, LockLine } from "../lines.ts";
import type { HoldSum } from "../summary-line.ts";
import type { Held } from "./part.ts";
import { isSameStart } from "./same-start.ts";

interface Holder {
  readonly pid: number;
  readonly startTicks: string | null;
  readonly path: string;
  readonly lock: LockName;
  readonly lockType: LockType;
}

interface Entry extends Holder {
  times: number;
  totalMs: number;
  longestMs: number;
  atLeast: boolean;
}

const MOST = 5_000;

export class HoldTally {
  readonly #byPid = new Map<number, Entry[]>();
  #size = 0;

  addLock(line: LockLine, { withinMs, ms, atLeast }: Held): void {
    this.#add(line, 1, withinMs, ms, atLeast);
  }

  /** Of a lock that was held to read and to write, the times of each are not told apart: it is left out. */
  addCounts({ pid, startTicks, path, holds }: CountsLine): void {
    for (const lock of Object.keys(holds) as LockName[]) {
      const hold = holds[lock];
      if (hold === undefined) continue;
      const { times, totalMs, longestMs = 0, writes = 0 } = hold;
      if (writes > 0 && writes < times) continue;
      const isWrite = writes > 0 || lock === "WRITE" || lock === "RESERVED";
      this.#add(
        { pid, startTicks, path, lock, lockType: isWrite ? "write" : "read" },
        times,
        totalMs,
        longestMs,
        false,
      );
    }
  }

  /** Null: none is known. */
  of(holder: Holder): HoldSum | null {
    const entry = this.#find(holder);
    if (entry === null) return null;
    const { times, totalMs, longestMs, atLeast } = entry;
    return { times, totalMs, longestMs, atLeast };
  }

  #find({ pid, startTicks, path, lock, lockType }: Holder): Entry | null {
    for (const entry of this.#byPid.get(pid) ?? []) {
      if (entry.path !== path || entry.lock !== lock || entry.lockType !== lockType) continue;
      if (isSameStart(entry.startTicks, startTicks)) return entry;
    }
    return null;
  }

  #add(holder: Holder, times: number, totalMs: number, longestMs: number, atLeast: boolean): void {
    const entry = this.#find(holder) ?? this.#new(holder);
    if (entry === null) return;
    entry.times += times;
    entry.totalMs += totalMs;
    entry.longestMs = Math.max(entry.longestMs, longestMs);
    entry.atLeast ||= atLeast;
  }

  #new({ pid, startTicks, path, lock, lockType }: Holder): Entry | null {
    if (this.#size >= MOST) return null;
    this.#size++;
    const entry = { pid, startTicks, path, lock, lockType, times: 0, totalMs: 0, longestMs: 0, atLeast: false };
    const list = this.#byPid.get(pid);
    if (list === undefined) this.#byPid.set(pid, [entry]);
    else list.push(entry);
    return entry;
  }
}
