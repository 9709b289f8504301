import type { Related } from "../relate.ts";
import type { Finding } from "../report.ts";

/** What a rule may look at. */
export interface Subject {
  readonly database: Related;
  /** From when on, in ms, a process that does not run has forgotten its transaction. */
  readonly staleAfterMs: number;
  /** Processes that look as if they used the database without its locks. */
  readonly lostLocks: ReadonlySet<number>;
}

/** States only what the snapshot proves; a likely cause is called likely. */
export type Rule = (subject: Subject) => Finding[];
