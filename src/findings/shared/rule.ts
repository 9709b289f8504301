import type { Related } from "../../model/relate.ts";
import type { Finding } from "../../model/report.ts";
import type { DatabaseSnapshot, Snapshot } from "../../model/snapshot.ts";

/** What a rule may look at. */
export interface Subject {
  readonly database: Related;
  /** What was found, where the report does not have it all. */
  readonly seen: DatabaseSnapshot;
  readonly snapshot: Snapshot;
  /** From when on, in ms, a process that does not run has forgotten its transaction. */
  readonly staleAfterMs: number;
  /** Processes that look as if they used the database without its locks. */
  readonly lostLocks: ReadonlySet<number>;
}

/** States only what the snapshot proves; a likely cause is called likely. */
export type Rule = (subject: Subject) => Finding[];
