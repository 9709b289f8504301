/** What a recording cannot know, added up. Pure. */
import type { FoldedLine, GapLine, TransactionLine, UnknownLine, WaitLine } from "../lines.ts";
import type { UnknownSummary } from "../summary-line.ts";
import type { Concerned } from "./concerned.ts";

interface Unknown {
  readonly what: string;
  readonly why: string;
  readonly pids: Set<number>;
}

const MOST_REASONS = 50;
const MOST_PIDS = 100;

export class UnknownTally {
  readonly #lines = new Map<string, Unknown>();
  #gaps = 0;
  #gapMs = 0;
  #switchedOff = 0;
  #notWritten = 0;
  #isIncomplete = false;
  #lostEvents = 0;
  #waitsWithoutBlocker = 0;
  #waitsWithoutStatement = 0;
  #transactionsWithoutStatement = 0;
  #waitsWithoutOutcome = 0;
  #foldedUntilMs: number | null = null;

  add(line: UnknownLine | GapLine | FoldedLine): void {
    if (line.type === "gap") {
      this.#gaps++;
      this.#gapMs += line.toMs - line.fromMs;
      this.#lostEvents += line.lostEvents ?? 0;
      if (line.why === "switched-off") this.#switchedOff++;
      else if (line.why !== undefined) this.#notWritten++;
    } else if (line.type === "folded") this.#foldedUntilMs = Math.max(this.#foldedUntilMs ?? 0, line.toMs);
    else this.#addUnknown(line);
  }

  addWait({ blockers, sql, outcome }: WaitLine): void {
    if (blockers.length === 0) this.#waitsWithoutBlocker++;
    if (sql === null) this.#waitsWithoutStatement++;
    if (outcome === "unknown") this.#waitsWithoutOutcome++;
  }

  addTransaction({ statements, moreStatements }: TransactionLine): void {
    if (statements.length + moreStatements === 0) this.#transactionsWithoutStatement++;
  }

  /** A part of it could not be read, or was not written: counts are lower bounds. */
  incomplete(): void {
    this.#isIncomplete = true;
  }

  get gaps(): number {
    return this.#gaps;
  }

  get lostEvents(): number {
    return this.#lostEvents;
  }

  get lostSomething(): boolean {
    return this.#gaps > 0 || this.#isIncomplete || this.#lines.has("lock before-found");
  }

  /** What is not known of processes that nobody asked for is left out. */
  summary(concerned: Concerned): UnknownSummary {
    return {
      lines: [...this.#lines.values()].flatMap(({ what, why, pids: all }) => {
        const pids = concerned.of([...all], what, why);
        return pids.length > 0 || all.size === 0 ? [{ what, why, pids }] : [];
      }),
      gaps: {
        ...{ times: this.#gaps, totalMs: this.#gapMs, lostEvents: this.#lostEvents },
        ...(this.#switchedOff === 0 ? {} : { switchedOff: this.#switchedOff }),
        ...(this.#notWritten === 0 ? {} : { notWritten: this.#notWritten }),
      },
      waitsWithoutBlocker: this.#waitsWithoutBlocker,
      waitsWithoutStatement: this.#waitsWithoutStatement,
      transactionsWithoutStatement: this.#transactionsWithoutStatement,
      waitsWithoutOutcome: this.#waitsWithoutOutcome,
      foldedUntilMs: this.#foldedUntilMs,
    };
  }

  #addUnknown({ what, why, pids, untilMs }: UnknownLine): void {
    const key = `${what} ${why}`;
    if (untilMs !== null) {
      this.#isKnownNow(key, pids);
      return;
    }
    let unknown = this.#lines.get(key);
    if (unknown === undefined) {
      if (this.#lines.size >= MOST_REASONS) return;
      unknown = { what, why, pids: new Set() };
      this.#lines.set(key, unknown);
    }
    for (const pid of pids) if (unknown.pids.size < MOST_PIDS) unknown.pids.add(pid);
  }

  /** What began before that has no statement, as the waits tell. */
  #isKnownNow(key: string, pids: readonly number[]): void {
    const unknown = this.#lines.get(key);
    if (unknown === undefined) return;
    for (const pid of pids) unknown.pids.delete(pid);
    if (unknown.pids.size === 0) this.#lines.delete(key);
  }
}
