/** A difference between the table and the acknowledged transactions, in words. Pure. */
import type { Difference } from "../../features/stress/compare.ts";
import { count } from "../../text/list.ts";

export function differenceText(difference: Difference): string {
  return difference.kind === "unknown-writer"
    ? `${count(difference.rows, "row")} of writer ${difference.writer}, which does not exist`
    : `writer ${difference.writer}, row ${difference.row} ${rowText(difference)}`;
}

function rowText(difference: Exclude<Difference, { kind: "unknown-writer" }>): string {
  switch (difference.kind) {
    case "duplicate":
      return "exists twice";
    case "not-deleted":
      return `exists, but transaction ${difference.transaction} deleted it`;
    case "never-written":
      return "exists, but was never written";
    case "too-new":
      return `has version ${difference.version}, but was written ${count(difference.expectedVersion, "time")}`;
    case "too-old":
      return `has version ${difference.version} instead of ${difference.expectedVersion}`;
    case "changed":
      return "differs from what was written";
    case "missing":
      return `is missing, but transaction ${difference.transaction} wrote it`;
  }
}
