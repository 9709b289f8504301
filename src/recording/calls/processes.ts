/** Processes: who they are, whether their statements are known, and their end. */
import { UNKNOWN_OWNER } from "../locks/held.ts";
import type { Seeds } from "../locks/seeds.ts";
import type { EndedEvent, LibraryEvent, ProcessEvent } from "../source-event.ts";
import type { State } from "../state.ts";
import type { Process } from "./thread.ts";
import type { Transactions } from "./transactions.ts";
import type { Unproved } from "./unproved.ts";
import type { Waits } from "./waits.ts";

/** After the end of a process, ms. */
const CLOSED_WITHIN_MS = 500;
const COUNTS_MS = 1_000;

export class Processes {
  private readonly state: State;
  private readonly waits: Waits;
  private readonly transactions: Transactions;
  private readonly unproved: Unproved;
  private readonly seeds: Seeds;
  /** They have ended, and their files may not be closed yet. */
  private readonly ending = new Set<Process>();
  private countedMs = 0;

  constructor(state: State, waits: Waits, transactions: Transactions, unproved: Unproved, seeds: Seeds) {
    this.state = state;
    this.waits = waits;
    this.transactions = transactions;
    this.unproved = unproved;
    this.seeds = seeds;
  }

  library({ pid, statements, atMs }: LibraryEvent): void {
    const process = this.state.process(pid);
    if (statements.known) {
      if (process.statementsKnown === false) {
        this.state.emit({ type: "unknown", atMs, what: "sql", why: process.whyUnknown, pids: [pid], untilMs: atMs });
      }
      const { besides } = statements;
      if (besides !== undefined)
        this.state.emit({ type: "unknown", atMs, what: "sql", why: besides, pids: [pid], untilMs: null });
    } else if (process.statementsKnown !== false || process.whyUnknown !== statements.why) {
      process.whyUnknown = statements.why;
      this.state.emit({ type: "unknown", atMs, what: "sql", why: statements.why, pids: [pid], untilMs: null });
    }
    process.statementsKnown = statements.known;
  }

  begins({ process: identity, atMs }: ProcessEvent): void {
    const startTicks = identity.startTicks?.toString() ?? null;
    const known = this.state.processes.get(identity.pid);
    if (known !== undefined && known.startTicks !== null && startTicks !== null && known.startTicks !== startTicks) {
      this.ended({ kind: "ended", atMs, pid: identity.pid });
      this.endProcess(known); // its number is used again
    }
    this.state.process(identity.pid).startTicks = startTicks;
    this.state.emit({ type: "process", ...identity, startTicks });
    this.unproved.hasOpen(identity.pid);
  }

  ended({ pid, atMs }: EndedEvent): void {
    const process = this.state.processes.get(pid);
    if (process === undefined || process.endedMs !== null) return;
    process.endedMs = atMs;
    for (const thread of process.threads) this.waits.cutOff(thread, "killed", atMs);
    this.transactions.processEnded(process, atMs);
    for (const thread of process.threads) thread.frames.length = 0;
    this.state.forgetConnections(process);
    this.ending.add(process);
  }

  /** It has an event: if its end was told of, another process has its number now. */
  goesOn(pid: number): void {
    if (this.ending.size === 0) return; // nearly always
    const process = this.state.processes.get(pid);
    if (process !== undefined && this.ending.has(process)) this.endProcess(process);
  }

  /** The kernel tells of the end of a process before it closes its files. */
  sweep(nowMs: number): void {
    for (const process of this.ending) {
      if (nowMs - (process.endedMs ?? 0) >= CLOSED_WITHIN_MS) this.endProcess(process);
    }
    if (nowMs - this.countedMs < COUNTS_MS) return;
    this.countAll(nowMs);
    this.countedMs = nowMs;
  }

  forgetAllEnded(): void {
    for (const process of this.ending) this.endProcess(process);
  }

  /** Attempts that no call needed, until then. */
  countAll(nowMs: number): void {
    for (const process of this.state.processes.values()) this.counts(process, nowMs);
  }

  private endProcess(process: Process): void {
    const { pid, threads } = process;
    const atMs = process.endedMs ?? this.state.nowMs;
    this.ending.delete(process);
    for (const file of this.state.files.all()) {
      file.forget(atMs, (held) => held.pid === pid && (held.api === "posix" || held.owner === UNKNOWN_OWNER));
    }
    this.counts(process, this.state.nowMs);
    this.seeds.forget(pid);
    this.unproved.forget(pid);
    for (const { tid } of threads) this.state.threads.delete(tid);
    this.state.processes.delete(pid);
  }

  private counts({ pid, startTicks, optional }: Process, toMs: number): void {
    for (const [{ path }, optionalRefusals] of optional) {
      this.state.emit({
        type: "counts",
        fromMs: this.countedMs,
        toMs,
        pid,
        startTicks,
        path,
        holds: {},
        transactions: 0,
        waits: { times: 0, totalMs: 0 },
        optionalRefusals,
      });
    }
    optional.clear();
  }
}
