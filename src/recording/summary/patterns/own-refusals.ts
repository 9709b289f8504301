/**
 * Calls that another connection of their own process refused at once. The kernel was not asked; but where a statement
 * had read before in the transaction, SQLite would not have waited for another process either (btree.c,
 * sqlite3BtreeBeginTrans). The line of the transaction tells, which comes later. Pure.
 */
import type { RefusalLine, TransactionLine } from "../../lines.ts";
import { beginsTransaction } from "../../sql/kind.ts";
import type { StatementKinds } from "../../sql/kinds.ts";

const MOST = 1_000;

/** SQLite's busy handler sleeps at least 1 ms: a shorter call has not waited. The rest is scheduling. */
const AT_ONCE_MS = 5;

export class OwnRefusals {
  readonly #kinds: StatementKinds;
  readonly #settled: (line: RefusalLine, hadRead: boolean) => void;
  /** By thread, the oldest first. */
  readonly #open = new Map<number, RefusalLine[]>();
  #size = 0;

  /** `settled` is called for each, once it is known. */
  constructor(kinds: StatementKinds, settled: (line: RefusalLine, hadRead: boolean) => void) {
    this.#kinds = kinds;
    this.#settled = settled;
  }

  refusal(line: RefusalLine): void {
    const { why, result, waitedMs, callMs, tid } = line;
    if (why !== "same-process") return;
    if (result !== "SQLITE_BUSY" || waitedMs !== undefined || callMs >= AT_ONCE_MS) {
      this.#settled(line, false);
      return;
    }
    if (this.#size >= MOST) this.end();
    this.#size++;
    const refusals = this.#open.get(tid);
    if (refusals === undefined) this.#open.set(tid, [line]);
    else refusals.push(line);
  }

  transaction(line: TransactionLine): void {
    const refusals = this.#open.get(line.tid);
    if (refusals === undefined) return;
    const rest = refusals.filter((refusal) => {
      if (!isIn(refusal, line)) return true;
      this.#settled(refusal, this.#hadRead(line, refusal.atMs - refusal.callMs));
      return false;
    });
    this.#size -= refusals.length - rest.length;
    if (rest.length === 0) this.#open.delete(line.tid);
    else this.#open.set(line.tid, rest);
  }

  /** Those whose transaction never came: they had none, or it is not listed. */
  end(): void {
    for (const refusals of this.#open.values()) for (const line of refusals) this.#settled(line, false);
    this.#open.clear();
    this.#size = 0;
  }

  #hadRead({ statements }: TransactionLine, beforeMs: number): boolean {
    return statements.some(
      ({ sql, atMs, ms, result }) =>
        atMs + ms <= beforeMs &&
        sql !== null &&
        result?.startsWith("SQLITE_BUSY") !== true &&
        !beginsTransaction(this.#kinds.of(sql)),
    );
  }
}

/** Of the same connection, as its number or the program tells: a thread may have several. */
function isIn(refusal: RefusalLine, line: TransactionLine): boolean {
  const { connection, connectionId } = refusal;
  const isSame =
    (connectionId !== undefined && line.program?.connectionId === connectionId) ||
    (connection !== null && line.connection === connection);
  return (
    isSame &&
    line.pid === refusal.pid &&
    line.path === refusal.path &&
    line.fromMs <= refusal.atMs &&
    (line.toMs === null || line.toMs >= refusal.atMs)
  );
}
