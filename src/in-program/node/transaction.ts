/** A transaction that is open: what its end tells. */
import type { SqlFacts } from "./sql.ts";
import type { Definition } from "./stream.ts";

interface Times {
  readonly t0: number;
  readonly t1: number;
  readonly inside?: number;
}

export class Transaction {
  readonly t0: number;
  statements: number;
  inside: number;
  lastEnd: number;
  /** The longest time between two calls, and the sites of both. */
  gap = 0;
  gapAfter: Definition | undefined;
  gapBefore: Definition | undefined;
  #lastSite: Definition | undefined;
  #isRead: boolean;
  #isWritten: boolean;

  constructor(
    { t0, t1, inside = t1 - t0 }: Times,
    site: Definition | undefined,
    { statements, isRead, isWrite }: Pick<SqlFacts, "statements" | "isRead" | "isWrite">,
  ) {
    this.t0 = t0;
    this.statements = statements;
    this.inside = inside;
    this.lastEnd = t1;
    this.#lastSite = site;
    this.#isRead = isRead;
    this.#isWritten = isWrite;
  }

  /** Flags of its first read and its first write. */
  firsts({ isRead, isWrite }: SqlFacts): string {
    const flags = `${isRead && !this.#isRead ? "r" : ""}${isWrite && !this.#isWritten ? "w" : ""}`;
    this.#isRead ||= isRead;
    this.#isWritten ||= isWrite;
    return flags;
  }

  add({ t0, t1, inside = t1 - t0 }: Times, site: Definition | undefined, statements: number): void {
    if (t0 - this.lastEnd > this.gap) {
      this.gap = t0 - this.lastEnd;
      this.gapAfter = this.#lastSite;
      this.gapBefore = site;
    }
    this.statements += statements;
    this.inside += inside;
    this.lastEnd = t1;
    this.#lastSite = site;
  }
}
