/** Takes the lines of a recording, and has the data of a page in the end. Its memory is bounded. Pure. */
import type { HistoryFacts, Span } from "../../../recording/history/history.ts";
import type {
  BlockerFact,
  CountsLine,
  LockLine,
  RecordingLine,
  RefusalLine,
  SqlFacts,
  TransactionLine,
  WaitLine,
} from "../../../recording/lines.ts";
import type { OpenLine, WalLine } from "../../../recording/state-lines.ts";
import type { ProcessSummary } from "../../../recording/summary-line.ts";
import type { LockName, LockType } from "../../../sqlite/locks.ts";
import { escapeText } from "../../../text/escape.ts";
import { grouped } from "../../../text/list.ts";
import {
  ENDED_BY,
  LEFT_OPEN_BY,
  LOCK_AT_LEAST,
  LOCK_STILL,
  type PageData,
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
import { CountedTally } from "./counted-holds.ts";
import { Interner } from "./interner.ts";
import { KeptEvents } from "./kept-events.ts";
import { Lanes } from "./lanes.ts";
import { type Lengths, LengthTally } from "./lengths.ts";
import { WalSeries } from "./wal-series.ts";
import { zonesOf } from "./zones.ts";

/** The most that are drawn one by one: 200,000 in all. */
const MOST = { locks: 120_000, transactions: 40_000, waits: 30_000, refusals: 10_000 };
/** The statements of the longest transactions have times. */
const MOST_TIMED = 40_000;
const MOST_BLOCKERS = 8;
const MOST_WALS = 100;
const MOST_CLOCKS = 10_000;

interface Event {
  readonly fromMs: number;
  readonly lengthMs: number | null;
  readonly lane: number;
  readonly tid: number;
  readonly site: number;
}

interface Lock extends Event {
  readonly kind: number;
  readonly flags: number;
  readonly sql: number;
}

interface Blocker {
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

interface Wait extends Lock {
  readonly attempts: number;
  readonly outcome: number;
  readonly result: number;
  readonly oversleptMs: number;
  readonly blockers: readonly Blocker[];
  readonly moreBlockers: number;
}

interface Refusal extends Event {
  readonly waitedMs: number;
  readonly result: number;
  readonly why: number;
  readonly flags: number;
  readonly sql: number;
  readonly blockers: readonly Blocker[];
  readonly moreBlockers: number;
}

interface Transaction extends Event {
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

/** What the page leaves out: it says so. */
export interface LeftOut {
  /** Locks, transactions, waits and refusals that are not drawn one by one, and the longest of each. */
  readonly locks: { readonly times: number; readonly upToMs: number };
  readonly transactions: { readonly times: number; readonly upToMs: number };
  readonly waits: { readonly times: number; readonly upToMs: number };
  readonly refusals: { readonly times: number; readonly upToMs: number };
  /** Of processes for which there is no lane. */
  readonly withoutLane: number;
  /** Texts that are cut or left out. */
  readonly texts: number;
}

export interface Collected {
  readonly data: PageData;
  readonly lengths: { readonly writes: Lengths; readonly reads: Lengths; readonly waits: Lengths };
  readonly leftOut: LeftOut;
}

export class PageCollector {
  readonly #facts: HistoryFacts;
  readonly #span: Span;
  readonly #texts: Interner;
  readonly #lanes = new Lanes();
  readonly #lengths = new LengthTally();
  readonly #counted = new CountedTally();
  readonly #kinds = new Map<string, number>();
  readonly #kindList: [LockName, LockType][] = [];
  readonly #wals = new Map<string, WalSeries>();
  readonly #locks = new KeptEvents<Lock>(MOST.locks, (each) => this.#countLock(each));
  readonly #waits = new KeptEvents<Wait>(MOST.waits, () => {});
  readonly #transactions = new KeptEvents<Transaction>(MOST.transactions, () => {});
  readonly #refusals = new KeptEvents<Refusal>(MOST.refusals, () => {});
  /** The last one of each run whose recorder was killed, by the start of the run. */
  readonly #open = new Map<number, OpenLine>();
  readonly #clockMs = new Set<number>();
  #withoutLane = 0;

  /** `span`: what the page shows of the axis. `folder`: files of programs in it are named from there on. */
  constructor(facts: HistoryFacts, span: Span, folder: string | null = null) {
    this.#facts = facts;
    this.#span = span;
    this.#texts = new Interner(folder);
  }

  /** On the axis, as a report reads it. */
  take(line: RecordingLine): void {
    switch (line.type) {
      case "process":
        this.#lanes.name(line);
        return;
      case "lock":
        this.#lengths.lock(line);
        this.#lock(line);
        return;
      case "wait":
        this.#lengths.wait(line);
        this.#wait(line);
        return;
      case "transaction":
        this.#transaction(line);
        return;
      case "refusal":
        this.#refusal(line);
        return;
      case "counts":
        this.#lengths.counts(line);
        this.#counts(line);
        return;
      case "wal":
        this.#wal(line);
        return;
      case "open": {
        const run = this.#runAt(line.atMs);
        if (run?.end === "cut") this.#open.set(run.fromMs, line);
        return;
      }
      case "clock":
        if (this.#clockMs.size < MOST_CLOCKS) this.#clockMs.add(line.atMs);
        return;
    }
  }

  /** `facts`: with all blanks. `processes`: of the summary. */
  finish(facts: HistoryFacts, processes: readonly ProcessSummary[]): Collected {
    for (const each of processes) this.#lanes.name(each);
    this.#addOpen();
    const { fromMs, toMs } = this.#span;
    const us = (ms: number) => Math.round((ms - fromMs) * 1_000);
    const lengthUs = (ms: number | null) => (ms === null ? -1 : Math.round(ms * 1_000));
    const locks = sorted(this.#locks.all());
    const waits = sorted(this.#waits.all());
    const refusals = sorted(this.#refusals.all());
    const transactions = sorted(this.#transactions.all());
    const isTimed = this.#timed(transactions);
    const blockers = [...waits, ...refusals].flatMap((each) => each.blockers);
    const statements = transactions.flatMap((each) => (isTimed(each) ? each.statements : []));
    const events = (list: readonly Event[]) => ({
      from: list.map((each) => us(each.fromMs)),
      length: list.map((each) => lengthUs(each.lengthMs ?? this.#untilEnd(each.fromMs))),
      ...columns(list, ["lane", "tid", "site"]),
    });
    const counted = this.#counted.all();
    const lanes = this.#lanes.lanes((path) => this.#texts.text(path));
    const data: PageData = {
      ...{ fromMs, toMs, zone: facts.clock.zone, clock: this.#clockPoints(), zones: zonesOf(facts) },
      locks: { ...events(locks), ...columns(locks, ["kind", "flags", "sql"]) },
      waits: {
        ...{ ...events(waits), ...columns(waits, ["kind", "attempts", "outcome", "result", "flags", "sql"]) },
        overslept: waits.map(({ oversleptMs }) => lengthUs(oversleptMs)),
        ...{ blockers: waits.map((each) => each.blockers.length), ...columns(waits, ["moreBlockers"]) },
      },
      transactions: {
        ...{ ...events(transactions), ...columns(transactions, ["kind", "outcome", "flags", "sequence"]) },
        ...columns(transactions, ["moreStatements", "endedAt", "endedBy", "leftOpenBy", "pauseAfter", "pauseBefore"]),
        inside: transactions.map(({ insideMs }) => lengthUs(insideMs)),
        outside: transactions.map(({ outsideMs }) => lengthUs(outsideMs)),
        waited: transactions.map(({ waitedMs }) => lengthUs(waitedMs)),
        writeAfter: transactions.map(({ writeAfterMs }) => lengthUs(writeAfterMs)),
        pause: transactions.map(({ pauseMs }) => lengthUs(pauseMs)),
        timed: transactions.map((each) => (isTimed(each) ? each.statements.length : 0)),
      },
      refusals: {
        ...{ ...events(refusals), ...columns(refusals, ["result", "why", "flags", "sql", "moreBlockers"]) },
        waited: refusals.map(({ waitedMs }) => lengthUs(waitedMs)),
        blockers: refusals.map((each) => each.blockers.length),
      },
      blockers: {
        ...columns(blockers, ["process", "tid", "kind", "sql", "site"]),
        from: blockers.map((each) => us(each.fromMs)),
        held: blockers.map(({ heldMs }) => lengthUs(heldMs)),
        blocked: blockers.map(({ blockedMs }) => lengthUs(blockedMs)),
        atLeast: blockers.map(({ atLeast }) => (atLeast ? 1 : 0)),
      },
      statements: {
        after: statements.map(({ afterMs }) => lengthUs(afterMs)),
        length: statements.map(({ ms }) => lengthUs(ms)),
        ...columns(statements, ["result"]),
      },
      counted: {
        from: counted.map((each) => us(each.fromMs)),
        length: counted.map((each) => lengthUs(each.toMs - each.fromMs)),
        ...columns(counted, ["lane", "kind", "times"]),
        total: counted.map(({ totalMs }) => lengthUs(totalMs)),
        longest: counted.map(({ longestMs }) => lengthUs(longestMs)),
      },
      wals: [...this.#wals].map(([path, series]) => ({
        database: escapeText(path),
        at: series.all().map(({ atMs }) => us(atMs)),
        bytes: series.all().map(({ bytes }) => bytes ?? -1),
        frames: series.all().map(({ frames }) => frames ?? -1),
        pinned: series.all().map(({ pinned }) => pinned ?? -1),
      })),
      ...{ strings: this.#texts.strings, sites: this.#texts.sites, sequences: this.#texts.sequences },
      ...{ kinds: this.#kindList, processes: this.#lanes.processes(), lanes },
    };
    const { writes, reads, waits: waited } = this.#lengths;
    return { data, lengths: { writes, reads, waits: waited }, leftOut: this.#leftOut() };
  }

  /** Of recorders that were killed, nothing else tells what was open. */
  #addOpen(): void {
    const known = new Set([...this.#locks.all()].map((each) => `${each.lane} ${each.kind} ${each.fromMs}`));
    for (const { locks, waits, transactions } of this.#open.values()) {
      for (const line of locks) {
        const key = `${this.#lanes.lane(line)} ${this.#kind(line.lock, line.lockType)} ${line.fromMs}`;
        if (!known.has(key)) this.#lock({ ...line, atLeast: true });
      }
      const waiting = new Set(this.#waits.all().map(({ lane, fromMs }) => `${lane} ${fromMs}`));
      for (const line of waits) if (!waiting.has(`${this.#lanes.lane(line)} ${line.fromMs}`)) this.#wait(line);
      const begun = new Set(this.#transactions.all().map(({ lane, fromMs }) => `${lane} ${fromMs}`));
      for (const line of transactions)
        if (!begun.has(`${this.#lanes.lane(line)} ${line.fromMs}`)) this.#transaction({ ...line, atLeast: true });
    }
    this.#open.clear();
  }

  /** What had not ended: until the end of its run. */
  #untilEnd(fromMs: number): number {
    return Math.max(0, (this.#runAt(fromMs)?.toMs ?? this.#span.toMs) - fromMs);
  }

  #runAt(atMs: number): HistoryFacts["runs"][number] | undefined {
    const { runs } = this.#facts;
    return runs.findLast((run) => run.fromMs <= atMs) ?? runs[0];
  }

  /** The clock goes on evenly between the beginnings of runs, and where it was told. */
  #clockPoints(): PageData["clock"] {
    const { runs, suspensions, clock } = this.#facts;
    const inside = [...runs.map((run) => run.fromMs), ...suspensions.map(({ atMs }) => atMs), ...this.#clockMs];
    const { fromMs, toMs } = this.#span;
    const moments = [fromMs, ...inside.filter((atMs) => atMs > fromMs && atMs < toMs)];
    return [...new Set(moments)].sort((a, b) => a - b).map((atMs) => ({ atMs, utcMs: clock.toUtcMs(atMs) }));
  }

  #leftOut(): LeftOut {
    const of = ({ dropped, droppedUpToMs }: { dropped: number; droppedUpToMs: number }) => ({
      ...{ times: dropped, upToMs: droppedUpToMs },
    });
    return {
      ...{ locks: of(this.#locks), transactions: of(this.#transactions), waits: of(this.#waits) },
      ...{ refusals: of(this.#refusals), withoutLane: this.#withoutLane, texts: this.#texts.cut },
    };
  }

  #lock(line: LockLine): void {
    const { lock, lockType, fromMs, toMs, atLeast, sharedBy = 0 } = line;
    const event = this.#event(line, fromMs, toMs === null ? null : toMs - fromMs);
    if (event === null) return;
    this.#lanes.sawLock(lock, line.path);
    const flags = (atLeast ? LOCK_AT_LEAST : 0) + (toMs === null ? LOCK_STILL : 0) + sharedBy * 4;
    this.#locks.add({ ...event, kind: this.#kind(lock, lockType), flags, sql: this.#sql(line) });
  }

  #wait(line: WaitLine): void {
    const event = this.#event(line, line.fromMs, line.waitedMs);
    if (event === null) return;
    this.#lanes.sawLock(line.lock, line.path);
    this.#waits.add({
      ...{ ...event, kind: this.#kind(line.lock, line.lockType), sql: this.#sql(line) },
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
    });
  }

  #refusal(line: RefusalLine): void {
    const event = this.#event(line, line.atMs, line.callMs);
    if (event === null) return;
    this.#refusals.add({
      ...{ ...event, waitedMs: line.waitedMs ?? 0, result: this.#texts.text(line.result), sql: this.#sql(line) },
      ...{ why: REFUSAL_REASONS.indexOf(line.why), flags: line.sure === "likely" ? REFUSAL_LIKELY : 0 },
      ...this.#blockers(line.blockers ?? []),
    });
  }

  #transaction(line: TransactionLine): void {
    const { fromMs, toMs, writeFromMs, program, statements } = line;
    const event = this.#event(line, fromMs, toMs === null ? null : toMs - fromMs);
    if (event === null) return;
    const { pause } = program ?? {};
    this.#transactions.add({
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
    });
  }

  #counts(line: CountsLine): void {
    const lane = this.#lanes.lane({ ...line, connection: null });
    if (lane === -1) return;
    for (const [name, hold] of Object.entries(line.holds)) {
      const lock = name as LockName;
      this.#lanes.sawLock(lock, line.path);
      const { times, totalMs, longestMs = null, writes = 0 } = hold;
      const kind = this.#kind(lock, writes === times ? "write" : "read");
      this.#counted.add({ fromMs: line.fromMs, toMs: line.toMs, lane, kind, times, totalMs, longestMs });
    }
  }

  #wal(line: WalLine): void {
    const series = this.#wals.get(line.path);
    if (series !== undefined) series.add(line);
    else if (this.#wals.size < MOST_WALS) {
      const first = new WalSeries();
      this.#wals.set(line.path, first);
      first.add(line);
    }
  }

  #countLock({ fromMs, lengthMs, lane, kind }: Lock): void {
    const totalMs = lengthMs ?? 0;
    this.#counted.add({ fromMs, toMs: fromMs + totalMs, lane, kind, times: 1, totalMs, longestMs: totalMs });
  }

  #event(line: LockLine | WaitLine | RefusalLine | TransactionLine, fromMs: number, lengthMs: number | null) {
    const lane = this.#lanes.lane(line);
    if (lane === -1) {
      this.#withoutLane++;
      return null;
    }
    return { fromMs, lengthMs, lane, tid: line.tid, site: this.#texts.site(line.callSite) };
  }

  #blockers(all: readonly BlockerFact[]): Pick<Wait, "blockers" | "moreBlockers"> {
    const blockers = all.slice(0, MOST_BLOCKERS).map((each) => ({
      ...{ process: this.#lanes.process(each), tid: each.tid ?? -1, kind: this.#kind(each.lock, each.lockType) },
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

  #kind(lock: LockName, type: LockType): number {
    const key = `${lock} ${type}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    this.#kinds.set(key, this.#kindList.push([lock, type]) - 1);
    return this.#kindList.length - 1;
  }

  #timed(transactions: readonly Transaction[]): (transaction: Transaction) => boolean {
    const timed = new Set<Transaction>();
    let left = MOST_TIMED;
    const length = ({ lengthMs }: Transaction) => lengthMs ?? Number.POSITIVE_INFINITY;
    for (const each of transactions.toSorted((a, b) => length(b) - length(a))) {
      left -= each.statements.length;
      if (left < 0) break;
      timed.add(each);
    }
    return (transaction) => timed.has(transaction);
  }
}

function sorted<T extends Event>(events: readonly T[]): readonly T[] {
  return events.toSorted((a, b) => a.fromMs - b.fromMs);
}

type NumbersOf<T, Name extends keyof T> = { [Key in Name]: number[] };

function columns<T, Name extends keyof T>(list: readonly T[], names: readonly Name[]): NumbersOf<T, Name> {
  const all = names.map((name) => [name, list.map((each) => each[name])] as const);
  return Object.fromEntries(all) as unknown as NumbersOf<T, Name>;
}
