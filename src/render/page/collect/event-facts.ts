/** Lines of a recording as numbers: their texts, lanes and locks by number. Pure. */
import type {
  BlockerFact,
  LockLine,
  RefusalLine,
  SqlFacts,
  TransactionLine,
  WaitLine,
} from "../../../recording/lines.ts";
import type { LockName, LockType } from "../../../sqlite/locks.ts";
import { grouped } from "../../../text/list.ts";
import {
  ENDED_BY,
  LEFT_OPEN_BY,
  LOCK_AT_LEAST,
  LOCK_STILL,
  REFUSAL_LIKELY,
  REFUSAL_REASONS,
  TRANSACTION_ALONE,
  TRANSACTION_AT_LEAST,
  TRANSACTION_KINDS,
  TRANSACTION_OUTCOMES,
  TRANSACTION_SHARED_LOCKS,
  WAIT_LIKELY,
  WAIT_OUTCOMES,
  WAIT_PERHAPS_SEVERAL,
  WAIT_WHILE_READING,
  WAIT_WITHIN_PROCESS,
} from "../data.ts";
import type { Interner } from "./interner.ts";
import type { Lanes } from "./lanes.ts";

const MOST_BLOCKERS = 8;

export interface Event {
  readonly fromMs: number;
  readonly lengthMs: number | null;
  readonly lane: number;
  readonly tid: number;
  readonly site: number;
}

export interface Lock extends Event {
  readonly kind: number;
  readonly flags: number;
  readonly sql: number;
}

export interface Blocker {
  readonly process: number;
  readonly tid: number;
  readonly kind: number;
  readonly fromMs: number;
  readonly heldMs: number;
  readonly atLeast: boolean;
  readonly blockedMs: number;
  readonly sql: number;
  readonly site: number;
}

export interface Wait extends Lock {
  readonly attempts: number;
  readonly outcome: number;
  readonly result: number;
  readonly oversleptMs: number;
  readonly blockers: readonly Blocker[];
  readonly moreBlockers: number;
}

export interface Refusal extends Event {
  readonly waitedMs: number;
  readonly result: number;
  readonly why: number;
  readonly flags: number;
  readonly sql: number;
  readonly blockers: readonly Blocker[];
  readonly moreBlockers: number;
}

export interface Transaction extends Event {
  readonly kind: number;
  readonly outcome: number;
  readonly flags: number;
  readonly insideMs: number | null;
  readonly outsideMs: number | null;
  readonly waitedMs: number | null;
  readonly writeAfterMs: number | null;
  readonly sequence: number;
  readonly moreStatements: number;
  readonly statements: readonly { readonly afterMs: number; readonly ms: number; readonly result: number }[];
  readonly endedAt: number;
  readonly endedBy: number;
  readonly leftOpenBy: number;
  readonly pauseMs: number | null;
  readonly pauseAfter: number;
  readonly pauseBefore: number;
}

export class EventFacts {
  readonly kinds: [LockName, LockType][] = [];
  readonly #texts: Interner;
  readonly #lanes: Lanes;
  readonly #kinds = new Map<string, number>();
  /** So many are of processes for which there is no lane. */
  withoutLane = 0;

  constructor(texts: Interner, lanes: Lanes) {
    this.#texts = texts;
    this.#lanes = lanes;
  }

  /** Null: there is no room for its lane. So of the others. */
  lock(line: LockLine): Lock | null {
    const { lock, lockType, fromMs, toMs, atLeast, sharedBy = 0 } = line;
    const event = this.#event(line, fromMs, toMs === null ? null : toMs - fromMs);
    if (event === null) return null;
    this.#lanes.sawLock(lock, line.path);
    const flags = (atLeast ? LOCK_AT_LEAST : 0) + (toMs === null ? LOCK_STILL : 0) + sharedBy * 4;
    return { ...event, kind: this.kind(lock, lockType), flags, sql: this.#sql(line) };
  }

  wait(line: WaitLine): Wait | null {
    const event = this.#event(line, line.fromMs, line.waitedMs);
    if (event === null) return null;
    this.#lanes.sawLock(line.lock, line.path);
    return {
      ...{ ...event, kind: this.kind(line.lock, line.lockType), sql: this.#sql(line) },
      ...{
        attempts: line.attempts,
        outcome: WAIT_OUTCOMES.indexOf(line.outcome),
        result: this.#texts.text(line.result),
      },
      flags:
        (line.perhapsSeveralCalls === true ? WAIT_PERHAPS_SEVERAL : 0) +
        (line.withinProcess === true ? WAIT_WITHIN_PROCESS : 0) +
        (line.whileReading === true ? WAIT_WHILE_READING : 0) +
        (line.sure === "likely" ? WAIT_LIKELY : 0),
      oversleptMs: line.oversleptMs,
      ...this.#blockers(line.blockers),
    };
  }

  refusal(line: RefusalLine): Refusal | null {
    const event = this.#event(line, line.atMs, line.callMs);
    if (event === null) return null;
    return {
      ...{ ...event, waitedMs: line.waitedMs ?? 0, result: this.#texts.text(line.result), sql: this.#sql(line) },
      ...{ why: REFUSAL_REASONS.indexOf(line.why), flags: line.sure === "likely" ? REFUSAL_LIKELY : 0 },
      ...this.#blockers(line.blockers ?? []),
    };
  }

  transaction(line: TransactionLine): Transaction | null {
    const { fromMs, toMs, writeFromMs, program, statements } = line;
    const event = this.#event(line, fromMs, toMs === null ? null : toMs - fromMs);
    if (event === null) return null;
    const { pause } = program ?? {};
    return {
      ...{ ...event, kind: TRANSACTION_KINDS.indexOf(line.kind), outcome: TRANSACTION_OUTCOMES.indexOf(line.outcome) },
      flags:
        (line.atLeast ? TRANSACTION_AT_LEAST : 0) +
        (line.sharedLocks === true ? TRANSACTION_SHARED_LOCKS : 0) +
        (program?.alone === true ? TRANSACTION_ALONE : 0),
      ...{ insideMs: line.insideMs, outsideMs: line.outsideMs, waitedMs: line.waitedMs },
      writeAfterMs: writeFromMs === null ? null : writeFromMs - fromMs,
      sequence: this.#texts.sequence(statements.flatMap((each) => [this.#sql(each), each.times ?? 1])),
      moreStatements: line.moreStatements,
      statements: statements.map(({ atMs, ms, result }) => ({
        ...{ afterMs: Math.max(0, atMs - fromMs), ms, result: this.#texts.text(result) },
      })),
      endedAt: this.#texts.site(program?.endedAt),
      endedBy: program?.endedBy === undefined ? -1 : ENDED_BY.indexOf(program.endedBy),
      leftOpenBy: program?.leftOpenBy === undefined ? -1 : LEFT_OPEN_BY.indexOf(program.leftOpenBy),
      ...{ pauseMs: pause?.ms ?? null, pauseAfter: this.#texts.site(pause?.after) },
      pauseBefore: this.#texts.site(pause?.before),
    };
  }

  kind(lock: LockName, type: LockType): number {
    const key = `${lock} ${type}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    this.#kinds.set(key, this.kinds.push([lock, type]) - 1);
    return this.kinds.length - 1;
  }

  #event(line: LockLine | WaitLine | RefusalLine | TransactionLine, fromMs: number, lengthMs: number | null) {
    const lane = this.#lanes.lane(line);
    if (lane === -1) {
      this.withoutLane++;
      return null;
    }
    return { fromMs, lengthMs, lane, tid: line.tid, site: this.#texts.site(line.callSite) };
  }

  #blockers(all: readonly BlockerFact[]): Pick<Wait, "blockers" | "moreBlockers"> {
    const blockers = all.slice(0, MOST_BLOCKERS).map((each) => ({
      ...{ process: this.#lanes.process(each), tid: each.tid ?? -1, kind: this.kind(each.lock, each.lockType) },
      ...{ fromMs: each.fromMs, heldMs: each.heldMs, atLeast: each.atLeast, blockedMs: each.blockedMs },
      ...{ sql: this.#sql(each), site: this.#texts.site(each.callSite) },
    }));
    return { blockers, moreBlockers: all.length - blockers.length };
  }

  /** With the length of the whole, where this is its beginning. */
  #sql({ sql, sqlBytes, sqlBytesAtLeast }: SqlFacts): number {
    if (sql === null || sqlBytes === undefined) return this.#texts.text(sql);
    return this.#texts.text(`${sql} (${sqlBytesAtLeast === true ? "at least " : ""}${grouped(sqlBytes)} bytes in all)`);
  }
}
