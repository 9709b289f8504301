/**
 * For how long others waited behind certain holds of a process: of a wait, its time during the hold. The line of a wait
 * comes before that of the hold, or after it. Its memory is bounded. Pure.
 */
import { isWriteLock } from "../../sqlite/locks.ts";
import type { BlockerFact, RefusalLine, WaitLine } from "../lines.ts";

const MOST_PIDS = 500;
const MOST_EACH = 256;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Known {
  readonly waits: Span[];
  readonly holds: Span[];
}

export class Overlaps {
  readonly #byPid = new Map<number, Known>();
  blockedMs = 0;

  wait({ fromMs, waitedMs, blockers, perhapsSeveralCalls }: WaitLine): void {
    if (perhapsSeveralCalls !== true) this.#waited({ fromMs, toMs: fromMs + waitedMs }, blockers);
  }

  /** Of which the program alone tells: the call waited, and got SQLITE_BUSY in the end. */
  refusal({ atMs, callMs, blockers }: RefusalLine): void {
    if (blockers !== undefined) this.#waited({ fromMs: atMs - callMs, toMs: atMs }, blockers);
  }

  held(pid: number, fromMs: number, toMs: number): void {
    const known = this.#of(pid);
    if (known === null) return;
    const hold = { fromMs, toMs };
    for (const wait of known.waits) this.blockedMs += overlapMs(wait, hold);
    keep(known.holds, hold);
  }

  #waited(span: Span, blockers: readonly BlockerFact[]): void {
    const blocked = new Map<number, number>();
    for (const { pid, lock, lockType, blockedMs } of blockers) {
      // connections of one process are one in the way
      if (isWriteLock({ name: lock, type: lockType })) blocked.set(pid, (blocked.get(pid) ?? 0) + blockedMs);
    }
    for (const [pid, blockedMs] of blocked) {
      const known = this.#of(pid);
      if (known === null) continue;
      let overlap = 0;
      for (const hold of known.holds) overlap += overlapMs(span, hold);
      this.blockedMs += Math.min(overlap, blockedMs);
      keep(known.waits, span);
    }
  }

  #of(pid: number): Known | null {
    const known = this.#byPid.get(pid);
    if (known !== undefined) return known;
    if (this.#byPid.size >= MOST_PIDS) return null;
    const made = { waits: [], holds: [] };
    this.#byPid.set(pid, made);
    return made;
  }
}

function overlapMs(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs));
}

function keep(spans: Span[], span: Span): void {
  spans.push(span);
  if (spans.length > MOST_EACH) spans.shift();
}
