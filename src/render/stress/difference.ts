/** A difference between the table and the acknowledged transactions, in words. Pure. */
import type { Difference } from "../../features/stress/compare.ts";
import { count } from "../../text/list.ts";

export function differenceText(difference: Difference): string {
  return difference.kind === "unknown-writer"
    ? `${count(difference.rows, "row")} of writer ${difference.writer}, which does not exist`
    : `writer ${difference.writer}, row ${difference.row}: ${rowText(difference)}`;
}

function rowText(difference: Exclude<Difference, { kind: "unknown-writer" }>): string {
  switch (difference.kind) {
    case "duplicate":
      return "is there twice";
    case "not-deleted":
      return `is there, and transaction ${difference.transaction} deleted it`;
    case "never-written":
      return "is there, and was never written";
    case "too-new":
      return `version ${difference.version}, and was written ${difference.expectedVersion} times`;
    case "too-old":
      return `version ${difference.version} instead of ${difference.expectedVersion}`;
    case "changed":
      return "is not what was written";
    case "missing":
      return `is not there, and transaction ${difference.transaction} wrote it`;
  }
}
