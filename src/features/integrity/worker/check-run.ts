/** What the checks find, sent to the command: problems up to a maximum, and the end of each check. */
import type { CheckEnd, FoundProblem, Message, ProblemCause, Unchecked } from "../protocol.ts";
import type { CheckName, StructureWay } from "../report.ts";

export class ProblemReporter {
  readonly send: (message: Message) => void;
  readonly #max: number;
  readonly #verify: () => void;
  #sent = 0;
  #truncated = false;

  /** `verify` throws where a problem may be one of a file that is being written. */
  constructor(send: (message: Message) => void, max: number, verify: () => void) {
    this.send = send;
    this.#max = max;
    this.#verify = verify;
  }

  /** How many more problems to look for: one more than can be sent. */
  get wanted(): number {
    return this.#max - this.#sent + 1;
  }

  /** @returns its number among those that were sent, from 0; null where it was not sent. */
  report(problem: FoundProblem): number | null {
    this.#verify();
    if (this.#sent < this.#max) {
      this.send({ kind: "problem", problem });
      return this.#sent++;
    }
    if (!this.#truncated) this.send({ kind: "truncated" });
    this.#truncated = true;
    return null;
  }
}

/** Where a problem is, as far as that is known. */
export type ProblemLocation = Partial<Omit<FoundProblem, "check" | "cause">>;

/** One check, from its start to its end. */
export class CheckRun {
  readonly #name: CheckName;
  readonly #reporter: ProblemReporter;
  readonly #started = performance.now();
  readonly #unchecked: Unchecked[] = [];
  #failed = false;

  constructor(name: CheckName, reporter: ProblemReporter) {
    this.#name = name;
    this.#reporter = reporter;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** @returns see {@link ProblemReporter.report} */
  problem(cause: ProblemCause, location: ProblemLocation = {}): number | null {
    this.#failed = true;
    const nowhere = { table: null, index: null, rowid: null, parent: null, page: null };
    return this.#reporter.report({ ...nowhere, ...location, check: this.#name, cause });
  }

  /** A part of it has no result. */
  skip(part: Unchecked): void {
    this.#unchecked.push(part);
  }

  /** `way`: of the check of the structure. */
  end(way: StructureWay | null = null): void {
    const check: CheckEnd = {
      name: this.#name,
      failed: this.#failed,
      unchecked: this.#unchecked,
      durationMs: performance.now() - this.#started,
      way,
    };
    this.#reporter.send({ kind: "check", check });
  }
}
