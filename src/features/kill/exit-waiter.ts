/** Waits until signalled processes have ended, or block nothing any more. */
import { blocksSomebody } from "../../model/blockers.ts";
import { isPathError } from "../../model/report.ts";
import type { PinnedDatabase } from "../../observe/pinned.ts";
import { sleep } from "../../time.ts";
import { identityOf, isSameProcess } from "./identity.ts";
import { isOtherFile, look } from "./look.ts";
import type { ProcessTimes, SignalledProcess } from "./outcomes.ts";
import { isExiting, isRunning } from "./process.ts";

/** Between two looks at whether the processes have ended, in ms. */
const POLL_MS = 10;

/** Between two looks at whether locks were released, in ms: such a look costs much more. */
const LOOK_MS = 60;

/** A process that has released its locks is likely to end: how long it gets to begin with that, in ms. */
const LAST_MS = 300;

export class ExitWaiter {
  /** By pid: from its signal until it had ended, in ms. */
  readonly #endedAfterMs = new Map<number, number>();
  /** By pid: from its signal until it blocked nothing any more, in ms. */
  readonly #releasedAfterMs = new Map<number, number>();
  readonly #pinned: PinnedDatabase;
  readonly #isInterrupted: () => boolean;
  #lostSight = false;

  constructor(pinned: PinnedDatabase, isInterrupted: () => boolean) {
    this.#pinned = pinned;
    this.#isInterrupted = isInterrupted;
  }

  /** The path leads to another file: who holds the database cannot be seen. */
  get lostSight(): boolean {
    return this.#lostSight;
  }

  get anyEnded(): boolean {
    return this.#endedAfterMs.size > 0;
  }

  /** Until all have ended or released the database, for `graceMs` at most. */
  async wait(signalled: readonly SignalledProcess[], graceMs: number): Promise<void> {
    let untilMs = performance.now() + graceMs;
    let lookedAtMs = 0;
    let released = false;
    let left = [...signalled];
    for (;;) {
      left = left.filter((each) => !this.#noteEnd(each));
      if (left.length === 0 || performance.now() >= untilMs) return;
      if (!released && performance.now() - lookedAtMs >= LOOK_MS) {
        released = (await this.blocking(signalled)).length === 0;
        lookedAtMs = performance.now();
      }
      const exiting = left.every(({ candidate }) => isExiting(identityOf(candidate.holder)));
      if ((released && !exiting) || this.#isInterrupted()) untilMs = Math.min(untilMs, performance.now() + LAST_MS);
      await sleep(POLL_MS);
    }
  }

  timesOf({ candidate: { holder } }: SignalledProcess): ProcessTimes {
    const releasedAfterMs = this.#releasedAfterMs.get(holder.pid);
    const endedAfterMs =
      this.#endedAfterMs.get(holder.pid) ?? (isRunning(identityOf(holder)) ? undefined : (releasedAfterMs ?? 0));
    return { endedAfterMs, releasedAfterMs };
  }

  /**
   * Those that have neither ended nor released the database; all that run where the path leads to another file by now.
   * One that blocked nothing from the start has to close the database.
   */
  async blocking(signalled: readonly SignalledProcess[]): Promise<SignalledProcess[]> {
    const running = signalled.filter(({ candidate }) => isRunning(identityOf(candidate.holder)));
    if (running.length === 0) return [];
    const result = await look(this.#pinned);
    this.#lostSight = isOtherFile(result);
    if (this.#lostSight) return running;
    const holders = isPathError(result) ? [] : result.database.holders;
    return running.filter((each) => {
      const { holder, blocks } = each.candidate;
      const held = holders.find((other) => isSameProcess(other, holder));
      const isBlocking = held !== undefined && (blocks || each.signal === "SIGCONT" ? blocksSomebody(held) : true);
      if (isBlocking) this.#releasedAfterMs.delete(holder.pid);
      else if (!this.#releasedAfterMs.has(holder.pid))
        this.#releasedAfterMs.set(holder.pid, performance.now() - each.sentAt);
      return isBlocking;
    });
  }

  /** @returns whether it has ended */
  #noteEnd({ candidate: { holder }, sentAt }: SignalledProcess): boolean {
    if (isRunning(identityOf(holder))) return false;
    this.#endedAfterMs.set(holder.pid, performance.now() - sentAt);
    return true;
  }
}
