/**
 * Locks to write that outlive the transactions inside of them, where the commits are known: in exclusive locking mode a
 * connection keeps its locks. A line of a transaction comes before that of the lock, which is told of at its release.
 * Its memory is bounded. Pure.
 */
import { isWriteLock } from "../../sqlite/locks.ts";
import { CPU_SLACK_MS } from "../cpu-slack.ts";
import type { LockLine, TransactionLine } from "../lines.ts";

const MOST_CONNECTIONS = 500;
const MOST_EACH = 256;

interface Ended {
  readonly fromMs: number;
  readonly toMs: number;
  readonly sql: string | null;
}

interface OfConnection {
  readonly startTicks: string | null;
  readonly ended: Ended[];
  /** Its locks are released together, each with a line of its own. */
  toldUntilMs: number;
}

export interface Kept {
  readonly fromMs: number;
  readonly toMs: number;
  /** That ended the transaction before. */
  readonly sql: string | null;
}

export class KeptLocks {
  readonly #byConnection = new Map<string, OfConnection>();
  #seenMs = 0;

  transaction({ pid, startTicks, path, connection, fromMs, toMs, writeFromMs, outcome, statements }: TransactionLine) {
    this.#seenMs = Math.max(this.#seenMs, toMs ?? 0);
    if (connection === null || toMs === null || writeFromMs === null) return;
    if (outcome !== "commit" && outcome !== "rollback") return;
    const key = keyOf(pid, path, connection);
    let known = this.#byConnection.get(key);
    if (known?.startTicks !== startTicks) {
      if (known === undefined && this.#byConnection.size >= MOST_CONNECTIONS) return;
      known = { startTicks, ended: [], toldUntilMs: Number.NEGATIVE_INFINITY };
      this.#byConnection.set(key, known);
    }
    known.ended.push({ fromMs, toMs, sql: statements.at(-1)?.sql ?? null });
    if (known.ended.length > MOST_EACH) known.ended.shift();
  }

  /** When the lock was held after a transaction, with none open. One that is still held: up to what was seen last. */
  lock({ pid, startTicks, path, connection, lock, lockType, fromMs, toMs: releasedMs }: LockLine): Kept[] {
    const toMs = releasedMs ?? this.#seenMs;
    this.#seenMs = Math.max(this.#seenMs, toMs);
    if (connection === null || !isWriteLock({ name: lock, type: lockType })) return [];
    const known = this.#byConnection.get(keyOf(pid, path, connection));
    if (known === undefined || known.startTicks !== startTicks) return [];
    const inside = known.ended.filter((each) => each.fromMs < toMs && each.toMs > fromMs);
    known.ended.splice(0, known.ended.findLastIndex((each) => each.toMs <= toMs) + 1);
    if (toMs <= known.toldUntilMs + CPU_SLACK_MS) return [];
    known.toldUntilMs = toMs;
    return inside.flatMap(({ toMs: endMs, sql }, n) => {
      const nextMs = inside[n + 1]?.fromMs ?? toMs;
      return nextMs - endMs > CPU_SLACK_MS ? [{ fromMs: endMs, toMs: nextMs, sql }] : [];
    });
  }
}

function keyOf(pid: number, path: string, connection: number): string {
  return `${pid} ${connection} ${path}`;
}
