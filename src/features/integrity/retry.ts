/** Whether another try at a database may go better, and what it must do otherwise. Pure. */
import type { CopyReason, Decision, Situation } from "../../safe-open/decide.ts";
import type { Refusal } from "../../safe-open/protocol.ts";
import type { NoStandIn } from "./protocol.ts";

/** How often a database that changes during the check is opened. */
export const MAX_TRIES = 5;

/** Where a process writes without locks there are fewer tries: each one keeps out the processes that do lock. */
const MAX_TRIES_UNDER_LOCK = 3;
/** And a check in place that took longer is not repeated. */
const MAX_LOCK_MS = 2000;

/** The try that was refused. */
export interface Try {
  /** How many there were, with this one. */
  readonly tries: number;
  /** How long it held a read lock on the database itself, in ms; null where it held none. */
  readonly readLockMs: number | null;
}

/** What the tries before have shown. */
export interface Constraints extends Pick<Situation, "refused" | "noRoom"> {
  /** In spite of --copy. */
  readonly copy?: false;
  /** See Job. */
  readonly noStandIn: NoStandIn | null;
}

export const FIRST_TRY: Constraints = { refused: null, noRoom: false, noStandIn: null };

/** Null: another try would be refused as well, or there is nothing to try. */
export function nextTry(
  refusal: Refusal | null,
  { method }: Extract<Decision, { kind: "open" }>,
  constraints: Constraints,
  { tries, readLockMs }: Try = { tries: 1, readLockMs: null },
): Constraints | null {
  const copyBecause = (refused: CopyReason) => ({ ...constraints, refused });
  // a check in place shows more than none
  if (refusal !== null && constraints.refused?.code === "missing-collation")
    return { ...constraints, refused: null, noStandIn: { kind: "no-copy", refusal } };
  switch (refusal?.kind) {
    case "changed":
      if (refusal.underLock !== true) return constraints;
      return tries < MAX_TRIES_UNDER_LOCK && (readLockMs ?? 0) <= MAX_LOCK_MS ? constraints : null;
    case "unkept":
      return constraints;
    case "needs-copy":
      return method === "private-copy" ? null : copyBecause({ code: "needs-copy", message: refusal.message });
    case "ignores-check-constraints":
      return method === "private-copy" ? null : copyBecause({ code: "ignores-check-constraints" });
    case "backup-io-error":
      return method === "backup" ? { ...constraints, copy: false } : null;
    case "missing-collation":
      return copyBecause({ code: "missing-collation", names: refusal.names, damaged: refusal.damaged });
    case "backup-failed":
      return copyBecause({ code: "backup-failed", message: refusal.message });
    case "no-space":
    case "no-folder":
    case "file-limit":
      return constraints.noRoom ? null : { ...constraints, noRoom: true }; // it may do without a copy
    default:
      return null;
  }
}
