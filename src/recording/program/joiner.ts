/**
 * Lines of the recording wait a moment for what the programs say of them: their messages come a little later than the
 * kernel's events. Their order stays. Pure.
 */
import type { BlockerFact, LockLine, RecordingLine, RefusalLine } from "../lines.ts";
import { isToWrite } from "../locks/to-write.ts";
import { CallSites } from "./call-sites.ts";
import type { Programs } from "./programs.ts";

/** A program writes what it gathers 20 times a second, and a busy machine reads it later. */
const HELD_BACK_MS = 300;
/** Write locks that were released so long ago may be the reason of a refusal. */
const RECENT_MS = 60_000;
const MOST_RECENT = 5_000;

export interface JoinerOptions {
  readonly programs: Programs;
  /** The source has every lock, with its thread. */
  readonly exact: boolean;
  /** What the program alone tells of its transactions is wanted: no calls of this process are seen from outside. */
  readonly needsProgram: (pid: number) => boolean;
  /** Write locks of this database that are held now. */
  readonly heldNow: (path: string) => readonly BlockerFact[];
}

interface Waiting {
  readonly line: RecordingLine;
  readonly isAlone: boolean;
  readonly sinceMs: number;
}

export class Joiner {
  readonly #options: JoinerOptions;
  readonly #sites: CallSites;
  readonly #emit: (line: RecordingLine) => void;
  #queue: Waiting[] = [];
  #recent: LockLine[] = [];

  constructor(options: JoinerOptions, emit: (line: RecordingLine) => void) {
    this.#options = options;
    this.#sites = new CallSites(options.programs, options.exact);
    this.#emit = emit;
  }

  /** `isAlone`: what the program alone tells. */
  add(line: RecordingLine, nowMs: number, isAlone = false): void {
    if (this.#options.programs.size === 0 && this.#queue.length === 0) {
      this.#emit(line);
      return;
    }
    this.#queue.push({ line, isAlone, sinceMs: nowMs });
  }

  /** To be called some 20 times a second. */
  release(nowMs: number): void {
    let passed = 0;
    for (const { line, isAlone, sinceMs } of this.#queue) {
      if (nowMs - sinceMs < HELD_BACK_MS) break;
      passed += 1;
      this.#pass(line, isAlone);
    }
    if (passed > 0) this.#queue = this.#queue.slice(passed);
  }

  end(): void {
    this.release(Number.POSITIVE_INFINITY);
  }

  #pass(line: RecordingLine, isAlone: boolean): void {
    if (isAlone && "pid" in line && !this.#options.needsProgram(line.pid)) return;
    if (line.type === "lock" && !this.#options.exact && isToWrite({ name: line.lock, type: line.lockType }))
      this.#remember(line);
    const isOwnRefusal = isAlone && line.type === "refusal";
    const told = isOwnRefusal ? this.#withBlockers(line) : this.#sites.attach(line);
    if (isAlone || !this.#isTwice(told)) this.#emit(told);
  }

  /** A transaction of which the program tells in a line of its own, which says more. */
  #isTwice(line: RecordingLine): boolean {
    return line.type === "transaction" && line.program !== undefined && this.#options.needsProgram(line.pid);
  }

  #remember(line: LockLine): void {
    this.#recent.push(line);
    if (this.#recent.length > 2 * MOST_RECENT) this.#recent = this.#recent.slice(MOST_RECENT);
  }

  /** Who held a lock that can be the reason: other processes as samples show, all as the programs tell. */
  #withBlockers(line: RefusalLine): RefusalLine {
    const { path, atMs, callMs, pid, connectionId } = line;
    const fromMs = atMs - callMs;
    const told = [...this.#options.programs.all()].flatMap((process) =>
      [...process.calls.writing(path, fromMs, atMs)]
        .filter(({ begun }) => begun.connection.id !== connectionId)
        .map(({ wrote, end }): BlockerFact => {
          const heldFromMs = wrote?.toMs ?? 0;
          const toMs = Math.min(end?.toMs ?? atMs, atMs);
          return {
            ...{ pid: process.pid, startTicks: process.startTicks, tid: wrote?.tid || null },
            ...{ lock: "WRITE", lockType: "write", fromMs: heldFromMs, heldMs: Math.max(0, toMs - heldFromMs) },
            ...{ atLeast: true, ...(wrote?.sql ?? { sql: null }), callSite: wrote?.site ?? null },
            blockedMs: Math.max(0, toMs - Math.max(heldFromMs, fromMs)),
          };
        }),
    );
    const pids = new Set(told.map((each) => each.pid));
    const recent = this.#recent.filter(
      (each) => each.path === path && each.fromMs <= atMs && (each.toMs ?? atMs) >= fromMs,
    );
    this.#recent = this.#recent.filter(({ toMs }) => (toMs ?? atMs) >= atMs - RECENT_MS);
    const seen = [...recent.map((each) => blockerOf(each, fromMs, atMs)), ...this.#options.heldNow(path)].filter(
      (each) => each.pid !== pid && !pids.has(each.pid) && each.fromMs <= atMs,
    );
    const blockers = [...told, ...this.#sites.blockers(seen, path)].sort((a, b) => b.blockedMs - a.blockedMs);
    return blockers.length === 0 ? line : { ...line, blockers: blockers.slice(0, 8) };
  }
}

function blockerOf(
  { pid, startTicks, tid, lock, lockType, fromMs, toMs, atLeast, sql, callSite }: LockLine,
  sinceMs: number,
  untilMs: number,
): BlockerFact {
  const endMs = Math.min(toMs ?? untilMs, untilMs);
  return {
    ...{ pid, startTicks, tid, lock, lockType, fromMs, heldMs: Math.max(0, endMs - fromMs), atLeast, sql, callSite },
    blockedMs: Math.max(0, endMs - Math.max(fromMs, sinceMs)),
  };
}
