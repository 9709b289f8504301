/** What is known of a kind of finding. Every list of findings in sqlock is derived from these records. */
import type { Related } from "../../model/relate.ts";
import type { Finding, Holder, Severity } from "../../model/report.ts";
import type { DatabaseSnapshot, Snapshot } from "../../model/snapshot.ts";

/** What a rule may look at. */
export interface Subject {
  readonly database: Related;
  /** What was found, where the report does not have it all. */
  readonly seen: DatabaseSnapshot;
  readonly snapshot: Snapshot;
  /** From when on, in ms, a process that does not run has forgotten its transaction. */
  readonly staleAfterMs: number;
}

/** One finding of a rule; its severity only where it is not the usual one. */
export type Diagnosis = Omit<Finding, "id" | "severity"> & { readonly severity?: Severity };

/** States only what the snapshot proves; a likely cause is called likely. */
export type Rule = (subject: Subject) => readonly Diagnosis[];

export interface FindingRecord<Id extends string = string> {
  /** Stable: documents and pages name it. */
  readonly id: Id;
  /** The usual one: a rule may say otherwise. */
  readonly severity: Severity;
  /** `locks`: it concludes from locks that a holder has or lacks. It is left out where locks are not known (lsof). */
  readonly needs: "locks" | "handles";
  /**
   * A program that opens, closes or commits at the moment of a look may look like it: in how many of the further looks
   * it has to be found as well.
   */
  readonly transient: "no" | "in-every-look" | "in-all-looks-but-one";
  /** Only findings of these severities are transient; left out: all. */
  readonly transientAs?: readonly Severity[];
  /** How many further looks there are for it; left out: the usual number (confirm.ts). */
  readonly moreLooks?: number;
  /** Its summary says what its processes block: they need no sentence beside it. */
  readonly namesBlocker: boolean;
  /** Its processes likely wait for a lock. */
  readonly namesWaiter?: true;
  /** A change of the journal mode would make it worse. */
  readonly blocksSwitch: SwitchObstacle | null;
  /** A finding of this severity rests on a thread that was seen asleep in a timer. */
  readonly dependsOnTimerSleep?: Severity;
  /** It says that not everything can be seen from here, and is no evidence of a cause. */
  readonly limitsView?: true;
  /** The next program that opens the database with write permission recovers it. */
  readonly recoversOnOpen?: true;
  /** Whether the next program that opens the database may harm it; left out: never. `holders`: those of its pids. */
  readonly unsafeToOpen?: (finding: Pick<Finding, "severity">, holders: readonly Holder[]) => boolean;
  readonly rule: Rule;
}

export interface SwitchObstacle {
  /** --force overrides it, unless the finding is an error. */
  readonly forcible: boolean;
  /** A clause, without a full stop. */
  readonly why: string;
  /** A finding of this severity is no obstacle. */
  readonly unless?: Severity;
}

/** For `unsafeToOpen`. */
export function isError({ severity }: Pick<Finding, "severity">): boolean {
  return severity === "error";
}

/** A record whose id is known to the type checker. */
export function defineFinding<const Id extends string>(record: FindingRecord<Id>): FindingRecord<Id> {
  return record;
}
