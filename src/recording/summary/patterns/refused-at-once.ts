/**
 * Calls that were refused once and gave up at once: two patterns look the same in the locks. SQLite asks the busy
 * handler only of a transaction that has not read yet (btree.c, sqlite3BtreeBeginTrans): where a statement had read
 * before in the transaction, a timeout would not have helped. The line of the wait tells where the interpreter knew it,
 * else that of the transaction, which comes later. Pure.
 */
import type { TransactionLine, WaitLine } from "../../lines.ts";
import { beginsTransaction } from "../../sql/kind.ts";
import type { StatementKinds } from "../../sql/kinds.ts";

/** SQLite's first sleep is 1 ms: a call that gave up sooner has not slept. The rest is scheduling. */
const AT_ONCE_MS = 5;
const MOST = 1_000;

export function gaveUpAtOnce({ outcome, attempts, waitedMs }: WaitLine): boolean {
  return outcome === "gave-up" && attempts <= 1 && waitedMs < AT_ONCE_MS;
}

export class RefusedAtOnce {
  readonly #kinds: StatementKinds;
  readonly #settled: (line: WaitLine, hadRead: boolean) => void;
  /** The oldest first. */
  #open: WaitLine[] = [];

  /** `settled` is called for each, once it is known. */
  constructor(kinds: StatementKinds, settled: (line: WaitLine, hadRead: boolean) => void) {
    this.#kinds = kinds;
    this.#settled = settled;
  }

  wait(line: WaitLine): void {
    if (!gaveUpAtOnce(line)) return;
    if (line.whileReading === true) {
      this.#settled(line, true);
      return;
    }
    this.#open.push(line);
    if (this.#open.length <= MOST) return;
    const oldest = this.#open.shift();
    if (oldest !== undefined) this.#settled(oldest, false);
  }

  transaction(line: TransactionLine): void {
    if (this.#open.length === 0) return;
    this.#open = this.#open.filter((wait) => {
      if (wait.tid !== line.tid || wait.path !== line.path || line.fromMs > wait.fromMs) return true;
      if (line.toMs !== null && line.toMs < wait.fromMs) return true;
      this.#settled(wait, this.#hadRead(line, wait.fromMs));
      return false;
    });
  }

  /** Those whose transaction never came: they had none. */
  end(): void {
    for (const wait of this.#open) this.#settled(wait, false);
    this.#open = [];
  }

  #hadRead({ statements }: TransactionLine, beforeMs: number): boolean {
    return statements.some(
      ({ sql, atMs, ms }) => atMs + ms < beforeMs && sql !== null && !beginsTransaction(this.#kinds.of(sql)),
    );
  }
}
