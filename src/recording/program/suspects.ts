/**
 * Who was in the way of a call, where the program alone tells of it: whoever held the write lock meanwhile, as other
 * programs tell or as samples show. Likely, since no attempt was seen. Pure.
 */
import type { LockName } from "../../sqlite/locks.ts";
import type { BlockerFact, LockLine, RecordingLine, RefusalLine, WaitLine } from "../lines.ts";
import { isToWrite } from "../locks/to-write.ts";
import { changesData, kindOf } from "../sql/kind.ts";
import type { CallSites } from "./call-sites.ts";
import type { OpenTransaction, ProgramCall } from "./connection.ts";
import type { ProgramProcess } from "./process.ts";
import type { Programs } from "./programs.ts";

export interface Seen {
  /** Write locks of this database that are held now. */
  readonly heldNow: (path: string) => readonly BlockerFact[];
  readonly isWal: (path: string) => boolean;
}

/** Write locks that were released so long ago may be the reason. */
const RECENT_MS = 60_000;
const MOST_RECENT = 5_000;
const MOST_LISTED = 8;
/** A call has waited where the lock was not free for so much of it. */
const SHARE = 0.5;

interface Span {
  readonly path: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly connectionId: number | undefined;
}

export class Suspects {
  readonly #seen: Seen;
  readonly #programs: Programs;
  readonly #sites: CallSites;
  #recent: LockLine[] = [];

  constructor({ programs, ...seen }: Seen & { readonly programs: Programs }, sites: CallSites) {
    this.#programs = programs;
    this.#seen = seen;
    this.#sites = sites;
  }

  released(line: LockLine): void {
    if (!isToWrite({ name: line.lock, type: line.lockType })) return;
    this.#recent.push(line);
    if (this.#recent.length > 2 * MOST_RECENT) this.#recent = this.#recent.slice(MOST_RECENT);
  }

  /** Null: it is no wait, since nobody was in the way for long enough. */
  explained(line: RecordingLine): RecordingLine | null {
    if (line.type === "wait") return this.#wait(line);
    if (line.type === "refusal") return this.#refusal(line);
    return line;
  }

  #wait(line: WaitLine): WaitLine | null {
    const { path, fromMs, waitedMs, connectionId } = line;
    const blockers = this.#during({ path, fromMs, toMs: fromMs + waitedMs, connectionId });
    const [first] = blockers;
    if (first === undefined || longest(blockers) < waitedMs * SHARE) return null;
    const freeMs = Math.max(...blockers.map((each) => each.fromMs + each.heldMs));
    return {
      ...line,
      lock: this.#lock(path),
      oversleptMs: Math.max(0, fromMs + waitedMs - freeMs),
      ...(blockers.every(({ pid }) => pid === line.pid) ? { withinProcess: true } : {}),
      blockers,
    };
  }

  #refusal(line: RefusalLine): RefusalLine {
    const { path, atMs, callMs, connectionId } = line;
    const blockers = this.#during({ path, fromMs: atMs - callMs, toMs: atMs, connectionId });
    return blockers.length === 0 ? line : { ...line, blockers };
  }

  #lock(path: string): LockName {
    return this.#seen.isWal(path) ? "WRITE" : "RESERVED";
  }

  /** The one that was in the way longest first. */
  #during(span: Span): BlockerFact[] {
    const told = [...this.#programs.all()].flatMap((process) =>
      [...process.calls.writing(span.path, span.fromMs, span.toMs)]
        .filter(({ begun }) => begun.connection.id !== span.connectionId)
        .map((transaction) => this.#told(process, transaction, span)),
    );
    const alone = [...this.#programs.all()].flatMap((process) =>
      [...process.calls.alone(span.path, span.fromMs, span.toMs)]
        .filter(
          ({ connection, sql, result }) => connection.id !== span.connectionId && result === null && isChange(sql),
        )
        .map((call) => this.#aloneStatement(process, call, span)),
    );
    this.#recent = this.#recent.filter(({ toMs }) => (toMs ?? span.toMs) >= span.toMs - RECENT_MS);
    const seen = [...this.#recent.filter(({ path }) => path === span.path), ...this.#seen.heldNow(span.path)]
      .map((each) => blockerOf(each, span))
      .filter(({ pid, blockedMs }) => blockedMs > 0 && !this.#isTold(pid, span.path));
    return [...told, ...alone, ...this.#sites.blockers(seen, span.path)]
      .filter(({ fromMs, blockedMs }) => fromMs < span.toMs && blockedMs > 0)
      .sort((a, b) => b.blockedMs - a.blockedMs)
      .slice(0, MOST_LISTED);
  }

  /** Of a process with a tracer, the samples show nothing that it does not tell exactly. */
  #isTold(pid: number, path: string): boolean {
    return this.#programs.matching(pid, null)?.uses(path) === true;
  }

  #aloneStatement({ pid, startTicks }: ProgramProcess, call: ProgramCall, span: Span): BlockerFact {
    const { fromMs, toMs, insideMs, tid, sql, site } = call;
    const overlapMs = Math.max(0, Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs));
    return {
      ...{ pid, startTicks, tid: tid === 0 ? null : tid, lock: this.#lock(span.path), lockType: "write", fromMs },
      // of several in a row, the time between them is not in anybody's way
      ...{ heldMs: insideMs, atLeast: false, ...sql, callSite: site, blockedMs: Math.min(insideMs, overlapMs) },
    };
  }

  #told({ pid, startTicks }: ProgramProcess, { wrote, end }: OpenTransaction, span: Span): BlockerFact {
    const fromMs = wrote?.toMs ?? 0;
    const heldMs = Math.max(0, Math.min(end?.toMs ?? span.toMs, span.toMs) - fromMs);
    const tid = wrote === null || wrote.tid === 0 ? null : wrote.tid;
    const blockedMs = Math.max(0, fromMs + heldMs - Math.max(fromMs, span.fromMs));
    return {
      ...{
        pid,
        startTicks,
        tid,
        lock: this.#lock(span.path),
        lockType: "write",
        fromMs,
        heldMs,
        atLeast: end === null,
      },
      ...{ ...(wrote?.sql ?? { sql: null }), callSite: wrote?.site ?? null, blockedMs },
    };
  }
}

function isChange({ sql }: ProgramCall["sql"]): boolean {
  return sql !== null && changesData(kindOf(sql));
}

function longest(blockers: readonly BlockerFact[]): number {
  return blockers.reduce((most, { blockedMs }) => Math.max(most, blockedMs), 0);
}

function blockerOf(held: LockLine | BlockerFact, span: Span): BlockerFact {
  const { pid, startTicks, tid, lock, lockType, fromMs, atLeast, sql, callSite } = held;
  const toMs = "heldMs" in held ? fromMs + held.heldMs : (held.toMs ?? span.toMs);
  const untilMs = Math.min(toMs, span.toMs);
  return {
    ...{ pid, startTicks, tid, lock, lockType, fromMs, heldMs: Math.max(0, untilMs - fromMs), atLeast, sql, callSite },
    blockedMs: Math.max(0, untilMs - Math.max(fromMs, span.fromMs)),
  };
}
