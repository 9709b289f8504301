/** Who held what at one moment, and who waited: from the lines around it. Pure. */
import type { BlockerFact, CountsLine, LockLine, RecordingLine, TransactionLine, WaitLine } from "../lines.ts";
import type { WalLine } from "../state-lines.ts";

export interface State {
  readonly atMs: number;
  readonly locks: readonly LockLine[];
  /** The one that began first first. */
  readonly waits: readonly WaitLine[];
  readonly transactions: readonly TransactionLine[];
  /** Of the time around the moment: locks that are too short to be listed. */
  readonly counts: readonly CountsLine[];
  /** The last known of each database. */
  readonly wal: readonly WalLine[];
  /** Of all these, so many more are left out. */
  readonly more: number;
  /** The last wait that was over before the moment, and the first that began after it, as far as it was read. */
  readonly before: WaitLine | null;
  readonly after: WaitLine | null;
}

/** Of each kind; a recording of another's making may have more. */
const MOST = 10_000;

export class StateAt {
  readonly #atMs: number;
  readonly #locks: LockLine[] = [];
  /** Asked for only where a wait names them. */
  readonly #others: LockLine[] = [];
  readonly #otherTransactions: TransactionLine[] = [];
  readonly #waits: WaitLine[] = [];
  readonly #transactions: TransactionLine[] = [];
  readonly #counts: CountsLine[] = [];
  readonly #wal = new Map<string, WalLine>();
  #more = 0;
  #before: WaitLine | null = null;
  #after: WaitLine | null = null;

  /** On the axis. */
  constructor(atMs: number) {
    this.#atMs = atMs;
  }

  add(line: RecordingLine): void {
    switch (line.type) {
      case "lock":
        if (this.#isOpen(line)) this.#keep(this.#locks, line);
        return;
      case "transaction":
        if (this.#isOpen(line)) this.#keep(this.#transactions, line);
        return;
      case "wait":
        this.#addWait(line);
        return;
      case "counts":
        if (line.fromMs <= this.#atMs && line.toMs > this.#atMs) this.#keep(this.#counts, line);
        return;
      case "wal":
        if (line.atMs <= this.#atMs && (this.#wal.has(line.path) || this.#wal.size < MOST))
          this.#wal.set(line.path, line);
        return;
      default:
    }
  }

  /** Of a process that is not asked for: it counts where it is in the way of one that is. */
  addOther(line: LockLine | TransactionLine): void {
    if (!this.#isOpen(line)) return;
    if (line.type === "transaction") {
      if (this.#otherTransactions.length < MOST) this.#otherTransactions.push(line);
    } else if (this.#others.length < MOST) this.#others.push(line);
  }

  get state(): State {
    const inTheWay = this.#fromWaits();
    const isInTheWay = (line: TransactionLine) =>
      inTheWay.some(({ pid, startTicks }) => pid === line.pid && startTicks === line.startTicks);
    return {
      ...{ atMs: this.#atMs, locks: [...this.#locks, ...inTheWay] },
      transactions: [...this.#transactions, ...this.#otherTransactions.filter(isInTheWay)],
      waits: this.#waits.toSorted((a, b) => a.fromMs - b.fromMs),
      ...{ counts: this.#counts, wal: [...this.#wal.values()], more: this.#more },
      ...{ before: this.#before, after: this.#after },
    };
  }

  #addWait(line: WaitLine): void {
    const endMs = line.fromMs + line.waitedMs;
    if (line.fromMs <= this.#atMs && (endMs > this.#atMs || (line.outcome === "still" && endMs === this.#atMs))) {
      this.#keep(this.#waits, line);
      return;
    }
    if (endMs <= this.#atMs) {
      if (this.#before === null || endMs > this.#before.fromMs + this.#before.waitedMs) this.#before = line;
    } else if (this.#after === null || line.fromMs < this.#after.fromMs) this.#after = line;
  }

  #isOpen({ fromMs, toMs, atLeast }: Pick<LockLine, "fromMs" | "toMs" | "atLeast">): boolean {
    const at = this.#atMs;
    return fromMs <= at && (toMs === null || toMs > at || (atLeast && toMs === at));
  }

  #keep<T>(list: T[], line: T): void {
    if (list.length < MOST) list.push(line);
    else this.#more++;
  }

  /** What waits were behind, where the lock is not asked for itself, or has no line: it was not over at the end. */
  #fromWaits(): LockLine[] {
    const keyOf = (of: { pid: number; startTicks: string | null; lock: string }, path: string) =>
      [of.pid, of.startTicks, of.lock, path].join(" ");
    const known = new Set(this.#locks.map((line) => keyOf(line, line.path)));
    const others = new Map(this.#others.map((line) => [keyOf(line, line.path), line]));
    return this.#waits.flatMap(({ path, blockers }) =>
      blockers.flatMap((blocker) => {
        const key = keyOf(blocker, path);
        if (known.has(key) || !this.#isOpen({ ...blocker, toMs: blocker.fromMs + blocker.heldMs })) return [];
        known.add(key);
        return [others.get(key) ?? lockOf(blocker, path)];
      }),
    );
  }
}

/** The end of the wait is not the end of the lock. */
function lockOf({ blockedMs: _, heldMs, ...blocker }: BlockerFact, path: string): LockLine {
  const toMs = blocker.fromMs + heldMs;
  return { ...blocker, type: "lock", path, tid: blocker.tid ?? blocker.pid, connection: null, toMs, atLeast: true };
}
