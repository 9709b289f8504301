/** Behind whom the waited time is: by process, lock and statement. Its memory is bounded. Pure. */
import { CPU_SLACK_MS } from "../cpu-slack.ts";
import type { BlockerFact, RefusalLine, TransactionLine, WaitLine } from "../lines.ts";
import type { StatementKinds } from "../sql/kinds.ts";
import type { Behind, BehindStatement } from "../summary-line.ts";
import { holdOf, sumOf } from "./behind-hold.ts";
import { gaveUpAtOnce } from "./ended.ts";
import type { HoldTally } from "./holds.ts";
import { isSameStart } from "./same-start.ts";
import { isWriteHold } from "./wanted.ts";

interface Entry {
  readonly path: string;
  readonly blocker: BlockerFact;
  waits: number;
  refused: number;
  blockedMs: number;
  /** Of the hold that others waited for longest. */
  longest: BlockerFact;
  longestBlockedMs: number;
  transaction: TransactionLine | null;
}

/** So many locks and statements of a process are listed. */
const MOST_OF_PROCESS = 2;
/** Beyond this, those that mattered least are forgotten. */
const MOST = 2_000;

export class BehindTally {
  readonly #kinds: StatementKinds;
  #byPid = new Map<number, Entry[]>();
  #size = 0;
  #waitedMs = 0;
  #unknownMs = 0;
  #oversleptMs = 0;

  constructor(kinds: StatementKinds) {
    this.#kinds = kinds;
  }

  /** `transactionsOf`: those of the process of a blocker that have ended already. */
  addWait(line: WaitLine, transactionsOf: (blocker: BlockerFact) => readonly TransactionLine[]): void {
    this.#waitedMs += line.waitedMs;
    let blocked = 0;
    for (const blocker of line.blockers) blocked += blocker.blockedMs;
    // Several readers stand in the way at the same time: together they cannot have taken more than the wait.
    const factor = blocked > line.waitedMs ? line.waitedMs / blocked : 1;
    const rest = Math.max(0, line.waitedMs - blocked);
    const overslept = Math.min(line.oversleptMs, rest);
    this.#oversleptMs += overslept;
    this.#unknownMs += rest - overslept;
    const refused = gaveUpAtOnce(line) ? 1 : 0;
    for (const blocker of line.blockers) {
      this.#add(line.path, blocker, blocker.blockedMs * factor, refused, transactionsOf);
    }
  }

  /** A call that got SQLITE_BUSY, of which the program tells: it counts for the one that was in the way longest. */
  addTold(
    { path, blockers = [] }: RefusalLine,
    transactionsOf: (blocker: BlockerFact) => readonly TransactionLine[],
  ): void {
    const [first] = blockers;
    if (first !== undefined) this.#add(path, first, first.blockedMs, 1, transactionsOf);
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

  top(most: number, holds: HoldTally): Behind[] {
    return this.#listed(most, holds, ({ blockedMs }) => blockedMs);
  }

  topRefused(most: number, holds: HoldTally): Behind[] {
    return this.#listed(most, holds, ({ refused }) => refused).filter(({ refused }) => refused > 0);
  }

  /** The process with most of it first, and of a process the lock and statement with most of it. */
  #listed(most: number, holds: HoldTally, of: (entry: Entry) => number): Behind[] {
    return this.#processes()
      .map((entries) => ({ entries: entries.sort((a, b) => of(b) - of(a)), all: sum(entries, of) }))
      .sort((a, b) => b.all - a.all || (a.entries[0]?.blocker.pid ?? 0) - (b.entries[0]?.blocker.pid ?? 0))
      .slice(0, most)
      .flatMap(({ entries }) => entries.slice(0, MOST_OF_PROCESS).map((entry) => this.#behind(entry, entries, holds)))
      .slice(0, most);
  }

  #processes(): Entry[][] {
    const processes: Entry[][] = [];
    for (const entries of this.#byPid.values()) {
      const ofPid: Entry[][] = [];
      for (const entry of entries) {
        const same = ofPid.find(([first]) => isSameStart(first?.blocker.startTicks ?? null, entry.blocker.startTicks));
        if (same === undefined) ofPid.push([entry]);
        else same.push(entry);
      }
      processes.push(...ofPid);
    }
    return processes;
  }

  #behind(entry: Entry, ofProcess: readonly Entry[], holds: HoldTally): Behind {
    const { path, blocker, waits, refused, blockedMs, longest, transaction } = entry;
    const { pid, lock, lockType, sql, callSite } = blocker;
    const startTicks = longest.startTicks ?? blocker.startTicks;
    const share = this.#share(blockedMs);
    return {
      ...{ pid, startTicks, path, lock, lockType, waits, refused, blockedMs, share, sql, callSite },
      processShare: this.#share(sum(ofProcess, (each) => each.blockedMs)),
      processRefused: sum(ofProcess, (each) => each.refused),
      holds: holds.of({ pid, startTicks, path, lock, lockType }),
      longest: holdOf(longest, transaction, this.#kinds),
    };
  }

  topStatements(most: number, holds: HoldTally): BehindStatement[] {
    const byPath = new Map<string, Map<string, BySql>>();
    for (const { path, blocker, waits, blockedMs } of this.#entries()) {
      if (blocker.sql === null) continue;
      const bySql = byPath.get(path) ?? new Map();
      byPath.set(path, bySql);
      const bySame = bySql.get(blocker.sql) ?? { processes: new Map(), waits: 0, blockedMs: 0 };
      bySql.set(blocker.sql, bySame);
      bySame.processes.set(blocker.pid, blocker);
      bySame.waits += waits;
      bySame.blockedMs += blockedMs;
    }
    return [...byPath]
      .flatMap(([path, bySql]) =>
        [...bySql].map(([sql, { processes, waits, blockedMs }]) => ({
          ...{ path, sql, processes: processes.size, waits, blockedMs, share: this.#share(blockedMs) },
          holds: sumOf(
            [...processes.values()].map(({ pid, startTicks, lock, lockType }) =>
              isWriteHold({ lock, lockType }) ? holds.of({ pid, startTicks, path, lock, lockType }) : null,
            ),
          ),
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
    refused: number,
    transactionsOf: (blocker: BlockerFact) => readonly TransactionLine[],
  ): void {
    const entry = this.#entry(path, blocker);
    entry.waits++;
    entry.refused += refused;
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
      ...{ path, blocker, waits: 0, refused: 0, blockedMs: 0 },
      ...{ longest: blocker, longestBlockedMs: 0, transaction: null },
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

function isSameHolder(a: BlockerFact, b: BlockerFact): boolean {
  return isSameStart(a.startTicks, b.startTicks) && a.lock === b.lock && a.lockType === b.lockType && a.sql === b.sql;
}

function covers(transaction: TransactionLine, { path, longest }: Entry): boolean {
  return (
    transaction.path === path &&
    isSameStart(transaction.startTicks, longest.startTicks) &&
    (longest.tid === null || transaction.tid === longest.tid) &&
    transaction.fromMs <= longest.fromMs + CPU_SLACK_MS &&
    (transaction.toMs === null || transaction.toMs >= longest.fromMs)
  );
}

function sum(entries: readonly Entry[], of: (entry: Entry) => number): number {
  return entries.reduce((all, entry) => all + of(entry), 0);
}

interface BySql {
  /** By pid. */
  readonly processes: Map<number, BlockerFact>;
  waits: number;
  blockedMs: number;
}
