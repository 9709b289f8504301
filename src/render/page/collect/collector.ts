/** Takes the lines of a recording, and has the data of a page in the end. Its memory is bounded. Pure. */
import type { HistoryFacts, Span } from "../../../recording/history/history.ts";
import type { CountsLine, RecordingLine } from "../../../recording/lines.ts";
import type { WalLine } from "../../../recording/state-lines.ts";
import type { ProcessSummary } from "../../../recording/summary-line.ts";
import type { LockName } from "../../../sqlite/locks.ts";
import { escapeText } from "../../../text/escape.ts";
import type { PageData } from "../data.ts";
import { CountedTally } from "./counted-holds.ts";
import { EventFacts, type Lock, type Refusal, type Transaction, type Wait } from "./event-facts.ts";
import { Interner } from "./interner.ts";
import { KeptEvents } from "./kept-events.ts";
import { Lanes } from "./lanes.ts";
import { type Lengths, LengthTally } from "./lengths.ts";
import { toColumns } from "./to-columns.ts";
import { WalSeries } from "./wal-series.ts";
import { zonesOf } from "./zones.ts";

/** The most that are drawn one by one: 200,000 in all. */
const MOST = { locks: 120_000, transactions: 40_000, waits: 30_000, refusals: 10_000 };
const MOST_WALS = 100;
const MOST_CLOCKS = 10_000;

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
  readonly #events: EventFacts;
  readonly #lengths = new LengthTally();
  readonly #counted = new CountedTally();
  readonly #wals = new Map<string, WalSeries>();
  readonly #locks = new KeptEvents<Lock>(MOST.locks, (each) => this.#countLock(each));
  readonly #waits = new KeptEvents<Wait>(MOST.waits, () => {});
  readonly #transactions = new KeptEvents<Transaction>(MOST.transactions, () => {});
  readonly #refusals = new KeptEvents<Refusal>(MOST.refusals, () => {});
  readonly #clockMs = new Set<number>();

  /** `span`: what the page shows of the axis. `folder`: files of programs in it are named from there on. */
  constructor(facts: HistoryFacts, span: Span, folder: string | null = null) {
    this.#facts = facts;
    this.#span = span;
    this.#texts = new Interner(folder);
    this.#events = new EventFacts(this.#texts, this.#lanes);
  }

  /** On the axis, as a report reads it: what was open when a recorder was killed has lines, too. */
  take(line: RecordingLine): void {
    switch (line.type) {
      case "process":
        this.#lanes.name(line);
        return;
      case "lock":
        this.#lengths.lock(line);
        this.#locks.add(this.#events.lock(line));
        return;
      case "wait":
        this.#lengths.wait(line);
        this.#waits.add(this.#events.wait(line));
        return;
      case "transaction":
        this.#transactions.add(this.#events.transaction(line));
        return;
      case "refusal":
        this.#refusals.add(this.#events.refusal(line));
        return;
      case "counts":
        this.#lengths.counts(line);
        this.#counts(line);
        return;
      case "wal":
        this.#wal(line);
        return;
      case "clock":
        if (this.#clockMs.size < MOST_CLOCKS) this.#clockMs.add(line.atMs);
        return;
    }
  }

  /** `facts`: with all blanks. `processes`: of the summary. */
  finish(facts: HistoryFacts, processes: readonly ProcessSummary[]): Collected {
    for (const each of processes) this.#lanes.name(each);
    const { fromMs, toMs } = this.#span;
    const us = (ms: number) => Math.round((ms - fromMs) * 1_000);
    const events = {
      ...{ locks: this.#locks.all(), waits: this.#waits.all(), transactions: this.#transactions.all() },
      ...{ refusals: this.#refusals.all(), counted: this.#counted.all() },
    };
    const lanes = this.#lanes.lanes((path) => this.#texts.text(path));
    const data: PageData = {
      ...{ fromMs, toMs, zone: facts.clock.zone, clock: this.#clockPoints(), zones: zonesOf(facts) },
      ...toColumns(events, fromMs, (at) => this.#untilEnd(at)),
      wals: [...this.#wals].map(([path, series]) => ({
        database: escapeText(path),
        at: series.all().map(({ atMs }) => us(atMs)),
        bytes: series.all().map(({ bytes }) => bytes ?? -1),
        frames: series.all().map(({ frames }) => frames ?? -1),
        pinned: series.all().map(({ pinned }) => pinned ?? -1),
      })),
      ...{ strings: this.#texts.strings, sites: this.#texts.sites, sequences: this.#texts.sequences },
      ...{ kinds: this.#events.kinds, processes: this.#lanes.processes(), lanes },
    };
    const { writes, waits } = this.#lengths;
    const reads = this.#lengths.reads((path) => this.#lanes.isWal(path));
    return { data, lengths: { writes, reads, waits }, leftOut: this.#leftOut() };
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
      ...{ refusals: of(this.#refusals), withoutLane: this.#events.withoutLane, texts: this.#texts.cut },
    };
  }

  #counts(line: CountsLine): void {
    const lane = this.#lanes.lane({ ...line, connection: null });
    if (lane === -1) return;
    for (const [name, hold] of Object.entries(line.holds)) {
      const lock = name as LockName;
      this.#lanes.sawLock(lock, line.path);
      const { times, totalMs, longestMs = null, writes = 0 } = hold;
      const kind = this.#events.kind(lock, writes === times ? "write" : "read");
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
}
