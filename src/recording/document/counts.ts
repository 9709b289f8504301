/** Adds up what is not listed: per process and database, for one span of time. Pure. */
import type { LockName } from "../../sqlite/locks.ts";
import { BucketTally, difference, sumOf } from "../histogram.ts";
import type {
  CountsLine,
  HoldCounts,
  LockLine,
  OneStatementCounts,
  RefusalLine,
  SqlFacts,
  StatementFact,
  TransactionLine,
  WaitCounts,
  WaitLine,
} from "../lines.ts";
import type { StatementKinds } from "../sql/kinds.ts";
import { ALL, type Counted } from "./uncounted.ts";

interface Hold {
  times: number;
  totalMs: number;
  longestMs: number;
  writes: number;
  writesMs: number;
  longestWriteMs: number;
  readonly reads: BucketTally;
  readonly writeBuckets: BucketTally;
}

type OneStatement = { -readonly [Name in keyof OneStatementCounts]: OneStatementCounts[Name] };

interface Waited {
  times: number;
  totalMs: number;
  longestMs: number;
  /** Of a part it is not known how long they were. */
  isLongestUnknown: boolean;
  attempts: number;
  granted: number;
  readonly buckets: BucketTally;
}

interface Cell {
  readonly pid: number;
  readonly startTicks: string | null;
  readonly path: string;
  readonly holds: Map<LockName, Hold>;
  readonly one: OneStatement[];
  readonly waits: Waited;
  /** Of refusals, each perhaps several calls. */
  readonly runs: Waited;
  transactions: number;
  writeTransactions: number;
  commits: number;
  gaveUp: number;
  refusals: number;
  optionalRefusals: number;
}

/** So many statements of a process are told apart, and so many are listed. */
const STATEMENTS_KEPT = 20;
const STATEMENTS_LISTED = 3;

export class Counts {
  readonly #kinds: StatementKinds;
  /** What the recording can count: of `meta`. */
  counted: Counted = ALL;
  /** By pid: nearly always one. */
  #cells = new Map<number, Cell[]>();

  constructor(kinds: StatementKinds) {
    this.#kinds = kinds;
  }

  get empty(): boolean {
    return this.#cells.size === 0;
  }

  addLock(line: LockLine): void {
    const heldMs = (line.toMs ?? line.fromMs) - line.fromMs;
    const hold = holdIn(this.#cell(line), line.lock);
    hold.times++;
    hold.totalMs += heldMs;
    if (heldMs > hold.longestMs) hold.longestMs = heldMs;
    if (line.lockType === "read") {
      hold.reads.add(heldMs);
      return;
    }
    hold.writes++;
    hold.writesMs += heldMs;
    if (heldMs > hold.longestWriteMs) hold.longestWriteMs = heldMs;
    hold.writeBuckets.add(heldMs);
  }

  addTransaction(line: TransactionLine): void {
    const cell = this.#cell(line);
    cell.transactions++;
    if (line.writeFromMs === null) return;
    cell.writeTransactions++;
    if (line.outcome !== "commit") return;
    cell.commits++;
    const only = this.#kinds.onlyChange(line);
    if (only === null) return;
    const heldMs = (line.toMs ?? line.writeFromMs) - line.writeFromMs;
    const where = line.callSite === null ? {} : { callSite: line.callSite };
    addOne(cell, { tid: line.tid, ...textOf(only), times: 1, heldMs, ...where });
  }

  addWait(line: WaitLine): void {
    const cell = this.#cell(line);
    const waited = line.perhapsSeveralCalls === true ? cell.runs : cell.waits;
    waited.times++;
    waited.totalMs += line.waitedMs;
    waited.longestMs = Math.max(waited.longestMs, line.waitedMs);
    waited.buckets.add(line.waitedMs);
    waited.attempts += line.attempts;
    if (line.outcome === "gave-up") cell.gaveUp++;
    else if (line.outcome === "granted") waited.granted++;
  }

  addRefusal(line: RefusalLine): void {
    this.#cell(line).refusals++;
  }

  addCounts(line: CountsLine): void {
    const cell = this.#cell(line);
    for (const name of Object.keys(line.holds) as LockName[]) {
      const hold = line.holds[name];
      if (hold !== undefined) addHolds(holdIn(cell, name), hold);
    }
    cell.transactions += line.transactions ?? 0;
    cell.writeTransactions += line.writeTransactions ?? 0;
    cell.commits += line.commits ?? 0;
    addWaits(cell.waits, line.waits);
    addWaits(cell.runs, line.runs);
    cell.gaveUp += line.gaveUp ?? 0;
    cell.refusals += line.refusals ?? 0;
    cell.optionalRefusals += line.optionalRefusals ?? 0;
    for (const one of line.oneStatement ?? []) addOne(cell, one);
  }

  /** One line for each process and database; then it is empty. */
  take(fromMs: number, toMs: number): CountsLine[] {
    const cells = this.#cells;
    this.#cells = new Map();
    return [...cells.values()].flatMap((list) => list.map((cell) => lineOf(cell, fromMs, toMs, this.counted)));
  }

  #cell(of: { readonly pid: number; readonly startTicks: string | null; readonly path: string }): Cell {
    let list = this.#cells.get(of.pid);
    if (list === undefined) {
      list = [];
      this.#cells.set(of.pid, list);
    }
    for (const cell of list) if (cell.path === of.path && cell.startTicks === of.startTicks) return cell;
    const cell = newCell(of.pid, of.startTicks, of.path);
    list.push(cell);
    return cell;
  }
}

function holdIn({ holds }: Cell, lock: LockName): Hold {
  const known = holds.get(lock);
  if (known !== undefined) return known;
  const hold = {
    ...{ times: 0, totalMs: 0, longestMs: 0, writes: 0, writesMs: 0, longestWriteMs: 0 },
    ...{ reads: new BucketTally(), writeBuckets: new BucketTally() },
  };
  holds.set(lock, hold);
  return hold;
}

function addHolds(hold: Hold, added: HoldCounts): void {
  hold.times += added.times;
  hold.totalMs += added.totalMs;
  hold.longestMs = Math.max(hold.longestMs, added.longestMs ?? 0);
  const { writes = 0 } = added;
  const isAll = writes === added.times;
  hold.writes += writes;
  hold.writesMs += added.writesMs ?? (isAll ? added.totalMs : 0);
  hold.longestWriteMs = Math.max(hold.longestWriteMs, added.longestWriteMs ?? (isAll ? (added.longestMs ?? 0) : 0));
  const ofWrites = writes === 0 ? undefined : isAll ? added.buckets : added.writeBuckets;
  hold.writeBuckets.addAll(ofWrites, writes);
  hold.reads.addAll(difference(added.buckets, ofWrites), added.times - writes);
}

function addWaits(waited: Waited, added: WaitCounts | null | undefined): void {
  if (added == null) return;
  waited.times += added.times;
  waited.totalMs += added.totalMs;
  waited.longestMs = Math.max(waited.longestMs, added.longestMs ?? 0);
  if (added.longestMs === undefined && added.times > 0) waited.isLongestUnknown = true;
  waited.attempts += added.attempts ?? 0;
  waited.granted += added.granted ?? 0;
  waited.buckets.addAll(added.buckets, added.times);
}

function newWaited(): Waited {
  return {
    ...{ times: 0, totalMs: 0, longestMs: 0, isLongestUnknown: false, attempts: 0, granted: 0 },
    buckets: new BucketTally(),
  };
}

function newCell(pid: number, startTicks: string | null, path: string): Cell {
  return {
    ...{ pid, startTicks, path, holds: new Map(), one: [], waits: newWaited(), runs: newWaited() },
    ...{ transactions: 0, writeTransactions: 0, commits: 0 },
    ...{ gaveUp: 0, refusals: 0, optionalRefusals: 0 },
  };
}

function addOne({ one }: Cell, added: OneStatementCounts): void {
  const { tid, sql, statement, callSite } = added;
  const known = one.find(
    (each) =>
      each.tid === tid &&
      each.sql === sql &&
      each.statement === statement &&
      each.callSite?.file === callSite?.file &&
      each.callSite?.line === callSite?.line,
  );
  if (known !== undefined) {
    known.times += added.times;
    known.heldMs += added.heldMs;
  } else if (one.length < STATEMENTS_KEPT) one.push({ ...added });
}

/** Of a line that was written, a long text is its beginning and a number. */
function textOf({ sql, statement, sqlBytes, sqlBytesAtLeast }: StatementFact): SqlFacts {
  return {
    sql,
    ...(statement !== undefined && { statement }),
    ...(sqlBytes !== undefined && { sqlBytes }),
    ...(sqlBytesAtLeast !== undefined && { sqlBytesAtLeast }),
  };
}

function lineOf(cell: Cell, fromMs: number, toMs: number, { exact, statements }: Counted): CountsLine {
  const { pid, startTicks, path, writeTransactions, commits } = cell;
  const transactions = exact && statements ? cell.transactions : null;
  const holds = [...cell.holds].map(([name, hold]) => [name, holdOf(hold)]);
  return {
    type: "counts",
    ...{ fromMs, toMs, pid, startTicks, path, holds: Object.fromEntries(holds), transactions },
    ...(writeTransactions > 0 && { writeTransactions }),
    ...(commits > 0 && { commits }),
    ...(cell.one.length > 0 && { oneStatement: mostFrequent(cell.one) }),
    waits: exact ? waitsOf(cell.waits) : null,
    ...(cell.runs.times > 0 && { runs: waitsOf(cell.runs) }),
    ...(cell.gaveUp > 0 && { gaveUp: cell.gaveUp }),
    ...(cell.refusals > 0 && { refusals: cell.refusals }),
    optionalRefusals: exact ? cell.optionalRefusals : null,
  };
}

function waitsOf({ times, totalMs, longestMs, isLongestUnknown, attempts, granted, ...lengths }: Waited): WaitCounts {
  const { buckets } = lengths.buckets;
  return {
    ...{ times, totalMs: rounded(totalMs) },
    ...(times > 0 && !isLongestUnknown && { longestMs: rounded(longestMs) }),
    ...(attempts > 0 && { attempts }),
    ...(granted > 0 && { granted }),
    ...(buckets !== undefined && { buckets }),
  };
}

function holdOf({ times, totalMs, longestMs, writes, writesMs, longestWriteMs, ...lengths }: Hold): HoldCounts {
  const isMixed = writes > 0 && writes < times;
  const writeBuckets = lengths.writeBuckets.buckets;
  const reads = lengths.reads.buckets;
  const buckets = writes === times ? writeBuckets : writes === 0 ? reads : sumOf(reads, writeBuckets);
  return {
    ...{ times, totalMs: rounded(totalMs), longestMs: rounded(longestMs) },
    ...(writes > 0 && { writes }),
    ...(isMixed && { writesMs: rounded(writesMs), longestWriteMs: rounded(longestWriteMs) }),
    ...(buckets !== undefined && { buckets }),
    ...(isMixed && writeBuckets !== undefined && { writeBuckets }),
  };
}

function mostFrequent(one: readonly OneStatement[]): OneStatementCounts[] {
  return [...one]
    .sort((a, b) => b.times - a.times)
    .slice(0, STATEMENTS_LISTED)
    .map((each) => ({ ...each, heldMs: rounded(each.heldMs) }));
}

/** To nanoseconds: sums of doubles have more digits than they know. */
function rounded(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
