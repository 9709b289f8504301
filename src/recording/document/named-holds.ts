/** Locks that were in somebody's way a moment ago: a wait may name them when it ends. Pure. */
import { CPU_SLACK_MS } from "../cpu-slack.ts";
import type { BlockerFact } from "../lines.ts";
import type { Short } from "./short-lines.ts";

export type Hold = Pick<BlockerFact, "pid" | "lock" | "fromMs"> & { readonly path: string };

const MOST = 20_000;

export class NamedHolds {
  /** By the millisecond in which they were taken. */
  readonly #byMs = new Map<number, Hold[]>();
  #size = 0;

  add(hold: Hold): void {
    if (this.#size >= MOST) return;
    this.#size++;
    const ms = Math.floor(hold.fromMs);
    const list = this.#byMs.get(ms);
    if (list === undefined) this.#byMs.set(ms, [hold]);
    else list.push(hold);
  }

  /** Whether it is one of these locks, or the transaction of one. */
  has(line: Short): boolean {
    if (this.#size === 0) return false; // nearly always
    const lastMs = Math.floor((line.type === "lock" ? line.fromMs : (line.toMs ?? line.fromMs)) + CPU_SLACK_MS);
    for (let ms = Math.floor(line.fromMs - CPU_SLACK_MS); ms <= lastMs; ms++) {
      if (this.#byMs.get(ms)?.some((hold) => isOf(line, hold)) === true) return true;
    }
    return false;
  }

  /** Those that were taken before then are of no use any more. */
  forget(beforeMs: number): void {
    for (const [ms, list] of this.#byMs) {
      if (ms >= beforeMs) break;
      this.#byMs.delete(ms);
      this.#size -= list.length;
    }
  }
}

/** Whether a line is of the lock that a wait names, or of the transaction that it belongs to. */
export function isOf(line: Short, { pid, path, lock, fromMs }: Hold): boolean {
  if (line.pid !== pid || line.path !== path || line.fromMs > fromMs + CPU_SLACK_MS) return false;
  if (line.type === "lock") return line.lock === lock && line.fromMs >= fromMs - CPU_SLACK_MS;
  return (line.toMs ?? Number.POSITIVE_INFINITY) >= fromMs - CPU_SLACK_MS;
}
