/** When a process has ended: with its last thread, which need not be one of which there was an event. */
import { readNames, valueOr } from "../proc/read.ts";
import { readStat } from "../proc/stat.ts";
import type { ExitRecord } from "./events.ts";
import type { Threads } from "./tgid.ts";

export class Exits {
  /** Processes whose main thread has ended before others. */
  readonly #headless = new Set<number>();
  readonly #threads: Threads;
  readonly #hasEnded: (pid: number) => boolean;

  constructor(threads: Threads, hasEnded: (pid: number) => boolean) {
    this.#threads = threads;
    this.#hasEnded = hasEnded;
  }

  /** The known processes that have ended with this thread: none, one, or several without a main thread. */
  next({ tid, last }: ExitRecord): number[] {
    const pid = this.#threads.knownProcessOf(tid);
    this.#threads.forget(tid);
    if (pid === null) return last === false ? [] : this.#ended([...this.#headless]);
    if (last === null ? this.#hasEnded(pid) : last) return this.#forget([pid]);
    if (tid === pid) this.#headless.add(pid);
    return [];
  }

  #ended(pids: readonly number[]): number[] {
    return this.#forget(pids.filter((pid) => this.#hasEnded(pid)));
  }

  #forget(pids: number[]): number[] {
    for (const pid of pids) {
      this.#headless.delete(pid);
      this.#threads.forgetProcess(pid);
    }
    return pids;
  }
}

/** No thread of it runs any more; its parent may not have heard of that yet. */
export function processHasEnded(pid: number): boolean {
  const stat = readStat(`/proc/${pid}`);
  if (stat.kind !== "ok") return stat.kind === "gone";
  return stat.value.state === "zombie" && valueOr(readNames(`/proc/${pid}/task`), []).length <= 1;
}
