/** Whether a process has a database open, by its descriptors: for those that take no lock. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process with more has the rest unseen. */
const MOST_DESCRIPTORS = 1_024;
const MOST_THREADS = 10_000;

/** The process of a thread; null: it is gone. */
export function processOf(tid: number): number | null {
  try {
    const tgid = /^Tgid:\s*(\d+)$/m.exec(readFileSync(`/proc/${tid}/status`, "latin1"))?.[1];
    return tgid === undefined ? null : Number(tgid);
  } catch {
    return null;
  }
}

/** `paths`: real paths. A container's other paths are not found; its locks are. */
export function hasOpen(pid: number, paths: readonly string[]): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`)
      .slice(0, MOST_DESCRIPTORS)
      .some((fd) => paths.includes(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** For each thread, not more often than that. */
export class Rarely {
  readonly #everyMs: number;
  readonly #lastMs = new Map<number, number>();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  isDue(tid: number, nowMs: number): boolean {
    const lastMs = this.#lastMs.get(tid);
    if (lastMs !== undefined && nowMs - lastMs < this.#everyMs) return false;
    if (this.#lastMs.size >= MOST_THREADS) this.#lastMs.clear();
    this.#lastMs.set(tid, nowMs);
    return true;
  }
}
