/** Who waited or was refused. Pure. */
import type { WaitingCounts } from "../summary-line.ts";
import type { ProcessTally } from "./process-tally.ts";
import type { Wanted } from "./wanted.ts";

export function waitingCounts(all: Iterable<ProcessTally>): WaitingCounts {
  const counts = newCounts();
  for (const { waits, runs, refusals, waitingThreads, wanted } of all) {
    if (waits.times > 0 || runs.times > 0 || refusals > 0) add(counts, waitingThreads, wanted);
  }
  return counts;
}

/** Of these, those that got SQLITE_BUSY. */
export function busyCounts(all: Iterable<ProcessTally>): WaitingCounts {
  const counts = newCounts();
  for (const { gaveUp, refusals, busyThreads, busyWanted } of all) {
    if (gaveUp + refusals > 0) add(counts, busyThreads, busyWanted);
  }
  return counts;
}

type Counts = { -readonly [Name in keyof WaitingCounts]: number };

function newCounts(): Counts {
  return { processes: 0, threads: 0, writers: 0, readers: 0, checkpointers: 0 };
}

function add(counts: Counts, threads: ReadonlySet<number>, wanted: ReadonlySet<Wanted>): void {
  counts.processes++;
  counts.threads += Math.max(1, threads.size);
  if (wanted.has("write")) counts.writers++;
  if (wanted.has("read")) counts.readers++;
  if (wanted.has("checkpoint")) counts.checkpointers++;
}
