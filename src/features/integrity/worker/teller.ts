/** Tells problems, as many as are wanted, and what came of each check. */
import type { CheckEnd, Message, Unchecked } from "../protocol.ts";
import type { CheckName, Problem } from "../report.ts";

export class Teller {
  readonly send: (message: Message) => void;
  readonly #most: number;
  #told = 0;
  #truncated = false;

  constructor(send: (message: Message) => void, most: number) {
    this.send = send;
    this.#most = most;
  }

  /** How many more problems are worth looking for: one more than can be told. */
  get wanted(): number {
    return this.#most - this.#told + 1;
  }

  /** @returns its number among those that were told, from 0; null where it was not. */
  problem(problem: Problem): number | null {
    if (this.#told < this.#most) {
      this.send({ kind: "problem", problem });
      return this.#told++;
    }
    if (!this.#truncated) this.send({ kind: "truncated" });
    this.#truncated = true;
    return null;
  }
}

/** What becomes of one check. */
export class Course {
  readonly #name: CheckName;
  readonly #teller: Teller;
  readonly #started = performance.now();
  readonly #unchecked: Unchecked[] = [];
  #failed = false;

  constructor(name: CheckName, teller: Teller) {
    this.#name = name;
    this.#teller = teller;
  }

  get failed(): boolean {
    return this.#failed;
  }

  problem(problem: Partial<Problem> & Pick<Problem, "message">): number | null {
    this.#failed = true;
    return this.#teller.problem({
      table: null,
      index: null,
      rowid: null,
      parent: null,
      page: null,
      ...problem,
      check: this.#name,
    });
  }

  /** A part of it has no answer. */
  leave(code: Unchecked["code"], reason: string): void {
    this.#unchecked.push({ code, reason });
  }

  end(): void {
    const [first] = this.#unchecked;
    const code = this.#unchecked.some((each) => each.code === "failed") ? "failed" : first?.code;
    const unchecked =
      code === undefined
        ? null
        : { code, reason: [...new Set(this.#unchecked.map(({ reason }) => reason))].join("; ") };
    const check: CheckEnd = {
      name: this.#name,
      failed: this.#failed,
      unchecked,
      durationMs: performance.now() - this.#started,
    };
    this.#teller.send({ kind: "check", check });
  }
}
