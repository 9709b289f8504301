/** What the evidence does not show, and what would. Pure. */
import type { Evidence } from "../../recording/advice/evidence.ts";
import { quotedPath } from "../../text/shell.ts";

export function unknownTexts(evidence: Evidence): string[] {
  const { source, path, wal, journalMode, waits, writeHolds } = evidence;
  if (source === "look") {
    return [
      "A recording would show how long the write lock is held, who waits and gives up, and which transactions read " +
        `first: sudo sqlock record --for 10m -o night.jsonl ${quotedPath(path)}`,
    ];
  }
  return [
    ...(source === "sampled"
      ? ["A sample shows no waits and no refused calls, and misses short holds: record as root to know them."]
      : []),
    ...(journalMode === "wal" && wal === null ? ["The recording does not tell how large the WAL was."] : []),
    ...(waits !== null && waits.lengths.times === 0 && writeHolds.times === 0
      ? ["Nobody wrote: record while the program does what it usually does."]
      : []),
  ];
}
