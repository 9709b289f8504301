/** Who waited or was refused. Pure. */
import type { WaitingCounts } from "../summary-line.ts";
import type { ProcessTally } from "./process-tally.ts";

export function waitingCounts(all: Iterable<ProcessTally>): WaitingCounts {
  const counts = { processes: 0, threads: 0, writers: 0, readers: 0, checkpointers: 0 };
  for (const { waits, runs, refusals, waitingThreads, wanted } of all) {
    if (waits.times === 0 && runs.times === 0 && refusals === 0) continue;
    counts.processes++;
    counts.threads += Math.max(1, waitingThreads.size);
    if (wanted.has("write")) counts.writers++;
    if (wanted.has("read")) counts.readers++;
    if (wanted.has("checkpoint")) counts.checkpointers++;
  }
  return counts;
}
