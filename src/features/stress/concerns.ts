/** What is bad about a run, whether or not a transaction failed. Pure. */
import type { Concern, Fairness, Latencies, RoundReport } from "./report.ts";
import type { Settings } from "./settings.ts";

/** A wait of at least this part of the busy timeout: with a little more load it becomes an error. */
const NEAR_TIMEOUT = 0.5;

/** Commits of each writer, on average, below which chance alone makes them uneven. */
const MIN_COMMITS_EACH = 10;

/** Of fewer transactions the longest wait of all would be that of "one in a hundred". */
const MIN_FOR_P99 = 100;

/** Of the way from one writer that makes all commits (0) to equally many (1). For four writers: a fairness of 0.5. */
const UNEVEN = 1 / 3;

/** A writer with less than this part of the average is starved. */
const STARVED = 0.1;

export interface ConcernFacts {
  readonly settings: Pick<Settings, "writers" | "busyTimeoutMs">;
  readonly rounds: readonly Pick<RoundReport, "longestWaitMs">[];
  readonly latencyMs: Pick<Latencies, "readWaiting" | "writeWaiting">;
  readonly fairness: Fairness;
  readonly commits: number;
  readonly reads: number;
}

export function concernsOf({ settings, rounds, latencyMs, fairness, commits, reads }: ConcernFacts): Concern[] {
  const { busyTimeoutMs, writers } = settings;
  const concerns: Concern[] = [];
  for (const role of ["writer", "reader"] as const) {
    const longestMs = Math.max(0, ...rounds.map(({ longestWaitMs }) => longestWaitMs[role]));
    const [{ p99 }, measured] = role === "writer" ? [latencyMs.writeWaiting, commits] : [latencyMs.readWaiting, reads];
    const p99Ms = measured < MIN_FOR_P99 ? null : p99;
    if (busyTimeoutMs > 0 && longestMs >= busyTimeoutMs * NEAR_TIMEOUT)
      concerns.push({ kind: "long-wait", role, longestMs, p99Ms, busyTimeoutMs });
  }
  const { jain, leastCommits, mostCommits } = fairness;
  const average = commits / writers;
  if (jain === null || writers < 2 || average < MIN_COMMITS_EACH) return concerns;
  const evenness = (jain - 1 / writers) / (1 - 1 / writers);
  if (evenness < UNEVEN || leastCommits < average * STARVED)
    concerns.push({ kind: "uneven-writers", jain, leastCommits, mostCommits });
  return concerns;
}

/** One transaction in a hundred waits so long: no single accident. */
export function isFrequent({ p99Ms, busyTimeoutMs }: Extract<Concern, { kind: "long-wait" }>): boolean {
  return p99Ms !== null && p99Ms >= busyTimeoutMs * NEAR_TIMEOUT;
}
