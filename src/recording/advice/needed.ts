/**
 * How long calls would have had to wait: as long as they did where they got the lock; where they gave up, at least so
 * long, and likely until the lock that was in their way was released. Pure; its memory is bounded.
 */
import { Durations } from "../distribution/durations.ts";
import type { BlockerFact, LockLine, WaitLine } from "../lines.ts";
import { endingOf, gaveUpAtOnce } from "../summary/ended.ts";
import { wantedWith } from "../summary/wanted.ts";

/** Gave up, and its blockers have not all let go yet. */
interface Pending {
  readonly fromMs: number;
  readonly waitedMs: number;
  /** Locks that were still held when it gave up. */
  readonly behind: Set<string>;
  untilMs: number;
}

/** Of SQLite's busy handler. */
const LONGEST_SLEEP_MS = 100;
const MOST_PENDING = 10_000;
/** Of two times of one moment, from two lines. */
const SAME_MS = 0.01;

export class Needed {
  /** What is certain. */
  readonly certain = new Durations();
  /** With the likely ends of those that gave up. */
  readonly likely = new Durations();
  timedOut = 0;
  atOnce = 0;
  #shortestMs = Number.POSITIVE_INFINITY;
  #longestMs = 0;
  /** By the lock that is in their way. */
  readonly #pending = new Map<string, Set<Pending>>();
  #size = 0;

  get gaveUpAfterMs(): { readonly shortest: number; readonly longest: number } | null {
    // of those that were only counted, it is not known
    return !Number.isFinite(this.#shortestMs) ? null : { shortest: this.#shortestMs, longest: this.#longestMs };
  }

  addWait(line: WaitLine): void {
    if (!isAboutTimeout(line)) return;
    const { waitedMs, outcome } = line;
    if (outcome === "granted") {
      this.certain.add(waitedMs);
      this.likely.add(waitedMs);
      return;
    }
    this.certain.addAtLeast(waitedMs);
    if (endingOf(line) !== "busy") {
      this.likely.addAtLeast(waitedMs);
      return;
    }
    if (gaveUpAtOnce(line)) this.atOnce++;
    else {
      this.timedOut++;
      this.#shortestMs = Math.min(this.#shortestMs, waitedMs);
      this.#longestMs = Math.max(this.#longestMs, waitedMs);
    }
    this.#await(line);
  }

  /** Waits that were only counted: `gaveUp` of them needed more, the others got the lock. */
  addCounts(counted: Parameters<Durations["addCounted"]>[0], gaveUp: number): void {
    this.certain.addCounted(counted, gaveUp);
    this.likely.addCounted(counted, gaveUp);
    this.timedOut += gaveUp;
  }

  addLock(line: LockLine): void {
    if (line.toMs === null || this.#size === 0) return;
    const key = keyOf(line);
    const waiting = this.#pending.get(key);
    if (waiting === undefined) return;
    this.#pending.delete(key);
    for (const wait of waiting) {
      wait.behind.delete(key);
      wait.untilMs = Math.max(wait.untilMs, line.toMs);
      if (wait.behind.size === 0) this.#settle(wait, true);
    }
  }

  /** Nothing more comes. */
  end(): void {
    const left = new Set([...this.#pending.values()].flatMap((waits) => [...waits]));
    for (const wait of left) this.#settle(wait, false);
    this.#pending.clear();
  }

  #await(line: WaitLine): void {
    const { fromMs, waitedMs } = line;
    const endMs = fromMs + waitedMs;
    const behind = line.blockers.filter((each) => each.fromMs + each.heldMs >= endMs - SAME_MS);
    const wait = { fromMs, waitedMs, behind: new Set(behind.map((each) => keyOf({ ...each, path: line.path }))) };
    if (behind.length === 0 && line.blockers.length > 0) {
      // The lock was free by then: the next attempt would have got it.
      this.likely.add(waitedMs + LONGEST_SLEEP_MS);
      return;
    }
    if (behind.length === 0 || this.#size >= MOST_PENDING) {
      this.likely.addAtLeast(waitedMs);
      return;
    }
    this.#size++;
    const pending: Pending = { ...wait, untilMs: endMs };
    for (const key of pending.behind) {
      const waits = this.#pending.get(key);
      if (waits === undefined) this.#pending.set(key, new Set([pending]));
      else waits.add(pending);
    }
  }

  #settle({ fromMs, waitedMs, untilMs }: Pending, isKnown: boolean): void {
    this.#size--;
    if (isKnown) this.likely.add(Math.max(waitedMs, untilMs - fromMs));
    else this.likely.addAtLeast(Math.max(waitedMs, untilMs - fromMs));
  }
}

/** Whether a busy timeout decides how such a call ends. */
function isAboutTimeout(line: WaitLine): boolean {
  if (line.perhapsSeveralCalls === true || line.withinProcess === true) return false;
  if (wantedWith(line) === "checkpoint" || line.result === "SQLITE_BUSY_SNAPSHOT") return false;
  return !(line.whileReading === true && gaveUpAtOnce(line));
}

function keyOf({ pid, path, lock, fromMs }: Pick<BlockerFact, "pid" | "lock" | "fromMs"> & { readonly path: string }) {
  return `${pid} ${lock} ${Math.round(fromMs / SAME_MS)} ${path}`;
}
