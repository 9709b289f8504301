/** Whether a process has a database open, by its descriptors: for those that take no lock. */
import { linkOf, readNames, valueOr } from "../../proc/read.ts";

/** A process with more has the rest unseen. */
const MOST_DESCRIPTORS = 1_024;
const MOST_PROCESSES = 10_000;

/** `paths`: real paths. A container's other paths are not found; its locks are. */
export function hasOpen(pid: number, paths: readonly string[]): boolean {
  const descriptors = valueOr(readNames(`/proc/${pid}/fd`), []).slice(0, MOST_DESCRIPTORS);
  return descriptors.some((fd) => paths.includes(linkOf(`/proc/${pid}/fd/${fd}`)));
}

/** For each process, not more often than that. */
export class Rarely {
  readonly #everyMs: number;
  readonly #lastMs = new Map<number, number>();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  isDue(pid: number, nowMs: number): boolean {
    const lastMs = this.#lastMs.get(pid);
    if (lastMs !== undefined && nowMs - lastMs < this.#everyMs) return false;
    if (this.#lastMs.size >= MOST_PROCESSES) this.#lastMs.clear();
    this.#lastMs.set(pid, nowMs);
    return true;
  }
}
