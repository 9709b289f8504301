/** Candidates and reports of kill as a test of the pure parts wants them. */
import { type Candidate, candidatesOf } from "../../src/features/kill/candidates.ts";
import type { KillReport, ProcessOutcome } from "../../src/features/kill/result.ts";
import type { KillSettings } from "../../src/features/kill/settings.ts";
import type { DatabaseReport, Holder } from "../../src/model/report.ts";
import { databaseReport, holder } from "./report.ts";

const SETTINGS: KillSettings = {
  pids: [],
  stale: false,
  likely: false,
  staleAfterMs: 10_000,
  signal: "SIGTERM",
  graceMs: 5000,
  yes: false,
  force: false,
  dryRun: false,
};

export function killSettings(change: Partial<KillSettings> = {}): KillSettings {
  return { ...SETTINGS, ...change };
}

/** Of one holder. */
export function killCandidate(change: Partial<Holder> = {}, database: Partial<DatabaseReport> = {}): Candidate {
  const report = databaseReport({ holders: [holder({ terminal: null, ...change })], ...database });
  const [found] = candidatesOf(report, new Set());
  if (found === undefined) throw new Error("no candidate");
  return found;
}

/** One that has ended after SIGTERM. */
export function processOutcome(change: Partial<ProcessOutcome> = {}): ProcessOutcome {
  const { holder: of, consequences, dangers } = killCandidate();
  const ended = { result: "exited", signal: "SIGTERM", afterMs: 14, holds: false, released: true } as const;
  return { pid: of.pid, holder: of, ...ended, reason: null, consequences, dangers, ...change };
}

export function killReport(change: Partial<KillReport> = {}): KillReport {
  return {
    viewer: { uid: 0 },
    path: "/srv/app/db.sqlite3",
    givenAs: "db.sqlite3",
    settings: SETTINGS,
    outcomes: [processOutcome()],
    spared: [],
    remaining: [],
    unownedLocks: [],
    outOfSight: false,
    blockers: [],
    lockDirectory: null,
    progress: null,
    changesHands: [],
    restarted: [],
    findings: [],
    recoversOnOpen: false,
    unsafeToOpen: [],
    unknown: null,
    pathChanged: false,
    ...change,
  };
}
