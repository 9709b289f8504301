/** What a rule for a pattern is: it sees the lines of a recording, and says at the end what it found. */
import type { CountsLine, LockLine, RefusalLine, TransactionLine, UnknownLine, WaitLine } from "../lines.ts";
import type { ConnectionLine, MisuseLine } from "../program/lines.ts";
import type { Pattern } from "./pattern.ts";

/** Its memory is bounded, whatever it sees. */
export interface PatternRule {
  wait?(line: WaitLine): void;
  transaction?(line: TransactionLine): void;
  refusal?(line: RefusalLine): void;
  lock?(line: LockLine): void;
  counts?(line: CountsLine): void;
  connection?(line: ConnectionLine): void;
  misuse?(line: MisuseLine): void;
  unknown?(line: UnknownLine): void;
  /** One for each database that has it; none where the evidence is too weak. */
  found(): Pattern[];
}

const MOST_PIDS = 2_000;
export const LISTED_PIDS = 10;

/** The evidence of a pattern for one database. */
export class Evidence {
  times = 0;
  totalMs = 0;
  longestMs = 0;
  sql: string | null = null;
  #sqlMs = -1;
  readonly #byPid = new Map<number, number>();

  add(pid: number, sql: string | null, ms: number, times = 1): void {
    this.times += times;
    this.totalMs += ms;
    if (ms > this.longestMs) this.longestMs = ms;
    if (sql !== null && ms > this.#sqlMs) {
      this.sql = sql;
      this.#sqlMs = ms;
    }
    const weight = this.#byPid.get(pid);
    if (weight !== undefined || this.#byPid.size < MOST_PIDS) this.#byPid.set(pid, (weight ?? 0) + ms + times);
  }

  /** Those with most of it first. */
  get pids(): number[] {
    return [...this.#byPid]
      .sort((a, b) => b[1] - a[1])
      .slice(0, LISTED_PIDS)
      .map(([pid]) => pid);
  }

  get processes(): number {
    return this.#byPid.size;
  }
}

/** Databases in memory have any names. */
const MOST_PATHS = 2_000;

/** One for each database. */
export class ByPath<T> {
  readonly #make: () => T;
  readonly #byPath = new Map<string, T>();

  constructor(make: () => T) {
    this.#make = make;
  }

  of(path: string): T {
    let value = this.#byPath.get(path);
    if (value === undefined) {
      value = this.#make();
      if (this.#byPath.size < MOST_PATHS) this.#byPath.set(path, value);
    }
    return value;
  }

  *[Symbol.iterator](): Generator<readonly [string, T]> {
    yield* this.#byPath;
  }
}
