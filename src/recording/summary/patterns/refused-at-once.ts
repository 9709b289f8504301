/**
 * Calls that were refused once and gave up at once: two patterns look the same in the locks. SQLite asks the busy
 * handler only of a transaction that has not read yet (btree.c, sqlite3BtreeBeginTrans): where a statement had read
 * before in the transaction, a timeout would not have helped. The line of the wait tells where the interpreter knew it,
 * else that of the transaction, which comes later. Pure.
 */
import type { TransactionLine, WaitLine } from "../../lines.ts";
import { beginsTransaction } from "../../sql/kind.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import { endingOf, gaveUpAtOnce } from "../ended.ts";

const MOST = 1_000;

export class RefusedAtOnce {
  readonly #kinds: StatementKinds;
  readonly #settled: (line: WaitLine, hadRead: boolean) => void;
  /** By thread, the oldest first. */
  readonly #open = new Map<number, WaitLine[]>();
  #size = 0;

  /** `settled` is called for each, once it is known. */
  constructor(kinds: StatementKinds, settled: (line: WaitLine, hadRead: boolean) => void) {
    this.#kinds = kinds;
    this.#settled = settled;
  }

  wait(line: WaitLine): void {
    if (!gaveUpAtOnce(line) || endingOf(line) !== "busy") return;
    if (line.whileReading === true) {
      this.#settled(line, true);
      return;
    }
    if (this.#size >= MOST) this.end();
    this.#size++;
    const waits = this.#open.get(line.tid);
    if (waits === undefined) this.#open.set(line.tid, [line]);
    else waits.push(line);
  }

  transaction(line: TransactionLine): void {
    const waits = this.#open.get(line.tid);
    if (waits === undefined) return;
    const rest = waits.filter((wait) => {
      if (line.fromMs <= wait.fromMs && (line.toMs === null || line.toMs >= wait.fromMs)) {
        this.#settled(wait, wait.path === line.path && this.#hadRead(line, wait.fromMs));
      } else if (line.fromMs > wait.fromMs) this.#settled(wait, false);
      else return true;
      return false;
    });
    this.#size -= waits.length - rest.length;
    if (rest.length === 0) this.#open.delete(line.tid);
    else this.#open.set(line.tid, rest);
  }

  /** Those whose transaction never came: they had none. */
  end(): void {
    for (const waits of this.#open.values()) for (const wait of waits) this.#settled(wait, false);
    this.#open.clear();
    this.#size = 0;
  }

  #hadRead({ statements }: TransactionLine, beforeMs: number): boolean {
    return statements.some(
      ({ sql, atMs, ms }) => atMs + ms < beforeMs && sql !== null && !beginsTransaction(this.#kinds.of(sql)),
    );
  }
}
