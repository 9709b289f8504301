/**
 * When a process has ended: with its last thread, which need not be one of which there was an event. The kernel tells
 * of the end of a thread before it closes the files, which may take a while: an end is held back until the locks are
 * gone.
 */
import { readNames, valueOr } from "../proc/read.ts";
import { readStat } from "../proc/stat.ts";
import type { EndedEvent } from "../recording/source-event.ts";
import type { ExitRecord } from "./events.ts";
import type { Threads } from "./tgid.ts";

/** Any user can have thousands of such processes: so many are looked at in one turn, one after the other. */
const MOST_LOOKS = 200;

export class Exits {
  /** Processes whose main thread has ended before others. */
  readonly #headless = new Set<number>();
  /** When a thread ended that may have been the last one of them; null: they were looked at since. */
  #strangerMs: number | null = null;
  /** Of those that are headless: they were looked at since. */
  #lookedAt = 0;
  readonly #ending = new Map<number, Ending>();
  readonly #threads: Threads;
  readonly #hasEnded: (pid: number) => boolean;

  constructor(threads: Threads, hasEnded: (pid: number) => boolean) {
    this.#threads = threads;
    this.#hasEnded = hasEnded;
  }

  /** A thread has ended, perhaps the last one of its process, or of one whose main thread has ended before. */
  next({ tid, last, atMs }: ExitRecord): void {
    const pid = this.#threads.knownProcessOf(tid);
    this.#threads.forget(tid);
    if (pid === null) {
      if (last !== false && this.#headless.size > 0) this.#strangerEnded(atMs);
    } else if (last ?? this.#hasEnded(pid)) this.#end(pid, atMs);
    else if (tid === pid) this.#headless.add(pid);
  }

  /**
   * The end of this process is to be told, too, where no event but the close of a file has named it. It may have ended
   * before that close.
   */
  follow(pid: number, atMs: number): void {
    this.#threads.know(pid);
    if (!this.#ending.has(pid) && this.#hasEnded(pid)) this.#ending.set(pid, { atMs, goneMs: null });
  }

  /** A file was closed, with locks on it. */
  closes(pid: number, atMs: number): void {
    const ending = this.#ending.get(pid);
    if (ending !== undefined && atMs > ending.atMs) ending.atMs = atMs;
  }

  #strangerEnded(atMs: number): void {
    this.#strangerMs = atMs;
    this.#lookedAt = 0;
  }

  /** Looks which processes are gone by now. */
  look(nowMs: number): void {
    this.#lookAtHeadless();
    for (const [pid, ending] of this.#ending) if (ending.goneMs === null && this.#hasEnded(pid)) ending.goneMs = nowMs;
  }

  /** Those that were not looked at for longest come first. */
  #lookAtHeadless(): void {
    const atMs = this.#strangerMs;
    if (atMs === null) return;
    for (const pid of [...this.#headless].slice(0, MOST_LOOKS)) {
      this.#headless.delete(pid);
      this.#lookedAt += 1;
      if (this.#hasEnded(pid)) this.#end(pid, atMs);
      else this.#headless.add(pid);
    }
    if (this.#lookedAt >= this.#headless.size) this.#strangerMs = null;
  }

  /** The ends after which nothing will come, once everything until then was delivered; `all`: nothing comes at all. */
  take(untilMs: number, all: boolean): EndedEvent[] {
    const ended: EndedEvent[] = [];
    for (const [pid, { atMs, goneMs }] of this.#ending) {
      if (!all && (goneMs === null || goneMs > untilMs)) continue;
      this.#ending.delete(pid);
      this.#threads.forgetProcess(pid);
      ended.push({ kind: "ended", atMs, pid });
    }
    return ended;
  }

  #end(pid: number, atMs: number): void {
    this.#headless.delete(pid);
    this.#threads.forgetProcess(pid);
    this.#ending.set(pid, { atMs, goneMs: null });
  }
}

interface Ending {
  /** Of its last thread, or of its last lock. */
  atMs: number;
  /** When no thread of it was left. */
  goneMs: number | null;
}

/** No thread of it runs any more; its parent may not have heard of that yet. */
export function processHasEnded(pid: number): boolean {
  const stat = readStat(`/proc/${pid}`);
  if (stat.kind !== "ok") return stat.kind === "gone";
  return stat.value.state === "zombie" && valueOr(readNames(`/proc/${pid}/task`), []).length <= 1;
}
