/** Behind whom the waited time is: by process, lock and statement. Its memory is bounded. Pure. */
import type { BlockerFact, TransactionLine, WaitLine } from "../lines.ts";
import type { Behind, BehindHold, BehindStatement } from "../summary-line.ts";

interface Entry {
  readonly path: string;
  readonly blocker: BlockerFact;
  waits: number;
  blockedMs: number;
  /** Of the hold that others waited for longest. */
  longest: BlockerFact;
  longestBlockedMs: number;
  transaction: TransactionLine | null;
}

/** Beyond this, those that mattered least are forgotten. */
const MOST = 2_000;
/** Events of two processors are in order within this. */
const SLACK_MS = 1;

export class BehindTally {
  #byPid = new Map<number, Entry[]>();
  #size = 0;
  #waitedMs = 0;
  #unknownMs = 0;
  #oversleptMs = 0;

  /** `transactionsOf`: those of the process of a blocker that have ended already. */
  addWait(line: WaitLine, transactionsOf: (blocker: BlockerFact) => readonly TransactionLine[]): void {
    this.#waitedMs += line.waitedMs;
    let sum = 0;
    for (const blocker of line.blockers) sum += blocker.blockedMs;
    // Several readers stand in the way at the same time: together they cannot have taken more than the wait.
    const factor = sum > line.waitedMs ? line.waitedMs / sum : 1;
    const rest = Math.max(0, line.waitedMs - sum);
    const overslept = Math.min(line.oversleptMs, rest);
    this.#oversleptMs += overslept;
    this.#unknownMs += rest - overslept;
    for (const blocker of line.blockers) this.#add(line.path, blocker, blocker.blockedMs * factor, transactionsOf);
  }

  /** Time that was only counted: nobody knows behind whom. */
  addUnknown(waitedMs: number): void {
    this.#waitedMs += waitedMs;
    this.#unknownMs += waitedMs;
  }

  /** It may be the one of a lock that others waited for while it was open. */
  addTransaction(line: TransactionLine): void {
    const entries = this.#byPid.get(line.pid);
    if (entries === undefined) return;
    for (const entry of entries) if (covers(line, entry)) entry.transaction = line;
  }

  get waitedMs(): number {
    return this.#waitedMs;
  }

  get unknownShare(): number {
    return this.#share(this.#unknownMs);
  }

  get oversleptShare(): number {
    return this.#share(this.#oversleptMs);
  }

  top(most: number): Behind[] {
    return this.#entries()
      .sort((a, b) => b.blockedMs - a.blockedMs || a.blocker.pid - b.blocker.pid)
      .slice(0, most)
      .map(({ path, blocker, waits, blockedMs, longest, transaction }) => {
        const { pid, lock, lockType, sql, callSite } = blocker;
        const startTicks = longest.startTicks ?? blocker.startTicks;
        return {
          ...{ pid, startTicks, path, lock, lockType, waits, blockedMs, share: this.#share(blockedMs), sql, callSite },
          longest: holdOf(longest, transaction),
        };
      });
  }

  topStatements(most: number): BehindStatement[] {
    const byPath = new Map<string, Map<string, { processes: Set<number>; waits: number; blockedMs: number }>>();
    for (const { path, blocker, waits, blockedMs } of this.#entries()) {
      if (blocker.sql === null) continue;
      const bySql = byPath.get(path) ?? new Map();
      byPath.set(path, bySql);
      const sum = bySql.get(blocker.sql) ?? { processes: new Set(), waits: 0, blockedMs: 0 };
      bySql.set(blocker.sql, sum);
      sum.processes.add(blocker.pid);
      sum.waits += waits;
      sum.blockedMs += blockedMs;
    }
    return [...byPath]
      .flatMap(([path, bySql]) =>
        [...bySql].map(([sql, { processes, waits, blockedMs }]) => ({
          ...{ path, sql, processes: processes.size, waits, blockedMs, share: this.#share(blockedMs) },
        })),
      )
      .sort((a, b) => b.blockedMs - a.blockedMs)
      .slice(0, most);
  }

  #share(ms: number): number {
    return this.#waitedMs === 0 ? 0 : Math.min(1, ms / this.#waitedMs);
  }

  #entries(): Entry[] {
    return [...this.#byPid.values()].flat();
  }

  #add(
    path: string,
    blocker: BlockerFact,
    blockedMs: number,
    transactionsOf: (blocker: BlockerFact) => readonly TransactionLine[],
  ): void {
    const entry = this.#entry(path, blocker);
    entry.waits++;
    entry.blockedMs += blockedMs;
    const isSame = entry.longest.fromMs === blocker.fromMs;
    if (!isSame && blockedMs <= entry.longestBlockedMs) return;
    entry.longestBlockedMs = Math.max(entry.longestBlockedMs, blockedMs);
    if (isSame && blocker.heldMs <= entry.longest.heldMs && entry.transaction !== null) return;
    if (!isSame) entry.transaction = null;
    entry.longest = isSame && entry.longest.heldMs > blocker.heldMs ? entry.longest : blocker;
    for (const each of transactionsOf(blocker)) if (covers(each, entry)) entry.transaction = each;
  }

  #entry(path: string, blocker: BlockerFact): Entry {
    let list = this.#byPid.get(blocker.pid);
    if (list === undefined) {
      list = [];
      this.#byPid.set(blocker.pid, list);
    }
    for (const entry of list) if (entry.path === path && isSameHolder(entry.blocker, blocker)) return entry;
    const entry: Entry = {
      ...{ path, blocker, waits: 0, blockedMs: 0, longest: blocker, longestBlockedMs: 0, transaction: null },
    };
    list.push(entry);
    if (++this.#size > MOST) this.#prune();
    return entry;
  }

  #prune(): void {
    const kept = this.#entries()
      .sort((a, b) => b.blockedMs - a.blockedMs)
      .slice(0, MOST / 2);
    this.#byPid = new Map();
    this.#size = kept.length;
    for (const entry of kept) {
      const list = this.#byPid.get(entry.blocker.pid);
      if (list === undefined) this.#byPid.set(entry.blocker.pid, [entry]);
      else list.push(entry);
    }
  }
}

/** The start of a process is read a moment after its first lock: until then it is null. */
function isSameStart(a: string | null, b: string | null): boolean {
  return a === b || a === null || b === null;
}

function isSameHolder(a: BlockerFact, b: BlockerFact): boolean {
  return isSameStart(a.startTicks, b.startTicks) && a.lock === b.lock && a.lockType === b.lockType && a.sql === b.sql;
}

function covers(transaction: TransactionLine, { path, longest }: Entry): boolean {
  return (
    transaction.path === path &&
    isSameStart(transaction.startTicks, longest.startTicks) &&
    (longest.tid === null || transaction.tid === longest.tid) &&
    transaction.fromMs <= longest.fromMs + SLACK_MS &&
    (transaction.toMs === null || transaction.toMs >= longest.fromMs)
  );
}

function holdOf({ fromMs, heldMs, atLeast }: BlockerFact, transaction: TransactionLine | null): BehindHold {
  if (transaction === null) {
    const unknown = { transactionMs: null, outsideMs: null, firstSql: null, lastSql: null, outcome: null };
    return { fromMs, heldMs, atLeast, toMs: null, ...unknown };
  }
  const { toMs, statements, outsideMs, outcome } = transaction;
  const isWrite = transaction.writeFromMs !== null;
  return {
    fromMs,
    heldMs: toMs === null ? heldMs : Math.max(heldMs, toMs - fromMs),
    atLeast: atLeast || toMs === null || (isWrite && transaction.atLeast),
    toMs,
    transactionMs: toMs === null ? null : toMs - transaction.fromMs,
    outsideMs,
    firstSql: statements[0]?.sql ?? null,
    lastSql: toMs === null ? null : (statements.at(-1)?.sql ?? null),
    outcome,
  };
}
