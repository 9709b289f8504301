/**
 * A write transaction in which the program did something else for most of the time: half of it and more outside of
 * SQLite. It counts from 100 ms on where others waited for the process (as long as the longest sleep of SQLite's busy
 * handler: below, a wait is mostly the sleep), and from one second on where nobody did: the next writer will.
 */
import { isWriteLock } from "../../../sqlite/locks.ts";
import type { TransactionLine, WaitLine } from "../../lines.ts";
import { endsTransaction, kindOf } from "../../sql/kind.ts";
import type { ThinkTime } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";

const MOST_PIDS = 2_000;
const OUTSIDE_SHARE = 0.5;
const NOTICED_MS = 100;
const LONG_MS = 1_000;

interface Thinking {
  /** By the time outside: from 100 ms on. */
  readonly short: Evidence;
  readonly long: Evidence;
  heldMs: number;
  longestHeldMs: number;
  /** Waited for its write locks, by pid. */
  readonly blockedMs: Map<number, number>;
}

export class ThinkTimeRule implements PatternRule {
  readonly #byPath = new ByPath(
    (): Thinking => ({
      ...{ short: new Evidence(), long: new Evidence(), heldMs: 0, longestHeldMs: 0, blockedMs: new Map() },
    }),
  );

  wait({ path, blockers }: WaitLine): void {
    for (const { pid, lock, lockType, blockedMs } of blockers) {
      if (!isWriteLock({ name: lock, type: lockType })) continue;
      const byPid = this.#byPath.of(path).blockedMs;
      const sum = byPid.get(pid);
      if (sum !== undefined || byPid.size < MOST_PIDS) byPid.set(pid, (sum ?? 0) + blockedMs);
    }
  }

  transaction({ path, pid, fromMs, writeFromMs, toMs, outsideMs, statements }: TransactionLine): void {
    if (writeFromMs === null || toMs === null || outsideMs === null) return;
    const heldMs = toMs - writeFromMs;
    // What was before the write lock was outside too, maybe: only what the rest cannot have been is sure.
    const outside = Math.min(heldMs, outsideMs - Math.max(0, writeFromMs - fromMs));
    if (outside < NOTICED_MS || outside < heldMs * OUTSIDE_SHARE) return;
    const thinking = this.#byPath.of(path);
    const sql = firstOf(statements);
    thinking.short.add(pid, sql, outside);
    if (outside >= LONG_MS) thinking.long.add(pid, sql, outside);
    thinking.heldMs += heldMs;
    thinking.longestHeldMs = Math.max(thinking.longestHeldMs, heldMs);
  }

  found(): ThinkTime[] {
    return [...this.#byPath].flatMap(([path, { short, long, heldMs, longestHeldMs, blockedMs }]) => {
      const blocked = short.pids.reduce((sum, pid) => sum + (blockedMs.get(pid) ?? 0), 0);
      const inTheWay = blocked >= NOTICED_MS;
      if (!(inTheWay ? short.times > 0 : long.times > 0)) return [];
      return [
        {
          ...{ id: "think-time", severity: inTheWay ? "warning" : "info", sure: "proved", path },
          ...{ pids: short.pids, sql: short.sql },
          evidence: {
            ...{ transactions: short.times, longestMs: longestHeldMs, longestOutsideMs: short.longestMs },
            ...{ totalMs: heldMs, totalOutsideMs: short.totalMs, blockedMs: blocked },
          },
          ...{ fix: "commit-before-work", explain: "transaction" },
        } satisfies ThinkTime,
      ];
    });
  }
}

/** Null: its beginning was not seen, or has no text. */
function firstOf(statements: TransactionLine["statements"]): string | null {
  const first = statements[0]?.sql ?? null;
  return first !== null && endsTransaction(kindOf(first)) ? null : first;
}
