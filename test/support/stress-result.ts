/** The result of a run for tests: plausible values, of which a test changes some. */
import { type CheckResult, uncheckedResult } from "../../src/features/integrity/result.ts";
import type { Failures, Latency, RoundReport } from "../../src/features/stress/report.ts";
import type { RunResult } from "../../src/features/stress/result.ts";
import type { Settings } from "../../src/features/stress/settings.ts";

/** `message`: of SQLite, about a problem. */
export function checkResult(verdict: CheckResult["verdict"], message?: string): CheckResult {
  const nowhere = { table: null, index: null, rowid: null, parent: null, page: null };
  return {
    ...uncheckedResult("/tmp/database", "/tmp/database", { kind: "timeout" }),
    verdict,
    problems: message === undefined ? [] : [{ check: "structure", cause: { kind: "sqlite", message }, ...nowhere }],
  };
}

const LATENCY: Latency = { p50: 0.1, p95: 1, p99: 3, max: 12 };

export function stressSettings(change: Partial<Settings> = {}): Settings {
  return {
    writers: 4,
    readers: 4,
    durationMs: 10_000,
    journalMode: "delete",
    transaction: "deferred",
    readThenWrite: true,
    busyTimeoutMs: 5000,
    holdMs: 0,
    thinkMs: 0,
    rows: 1,
    threads: 1,
    killEveryMs: null,
    seed: 7,
    ...change,
  };
}

/** 3,688 commits of writers that begin deferred transactions, in rollback mode. */
export function stressResult(change: Partial<RunResult> = {}): RunResult {
  return {
    openedAs: null,
    onNetwork: false,
    settings: { database: null, ...stressSettings(), journalMode: "delete", pageSize: 4096, inPlace: false },
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
    rounds: [stressRound({ durationMs: 10_000, commits: 3688, reads: 9000 })],
    concerns: [],
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
      differences: [],
      integrity: "ok",
      check: checkResult("ok"),
    },
    trial: null,
    comparison: null,
    evidence: null,
    ...change,
  };
}

export function failures(change: Partial<Failures> = {}): Failures {
  return { role: "writer", code: "SQLITE_BUSY", phase: "write", count: 312, timedOut: 0, longestMs: 2.7, ...change };
}

export function stressRound(change: Partial<RoundReport> = {}): RoundReport {
  const blank = { durationMs: 2000, commits: 700, reads: 1800, errors: 0 };
  return { ...blank, longestWaitMs: { writer: 120, reader: 80 }, jain: 0.98, ...change };
}
