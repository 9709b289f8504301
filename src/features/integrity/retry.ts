/** Whether another try at a database may go better, and what it must do otherwise. Pure. */
import type { CopyReason, Decision, Situation } from "../../safe-open/decide.ts";
import type { Refusal } from "../../safe-open/protocol.ts";

/** How often a database that changes meanwhile is opened. */
export const MAX_TRIES = 5;

/** What the tries before have shown. */
export type Constraints = Pick<Situation, "refused" | "noRoom">;

export const FIRST_TRY: Constraints = { refused: null, noRoom: false };

/** Null: another try would be refused as well, or there is nothing to try. */
export function nextTry(
  refusal: Refusal | null,
  { method }: Extract<Decision, { kind: "open" }>,
  constraints: Constraints,
): Constraints | null {
  const copyBecause = (refused: CopyReason) => ({ ...constraints, refused });
  switch (refusal?.kind) {
    case "changed":
    case "unkept":
      return constraints;
    case "needs-copy":
      return method === "private-copy" ? null : copyBecause({ code: "needs-copy", message: refusal.message });
    case "ignores-check-constraints":
      return method === "private-copy" ? null : copyBecause({ code: "ignores-check-constraints" });
    case "backup-failed":
      return copyBecause({ code: "backup-failed", message: refusal.message });
    case "no-space":
    case "no-folder":
      return constraints.noRoom ? null : { ...constraints, noRoom: true }; // it may do without a copy
    default:
      return null;
  }
}
