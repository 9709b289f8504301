/** What makes a problem the same one in the next run, on another machine and below another folder. Pure. */
import { createHash } from "node:crypto";
import type { Problem } from "../../features/integrity/report.ts";

/**
 * 16 hexadecimal digits and, as CodeQL counts lines that are alike, which of several it is. Not in it: the path, which
 * SARIF has elsewhere, and the numbers of pages and cells in SQLite's words, which change with every write.
 */
export function fingerprintsOf(problems: readonly Problem[]): string[] {
  const seen = new Map<string, number>();
  return problems.map((problem) => {
    const hash = hashOf(problem);
    const times = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, times);
    return `${hash}:${times}`;
  });
}

function hashOf({ check, message, table, index, rowid, parent }: Problem): string {
  const words = rowid === null ? message.replace(/\d+/g, "#") : message;
  const identity = JSON.stringify([check, table, index, rowid === null ? null : String(rowid), parent, words]);
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}
