/** The answer of kill as its JSON document, field by field (docs/kill.schema.json). Pure. */
import type { Danger } from "../../features/kill/dangers.ts";
import { isStillBlocked } from "../../features/kill/exit-code.ts";
import type { KillReport, OutcomeKind, ProcessOutcome } from "../../features/kill/result.ts";
import type { Blocker, DatabaseReport, Finding, FindingId, Holder, Lock, PathError } from "../../model/report.ts";
import { nameOf } from "../../text/holder.ts";
import { VERSION } from "../../version.ts";
import { consequenceTexts } from "./consequence.ts";
import { turnsClause } from "./doubt.ts";
import { processName, reasonText } from "./reason.ts";

const KILL_SCHEMA_VERSION = 1;

export interface KillDocument {
  readonly schemaVersion: typeof KILL_SCHEMA_VERSION;
  readonly sqlock: string;
  readonly path: string;
  readonly givenAs: string;
  readonly dryRun: boolean;
  readonly outcomes: readonly OutcomeDocument[];
  readonly spared: readonly SparedDocument[];
  readonly remaining: readonly Holder[];
  readonly unownedLocks: readonly Lock[];
  readonly blockers: readonly Blocker[];
  readonly lockDirectory: DatabaseReport["lockDirectory"];
  readonly progress: DatabaseReport["progress"];
  readonly stillBlocked: boolean | null;
  readonly unsafeToOpen: readonly FindingId[];
  readonly restarted: readonly number[];
  readonly findings: readonly Finding[];
  readonly pathChanged: boolean;
  readonly error: PathError["error"] | null;
}

export interface SparedDocument {
  readonly pid: number;
  readonly name: string;
  readonly reason: string;
  readonly reasonKind: "takes-turns";
}

export interface OutcomeDocument {
  readonly pid: number;
  /** `4242 (python manage.py shell)`. */
  readonly name: string;
  readonly result: OutcomeKind;
  readonly signal: string | null;
  readonly afterMs: number | null;
  readonly holds: boolean | null;
  readonly released: boolean;
  readonly reason: string | null;
  readonly reasonKind: Exclude<ProcessOutcome["reason"], null>["kind"] | null;
  readonly consequences: readonly string[];
  readonly dangers: readonly Pick<Danger, "kind" | "pid">[];
}

/** `error`: nothing was signalled because of it. `looked` false: nor was anything seen. */
export function documentOf(report: KillReport, error: PathError["error"] | null = null, looked = true): KillDocument {
  const { path, givenAs, settings, outcomes, remaining, unownedLocks, blockers, lockDirectory, progress } = report;
  const { spared, restarted, findings, pathChanged } = report;
  return {
    schemaVersion: KILL_SCHEMA_VERSION,
    sqlock: VERSION,
    path,
    givenAs,
    dryRun: settings.dryRun,
    outcomes: outcomes.map((outcome) => outcomeDocument(outcome, report)),
    spared: spared.map(({ holder, turns }) => ({
      pid: holder.pid,
      name: nameOf(holder),
      reason: turnsClause(turns),
      reasonKind: "takes-turns",
    })),
    remaining,
    unownedLocks,
    blockers,
    lockDirectory,
    progress,
    stillBlocked: looked && !pathChanged ? isStillBlocked(report) : null,
    unsafeToOpen: [...new Set(report.unsafeToOpen.map(({ id }) => id))],
    restarted,
    findings,
    pathChanged,
    error,
  };
}

function outcomeDocument(outcome: ProcessOutcome, report: KillReport): OutcomeDocument {
  const { pid, result, signal, afterMs, holds, released, consequences, dangers } = outcome;
  return {
    pid,
    name: processName(outcome),
    result,
    signal,
    afterMs,
    holds,
    released,
    reason: reasonText(outcome, report),
    reasonKind: outcome.reason?.kind ?? null,
    consequences: consequences.flatMap((each) => consequenceTexts(each, report.viewer)),
    dangers: dangers.map((danger) => ({ kind: danger.kind, pid: danger.pid })),
  };
}
