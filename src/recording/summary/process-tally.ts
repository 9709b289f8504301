/** What one process did in a recording. Pure. */
import type { CountsLine, LockLine, ProcessLine, RefusalLine, TransactionLine, WaitLine } from "../lines.ts";
import type { Duration, ProcessSummary } from "../summary-line.ts";
import { isReadMark, isWriteHold, type Wanted, wantedWith } from "./wanted.ts";

class Sum {
  times = 0;
  totalMs = 0;
  longestMs = 0;
  atLeast = false;

  add(times: number, totalMs: number, longestMs: number, atLeast: boolean): void {
    this.times += times;
    this.totalMs += totalMs;
    if (longestMs <= this.longestMs) return;
    this.longestMs = longestMs;
    this.atLeast = atLeast;
  }

  get summary(): Duration {
    return { times: this.times, totalMs: this.totalMs, longestMs: this.longestMs, atLeast: this.atLeast };
  }
}

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
  /** READ*k*, and SHARED: in WAL mode every open connection has SHARED. */
  readonly #marks = new Sum();
  readonly #shared = new Sum();
  #wal = false;
  readonly waitingThreads = new Set<number>();
  readonly wanted = new Set<Wanted>();
  transactions = 0;
  commits = 0;
  refusedAttempts = 0;
  gaveUp = 0;
  refusals = 0;
  optionalRefusals = 0;
  blockedOthersMs = 0;
  /** The last write transactions, and the longest. */
  readonly recent: TransactionLine[] = [];
  #identity: ProcessLine | null = null;

  constructor(pid: number, startTicks: string | null) {
    this.pid = pid;
    this.startTicks = startTicks;
  }

  /** For the order of processes, and which of too many are forgotten. */
  get weight(): number {
    return this.blockedOthersMs + this.waits.totalMs + this.writes.totalMs / 1e3 + this.gaveUp + this.refusals;
  }

  identify(line: ProcessLine): void {
    this.#identity = { ...line, commandLine: cutArguments(line.commandLine) };
  }

  addLock(line: LockLine, endMs: number): void {
    const heldMs = (line.toMs ?? endMs) - line.fromMs;
    const atLeast = line.atLeast || line.toMs === null;
    if (isWriteHold(line)) this.writes.add(1, heldMs, heldMs, atLeast);
    else if (line.lock === "CKPT") this.checkpoints.add(1, heldMs, heldMs, atLeast);
    else if (line.lockType === "read" && isReadMark(line.lock)) this.#marks.add(1, heldMs, heldMs, atLeast);
    else if (line.lockType === "read" && line.lock === "SHARED") this.#shared.add(1, heldMs, heldMs, atLeast);
    if (line.lock === "WRITE" || isReadMark(line.lock)) this.#wal = true;
  }

  addTransaction(line: TransactionLine): void {
    this.transactions++;
    if (line.outcome === "commit" && line.writeFromMs !== null) this.commits++;
    if (line.writeFromMs === null) return;
    this.recent.push(line);
    if (this.recent.length <= MOST_RECENT) return;
    // The longest of all stays in front.
    const drop = lengthOf(this.recent[0]) >= lengthOf(this.recent[1]) ? 1 : 0;
    this.recent.splice(drop, 1);
  }

  addWait(line: WaitLine): void {
    this.waits.add(1, line.waitedMs, line.waitedMs, line.outcome === "still");
    this.refusedAttempts += line.attempts;
    if (line.outcome === "gave-up") this.gaveUp++;
    this.wanted.add(wantedWith(line));
    this.#addWaiting(line.tid);
  }

  addRefusal(line: RefusalLine): void {
    this.refusals++;
    this.refusedAttempts++;
    this.#addWaiting(line.tid);
  }

  addCounts(line: CountsLine): void {
    this.transactions += line.transactions;
    this.commits += line.commits ?? 0;
    this.optionalRefusals += line.optionalRefusals;
    const { waits, holds } = line;
    if (waits.times > 0) this.waits.add(waits.times, waits.totalMs, 0, false);
    this.refusedAttempts += (waits.attempts ?? waits.times) + (line.refusals ?? 0);
    this.gaveUp += line.gaveUp ?? 0;
    this.refusals += line.refusals ?? 0;
    for (const [lock, hold] of Object.entries(holds)) {
      const sum =
        lock === "WRITE" || lock === "RESERVED"
          ? this.writes
          : lock === "CKPT"
            ? this.checkpoints
            : lock === "SHARED"
              ? this.#shared
              : lock.startsWith("READ")
                ? this.#marks
                : null;
      sum?.add(hold.times, hold.totalMs, hold.longestMs ?? 0, false);
      if (lock === "WRITE" || lock.startsWith("READ")) this.#wal = true;
    }
  }

  get summary(): ProcessSummary {
    const { pid, startTicks, transactions, commits, refusedAttempts, gaveUp, refusals, optionalRefusals } = this;
    const identity = this.#identity;
    return {
      ...{ pid, startTicks, name: identity?.name ?? null, commandLine: identity?.commandLine ?? null },
      ...{ user: identity?.user ?? null, unit: identity?.unit ?? null, container: identity?.container ?? null },
      ...{ writes: this.writes.summary, reads: (this.#wal ? this.#marks : this.#shared).summary },
      ...{ checkpoints: this.checkpoints.summary, transactions, commits, waits: this.waits.summary },
      ...{ refusedAttempts, gaveUp, refusals, optionalRefusals, blockedOthersMs: this.blockedOthersMs },
    };
  }

  #addWaiting(tid: number): void {
    if (this.waitingThreads.size < MOST_THREADS) this.waitingThreads.add(tid);
  }
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
      return kept;
    })
    .filter((kept, index) => kept !== "" || commandLine[index] === "");
}
