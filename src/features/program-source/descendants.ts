/** Which processes the command has started, as far as that shows: a parent that has ended is no longer in the line. */
import { readStat } from "../../proc/stat.ts";

const MOST_GENERATIONS = 64;

export class Descendants {
  #command: number | null = null;
  readonly #known = new Set<number>();

  /** The command was started just now. */
  started(pid: number): void {
    this.#command = pid;
    this.#known.add(pid);
  }

  /** To be asked while it lives. */
  has(pid: number): boolean {
    if (this.#command === null) return false;
    const chain: number[] = [];
    for (let each = pid; each > 1 && chain.length < MOST_GENERATIONS; ) {
      if (this.#known.has(each)) {
        for (const child of chain) this.#known.add(child);
        return true;
      }
      chain.push(each);
      const stat = readStat(`/proc/${each}`);
      if (stat.kind !== "ok") return false;
      each = stat.value.parentPid;
    }
    return false;
  }

  /** Another process may get its number. */
  ended(pid: number): void {
    if (pid !== this.#command) this.#known.delete(pid);
  }
}
