/** What had not ended when a recording broke off, or where reading it stops: by its last `open` line. Pure. */
import type { LockLine, TransactionLine, WaitLine } from "../lines.ts";
import type { OpenLine } from "../state-lines.ts";

type Open = LockLine | TransactionLine | WaitLine;

/** Of locks, of waits and of transactions: a recorder tells of no more (open-now.ts). */
const MOST = 1_000;

/** Its line and that in `open` may differ by so much, ms. */
const SAME_MS = 1;

export class StillOpen {
  #open = new Map<string, Open[]>();
  /** When it was last told what is open; null: never. */
  #atMs: number | null = null;

  get toldMs(): number | null {
    return this.#atMs;
  }

  set({ atMs, locks, waits, transactions }: OpenLine): void {
    this.#atMs = atMs;
    this.#open = new Map();
    const first = <T>(lines: readonly T[]) => lines.slice(0, MOST);
    for (const line of [...first(locks), ...first(waits), ...first(transactions)]) {
      const key = keyOf(line);
      const list = this.#open.get(key);
      if (list === undefined) this.#open.set(key, [line]);
      else list.push(line);
    }
  }

  /** It has a line of its own. @returns whether it was open */
  ended(line: Open): boolean {
    if (this.#atMs === null || line.fromMs > this.#atMs) return false;
    const list = this.#open.get(keyOf(line));
    const index = list?.findIndex(({ fromMs }) => Math.abs(fromMs - line.fromMs) < SAME_MS) ?? -1;
    if (index >= 0) list?.splice(index, 1);
    return index >= 0;
  }

  /**
   * What is left at `atMs`. What had not lasted for `minMs` when it was told may have ended right after that: then it
   * was only counted, and has no line of its own.
   */
  brokenOff({ atMs, isLast, minMs }: { readonly atMs: number; readonly isLast: boolean; readonly minMs: number }) {
    const toldMs = this.#atMs ?? atMs;
    return [...this.#open.values()]
      .flat()
      .map((line) => (toldMs - line.fromMs < minMs ? brokenOff(line, toldMs, false) : brokenOff(line, atMs, isLast)));
  }
}

function keyOf(line: Open): string {
  const { type, pid, startTicks, tid, path } = line;
  return [type, pid, startTicks, tid, line.type === "transaction" ? "" : line.lock, path].join(" ");
}

/** As it stands at `atMs`, when nothing more is known of it. `isLast`: the recording ends there. */
export function brokenOff(line: Open, atMs: number, isLast: boolean): Open {
  if (line.type === "wait") return { ...line, waitedMs: Math.max(line.waitedMs, atMs - line.fromMs) };
  return isLast ? line : { ...line, toMs: Math.max(line.fromMs, atMs), atLeast: true };
}
