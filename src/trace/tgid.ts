/** Which process a thread belongs to: the events of calls have the thread alone. */
import { readText, valueOr } from "../proc/read.ts";

/** The process of a living thread. */
export type Look = (tid: number) => number | null;

export class Threads {
  readonly #processes = new Map<number, number>();
  readonly #known = new Set<number>();
  readonly #living: Look;
  readonly #saved: () => ReadonlyMap<number, number>;

  /** `living`: /proc. `saved`: what the kernel remembers of threads that have ended (`saved_tgids`). */
  constructor(living: Look, saved: () => ReadonlyMap<number, number>) {
    this.#living = living;
    this.#saved = saved;
  }

  /** A lock event told it. */
  learn(tid: number, pid: number): void {
    if (this.#processes.get(tid) === pid) return;
    this.#processes.set(tid, pid);
    this.#known.add(pid);
  }

  /** There is this process: its main thread has its number. */
  know(pid: number): void {
    this.#known.add(pid);
  }

  /** Null: it cannot be found any more. */
  processOf(tid: number): number | null {
    const known = this.#processes.get(tid);
    if (known !== undefined) return known;
    const found = this.#living(tid) ?? this.#saved().get(tid) ?? null;
    if (found !== null) this.learn(tid, found);
    return found;
  }

  /** Where it is known without a look. */
  knownProcessOf(tid: number): number | null {
    return this.#processes.get(tid) ?? (this.#known.has(tid) ? tid : null);
  }

  /** The thread has ended: its number may be given to another one. */
  forget(tid: number): void {
    this.#processes.delete(tid);
  }

  /** Ends of threads may have been lost. */
  forgetThreads(): void {
    this.#processes.clear();
  }

  forgetProcess(pid: number): void {
    this.#known.delete(pid);
  }
}

export function livingProcessOf(tid: number): number | null {
  const tgid = /^Tgid:\t(\d+)$/m.exec(valueOr(readText(`/proc/${tid}/status`), ""))?.[1];
  return tgid === undefined ? null : Number(tgid);
}

/** `saved_tgids`: thread and process, a line each. */
export function parseSavedTgids(text: string): Map<number, number> {
  const pairs = [...text.matchAll(/^(\d+) (\d+)$/gm)];
  return new Map(pairs.map(([, tid, tgid]) => [Number(tid), Number(tgid)]));
}
