/** What one process did in a recording. Pure. */
import type { LockName } from "../../sqlite/locks.ts";
import type {
  CountsLine,
  HoldCounts,
  LockLine,
  ProcessLine,
  RefusalLine,
  TransactionLine,
  WaitLine,
} from "../lines.ts";
import type { StatementKinds } from "../sql/kinds.ts";
import type { ProcessSummary } from "../summary-line.ts";
import { endingOf, isBusy } from "./ended.ts";
import type { Held } from "./part.ts";
import { Sum } from "./sum.ts";
import { NO_WAITS } from "./wait-tally.ts";
import { isReadMark, isWriteHold, type Wanted, wantedBy } from "./wanted.ts";

/** Threads beyond these are not told apart. */
const MOST_THREADS = 1_000;
/** Characters of a command line that are kept. */
const MOST_ARGUMENTS = 4_096;
const MOST_RECENT = 4;

export class ProcessTally {
  readonly pid: number;
  /** Null: not known yet. */
  startTicks: string | null;
  readonly writes = new Sum();
  readonly checkpoints = new Sum();
  readonly waits = new Sum();
  readonly runs = new Sum();
  /** Write transactions without a hold of the write lock: it was held already, or all of the database was. */
  readonly #writeSpans = new Sum();
  /** READ*k*, and SHARED: in WAL mode every open connection has SHARED. */
  readonly #marks = new Sum();
  readonly #shared = new Sum();
  #wal = false;
  readonly waitingThreads = new Set<number>();
  readonly wanted = new Set<Wanted>();
  /** Of those that got SQLITE_BUSY. */
  readonly busyThreads = new Set<number>();
  readonly busyWanted = new Set<Wanted>();
  locked = 0;
  transactions = 0;
  commits = 0;
  refusedAttempts = 0;
  gaveUp = 0;
  refusals = 0;
  optionalRefusals = 0;
  blockedOthersMs = 0;
  /** It has a tracer in it. */
  isTold = false;
  /** The last write transactions, and the longest. */
  readonly recent: TransactionLine[] = [];
  #identity: ProcessLine | null = null;

  constructor(pid: number, startTicks: string | null) {
    this.pid = pid;
    this.startTicks = startTicks;
  }

  /** For the order of processes, and which of too many are forgotten. */
  get weight(): number {
    return (
      this.blockedOthersMs +
      this.waits.totalMs +
      this.runs.totalMs +
      this.writes.totalMs / 1e3 +
      this.gaveUp +
      this.refusals
    );
  }

  identify(line: ProcessLine): void {
    this.#identity = { ...line, commandLine: cutArguments(line.commandLine) };
  }

  addLock(line: LockLine, held: Held): void {
    if (isWriteHold(line)) addHold(this.writes, held);
    else if (line.lock === "CKPT") addHold(this.checkpoints, held);
    else if (line.lockType === "read" && isReadMark(line.lock)) addHold(this.#marks, held);
    else if (line.lockType === "read" && line.lock === "SHARED") addHold(this.#shared, held);
    if (line.lock === "WRITE" || isReadMark(line.lock)) this.#wal = true;
  }

  /** `wrote`: of its time with the write lock; null: none of it counts. */
  addTransaction(line: TransactionLine, wrote: Held | null, isCommit: boolean): void {
    this.transactions++;
    if (line.program !== undefined) this.isTold = true;
    if (isCommit) this.commits++;
    if (line.writeFromMs === null) return;
    if (wrote !== null) addHold(this.#writeSpans, wrote);
    this.recent.push(line);
    if (this.recent.length <= MOST_RECENT) return;
    // The longest of all stays in front.
    const drop = lengthOf(this.recent[0]) >= lengthOf(this.recent[1]) ? 1 : 0;
    this.recent.splice(drop, 1);
  }

  addWait(line: WaitLine, kinds: StatementKinds): void {
    const sum = line.perhapsSeveralCalls === true ? this.runs : this.waits;
    sum.add(1, line.waitedMs, line.waitedMs, line.outcome === "still");
    this.refusedAttempts += line.attempts;
    const ending = endingOf(line);
    if (ending === "busy") this.gaveUp++;
    else if (ending === "locked") this.locked++;
    this.#wants(wantedBy(line.sql, line, kinds), line.tid, ending === "busy");
  }

  addRefusal(line: RefusalLine, kinds: StatementKinds): void {
    if (line.connectionId !== undefined) this.isTold = true;
    if (isBusy(line.result)) this.refusals++;
    else this.locked++;
    this.refusedAttempts++;
    this.#wants(wantedBy(line.sql, null, kinds), line.tid, isBusy(line.result));
  }

  addCounts(line: CountsLine): void {
    this.transactions += line.transactions ?? 0;
    this.commits += line.commits ?? 0;
    this.optionalRefusals += line.optionalRefusals ?? 0;
    const { holds } = line;
    const waits = line.waits ?? NO_WAITS;
    const { runs = NO_WAITS } = line;
    this.waits.add(waits.times, waits.totalMs, waits.longestMs ?? 0, false);
    this.runs.add(runs.times, runs.totalMs, runs.longestMs ?? 0, false);
    for (const each of [waits, runs]) this.refusedAttempts += each.attempts ?? each.times;
    this.refusedAttempts += line.refusals ?? 0;
    this.gaveUp += line.gaveUp ?? 0;
    this.refusals += line.refusals ?? 0;
    for (const lock of Object.keys(holds) as LockName[]) {
      const hold = holds[lock];
      if (hold !== undefined) this.#addHolds(lock, hold);
    }
  }

  #addHolds(lock: LockName, hold: HoldCounts): void {
    if (lock === "WRITE" || isReadMark(lock)) this.#wal = true;
    const { times, totalMs, longestMs = 0 } = hold;
    if (lock === "WRITE" || lock === "RESERVED") this.writes.add(times, totalMs, longestMs, false);
    else if (lock === "CKPT") this.checkpoints.add(times, totalMs, longestMs, false);
    else if (lock === "SHARED") addReads(this.#shared, hold);
    else if (isReadMark(lock)) addReads(this.#marks, hold);
  }

  get #writes(): Sum {
    return this.writes.times === 0 ? this.#writeSpans : this.writes;
  }

  get summary(): ProcessSummary {
    const { pid, startTicks, transactions, commits, refusedAttempts, gaveUp, refusals, optionalRefusals } = this;
    const identity = this.#identity;
    return {
      ...{ pid, startTicks, name: identity?.name ?? null, commandLine: identity?.commandLine ?? null },
      ...{ user: identity?.user ?? null, unit: identity?.unit ?? null, unitManager: identity?.unitManager ?? null },
      ...{ unitUid: identity?.unitUid ?? null, container: identity?.container ?? null },
      ...{ writes: this.#writes.summary, reads: (this.#wal ? this.#marks : this.#shared).summary },
      ...{ checkpoints: this.checkpoints.summary, transactions, commits, waits: this.waits.summary },
      ...{ refusedAttempts, gaveUp, refusals, optionalRefusals, blockedOthersMs: this.blockedOthersMs },
      ...{ runs: this.runs.summary, locked: this.locked, ...(this.isTold ? { told: true } : {}) },
    };
  }

  #wants(wanted: Wanted | null, tid: number, gotBusy: boolean): void {
    if (wanted !== null) this.wanted.add(wanted);
    if (this.waitingThreads.size < MOST_THREADS) this.waitingThreads.add(tid);
    if (!gotBusy) return;
    if (wanted !== null) this.busyWanted.add(wanted);
    if (this.busyThreads.size < MOST_THREADS) this.busyThreads.add(tid);
  }
}

function addHold(sum: Sum, { withinMs, ms, atLeast }: Held): void {
  sum.add(1, withinMs, ms, atLeast);
}

/** Of holds of a lock, those that were read locks: a checkpoint has READ*k* to write. */
function addReads(sum: Sum, hold: HoldCounts): void {
  const { times, totalMs, longestMs = 0, writes = 0, writesMs = 0, longestWriteMs = 0 } = hold;
  const reads = times - writes;
  if (reads === 0) return;
  const readsMs = Math.max(0, totalMs - writesMs);
  if (longestMs > longestWriteMs) sum.add(reads, readsMs, longestMs, false);
  else sum.add(reads, readsMs, readsMs / reads, true); // the longest of them is not known, but not shorter than that
}

function lengthOf(line: TransactionLine | undefined): number {
  return line === undefined ? 0 : (line.toMs ?? Number.POSITIVE_INFINITY) - line.fromMs;
}

function cutArguments(commandLine: readonly string[] | null): readonly string[] | null {
  if (commandLine === null) return null;
  let left = MOST_ARGUMENTS;
  return commandLine
    .map((argument) => {
      const kept = argument.slice(0, Math.max(0, left));
      left -= argument.length + 1;
      return kept.length < argument.length ? copyOf(kept) : kept;
    })
    .filter((kept, index) => kept !== "" || commandLine[index] === "");
}

/** A part of a string keeps all of it in memory. */
function copyOf(part: string): string {
  return Buffer.from(part).toString();
}
