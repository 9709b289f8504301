/** Processes that are known to wait for a lock: some of their connections have a busy timeout. Pure. */
import type { RefusalLine, WaitLine } from "../../lines.ts";

const MOST = 2_000;

export class Waiters {
  readonly #pids = new Set<number>();

  /** A second attempt of the same call, or a wait inside SQLite. */
  wait({ pid, attempts, perhapsSeveralCalls, withinProcess }: WaitLine): void {
    if (perhapsSeveralCalls !== true && (attempts > 1 || withinProcess === true)) this.#add(pid);
  }

  refusal({ pid, waitedMs }: RefusalLine): void {
    if (waitedMs !== undefined) this.#add(pid);
  }

  has(pid: number): boolean {
    return this.#pids.has(pid);
  }

  #add(pid: number): void {
    if (this.#pids.size < MOST) this.#pids.add(pid);
  }
}
