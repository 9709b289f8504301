/** What came of a run, as a test wants it: plausible, less what it says. */
import type { Failures, Latency } from "../../src/features/stress/report.ts";
import type { Result } from "../../src/features/stress/verdict.ts";

const LATENCY: Latency = { p50: 0.1, p95: 1, p99: 3, max: 12 };

/** 3,688 commits of writers that begin deferred transactions, in rollback mode. */
export function stressResult(change: Partial<Result> = {}): Result {
  return {
    settings: {
      database: null,
      journalMode: "delete",
      pageSize: 4096,
      inPlace: false,
      writers: 4,
      readers: 4,
      durationMs: 10_000,
      transaction: "deferred",
      readThenWrite: true,
      busyTimeoutMs: 5000,
      holdMs: 0,
      thinkMs: 0,
      rows: 1,
      threads: 1,
      killEveryMs: null,
      seed: 7,
    },
    commits: 3688,
    reads: 9000,
    transactions: 3688,
    commitsPerSecond: 368.8,
    readsPerSecond: 900,
    errors: {},
    failures: [],
    retries: 0,
    longestWaitMs: 120,
    latencyMs: {
      write: LATENCY,
      read: LATENCY,
      writeWaiting: LATENCY,
      writeWorking: LATENCY,
      readWaiting: LATENCY,
      readWorking: LATENCY,
    },
    histogram: {
      write: [
        { belowMs: 1, count: 3000 },
        { belowMs: 3, count: 688 },
      ],
      read: [],
    },
    fairness: { jain: 0.98, leastCommits: 900, mostCommits: 950 },
    walBytes: null,
    perSecond: [],
    workersKilled: 0,
    workersKilledByOthers: 0,
    signalsOfOthers: [],
    workersStuck: 0,
    verification: {
      acknowledged: 3688,
      found: 3688,
      lost: 0,
      duplicated: 0,
      inFlight: 0,
      integrity: "ok",
      integrityReason: null,
      differences: [],
    },
    cure: null,
    evidence: null,
    ...change,
  };
}

export function failures(change: Partial<Failures> = {}): Failures {
  return { role: "writer", code: "SQLITE_BUSY", phase: "write", count: 312, timedOut: 0, longestMs: 2.7, ...change };
}
