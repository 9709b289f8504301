/** The lines of code of what the locks and calls show, as the programs tell them. Pure. */
import type { BlockerFact, CallSite, LockLine, RecordingLine, TransactionLine } from "../lines.ts";
import { kindOf } from "../sql/kind.ts";
import type { CallIndex } from "./call-index.ts";
import type { OpenTransaction, ProgramCall } from "./connection.ts";
import type { Programs } from "./programs.ts";
import { siteKey } from "./repeated.ts";

/** Samples see a lock up to so long after it was taken, and its release as late. */
const SAMPLED_SLACK_MS = 30;
/** On a busy machine. */
const LATE_SAMPLE_MS = 150;

type Holding = Pick<BlockerFact, "pid" | "startTicks" | "tid" | "lockType" | "lock" | "sql" | "atLeast">;

interface Moment {
  readonly pid: number;
  readonly startTicks: string | null;
  readonly tid: number | null;
  readonly path: string;
  readonly atMs: number;
  readonly sql: string | null;
}

export class CallSites {
  readonly #programs: Programs;
  /** Locks have their thread, and exact times. */
  readonly #exact: boolean;

  constructor(programs: Programs, exact: boolean) {
    this.#programs = programs;
    this.#exact = exact;
  }

  /** The same line, with what is known of its lines of code. */
  attach(line: RecordingLine): RecordingLine {
    switch (line.type) {
      case "lock":
        return line.callSite === null ? this.#lock(line) : line;
      case "wait": {
        const callSite = line.callSite ?? this.#siteAt({ ...line, atMs: line.fromMs });
        return { ...line, callSite, blockers: this.blockers(line.blockers, line.path) };
      }
      case "refusal": {
        if (line.callSite !== null) return line;
        const call =
          this.#callAt({ ...line, atMs: line.atMs }) ?? this.#callAt({ ...line, atMs: line.atMs - line.callMs });
        if (call === null) return line;
        return { ...line, callSite: call.site, connectionId: call.connection.id };
      }
      case "transaction":
        return line.program === undefined ? this.#transaction(line) : line;
      default:
        return line;
    }
  }

  /** The program has told of its end. */
  isToldWhole(line: TransactionLine): boolean {
    const calls = this.#programs.matching(line.pid, line.startTicks)?.calls;
    return calls !== undefined && this.#transactionOf(calls, line)?.end != null;
  }

  blockers(blockers: readonly BlockerFact[], path: string): readonly BlockerFact[] {
    if (!blockers.some(({ pid }) => this.#programs.has(pid))) return blockers;
    return blockers.map((each) =>
      each.callSite !== null
        ? each
        : { ...each, callSite: this.#heldAt(each, path, each.fromMs, each.fromMs + each.heldMs) },
    );
  }

  #lock(line: LockLine): LockLine {
    const callSite = this.#heldAt(line, line.path, line.fromMs, line.toMs ?? Number.POSITIVE_INFINITY);
    return callSite === null ? line : { ...line, callSite };
  }

  /** Where a lock was taken. */
  #heldAt(held: Holding, path: string, fromMs: number, toMs: number): CallSite | null {
    const { pid, startTicks, tid, lockType, lock, sql, atLeast } = held;
    const calls = this.#programs.matching(pid, startTicks)?.calls;
    if (calls === undefined) return null;
    const isWrite = lockType === "write" || lock === "RESERVED" || lock === "WRITE";
    if (!this.#exact) return likelySite(calls, path, isWrite, fromMs, toMs);
    const exact = this.#siteAt({ pid, startTicks, tid, path, atMs: fromMs, sql });
    return exact ?? (atLeast ? openSite(calls, tid, path, isWrite, fromMs) : null);
  }

  #transaction(line: TransactionLine): TransactionLine {
    const calls = this.#programs.matching(line.pid, line.startTicks)?.calls;
    if (calls === undefined) return line;
    const transaction = this.#transactionOf(calls, line);
    if (transaction === null) {
      const callSite = this.#siteAt({ ...line, atMs: line.fromMs, sql: line.statements[0]?.sql ?? null });
      return callSite === null ? line : { ...line, callSite };
    }
    const statements = line.statements.length === 0 ? transaction.statements : line.statements;
    return { ...line, statements, callSite: transaction.site, program: transaction.facts() };
  }

  #transactionOf(calls: CallIndex, { tid, fromMs, toMs, path, writeFromMs }: TransactionLine): OpenTransaction | null {
    if (this.#exact) return calls.transactionAt(tid, fromMs);
    const until = toMs ?? Number.POSITIVE_INFINITY;
    const [only, other] = calls.during(path, writeFromMs !== null, fromMs, until, SAMPLED_SLACK_MS);
    return only !== undefined && other === undefined ? only : null;
  }

  #siteAt(moment: Moment): CallSite | null {
    const call = this.#callAt(moment);
    if (call?.site == null) return null;
    return call.tid === 0 ? { ...call.site, sure: "likely" } : call.site;
  }

  #callAt({ pid, startTicks, tid, atMs, sql }: Moment): ProgramCall | null {
    const calls = this.#programs.matching(pid, startTicks)?.calls;
    if (calls === undefined || !this.#exact) return null;
    const ofThread = tid === null ? null : calls.at(tid, atMs);
    return ofThread ?? calls.ofUnknownThread(atMs, sql);
  }
}

function isRead({ sql: { sql } }: ProgramCall): boolean {
  return sql !== null && kindOf(sql) === "select";
}

/** Of a lock that was held before it was seen: the transaction of that thread that was open by then. */
function openSite(calls: CallIndex, tid: number | null, path: string, isWrite: boolean, atMs: number): CallSite | null {
  if (tid === null) return likelySite(calls, path, isWrite, atMs, atMs);
  const open = calls.transactionAt(tid, atMs);
  if (open === null || open.begun.connection.path !== path || (isWrite && open.wrote === null)) return null;
  const site = (isWrite ? open.wrote?.site : null) ?? open.site;
  return site === null ? null : { ...site, sure: "likely" };
}

/** The only line whose transaction had such a lock then. */
function likelySite(calls: CallIndex, path: string, isWrite: boolean, fromMs: number, toMs: number): CallSite | null {
  const held = calls.during(path, isWrite, fromMs, toMs, SAMPLED_SLACK_MS);
  const sites = held.map((each) => (isWrite ? each.wrote?.site : each.site) ?? each.site);
  const alone = [...calls.alone(path, fromMs - SAMPLED_SLACK_MS, fromMs + SAMPLED_SLACK_MS)];
  const before = [...calls.alone(path, fromMs - LATE_SAMPLE_MS, fromMs + SAMPLED_SLACK_MS)];
  // what ended at once does not explain a lock that went on: a read that came after it may
  const isBrief = held.every(({ end }) => end !== null && end.toMs <= fromMs + SAMPLED_SLACK_MS);
  const reads =
    !isWrite && isBrief && toMs > fromMs + 2 * SAMPLED_SLACK_MS
      ? before.filter((call) => isRead(call) && !held.some(({ end }) => end !== null && call.toMs <= end.toMs))
      : [];
  const others = sites.length > 0 ? sites : alone.map(({ site }) => site);
  const found = reads.length > 0 ? reads.map(({ site }) => site) : others;
  const [first] = found;
  if (first == null || found.some((site) => siteKey(site) !== siteKey(first))) return null;
  return { ...first, sure: "likely" };
}
