/**
 * The processes that a database was seen to be used by, those that have gone a moment ago too: who comes and goes
 * within a second can be read as well. Pure.
 */
import type { DatabaseReport } from "../../model/report.ts";
import { commandOf } from "../../text/holder.ts";
import type { WatchEvent } from "./event.ts";

export interface Gone {
  readonly atMs: number;
  /** Null: it showed by its locks alone, and whether it still runs was not asked. */
  readonly how: "closed" | "ended" | null;
}

export interface SeenProcess {
  readonly pid: number;
  /** Null where it was gone before its name was read. */
  readonly command: string | null;
  /** Null while it has the database open, as far as is known. */
  readonly gone: Gone | null;
}

/** For so long one that has gone is shown, in ms. */
export const GONE_SHOWN_MS = 10_000;

/** Of those that have gone only the last are kept: programs that start for each request would fill the screen. */
const MAX_GONE = 8;

interface Mutable {
  readonly pid: number;
  command: string | null;
  gone: Gone | null;
  /** When it was last seen to take or release a lock, in ms. */
  lockedMs: number;
}

/** Of one database. */
export class SeenProcesses {
  readonly #processes = new Map<number, Mutable>();

  /** A lock was taken or released. */
  addLock({ pid, name, at }: WatchEvent): void {
    if (pid === null) return;
    const process = this.#get(pid);
    process.command = name ?? process.command;
    process.gone = null;
    process.lockedMs = Math.max(process.lockedMs, at.getTime());
  }

  /** It has closed the database, or has ended: a look has already seen that. */
  addEnd(pid: number, how: "closed" | "ended", atMs: number): void {
    const process = this.#processes.get(pid);
    if (process !== undefined) process.gone = { atMs: process.gone?.atMs ?? atMs, how };
  }

  /** `beganMs`: when the look began. `isHolding`: whether the process has a lock at this moment. */
  addLook(report: DatabaseReport | null, beganMs: number, isHolding: (pid: number) => boolean): void {
    const open = new Map((report?.holders ?? []).map((holder) => [holder.pid, holder]));
    for (const [pid, holder] of open) {
      const process = this.#get(pid);
      process.command = commandOf(holder);
      process.gone = null;
    }
    for (const process of this.#processes.values()) {
      // a lock that is newer than the look says more than the look
      if (process.gone !== null || open.has(process.pid) || isHolding(process.pid) || process.lockedMs >= beganMs)
        continue;
      process.gone = { atMs: beganMs, how: null };
    }
  }

  /** Those that are shown, and with them those that are forgotten. */
  at(nowMs: number): readonly SeenProcess[] {
    const gone = [...this.#processes.values()]
      .filter((process) => process.gone !== null)
      .sort((a, b) => (b.gone?.atMs ?? 0) - (a.gone?.atMs ?? 0));
    for (const [i, process] of gone.entries())
      if (i >= MAX_GONE || (process.gone?.atMs ?? 0) < nowMs - GONE_SHOWN_MS) this.#processes.delete(process.pid);
    return [...this.#processes.values()].map(({ pid, command, gone: since }) => ({ pid, command, gone: since }));
  }

  #get(pid: number): Mutable {
    const known = this.#processes.get(pid) ?? { pid, command: null, gone: null, lockedMs: Number.NEGATIVE_INFINITY };
    this.#processes.set(pid, known);
    return known;
  }
}
