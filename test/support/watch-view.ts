/** Views of watch as a test of the screen wants them. */
import type { HolderView } from "../../src/features/watch/holder-view.ts";
import type { ProcessFigures } from "../../src/features/watch/process-figures.ts";
import type { FindingView } from "../../src/features/watch/seen-findings.ts";
import type { LookResult } from "../../src/features/watch/state.ts";
import type { DatabaseView, View } from "../../src/features/watch/view.ts";
import type { DatabaseReport, Finding } from "../../src/model/report.ts";
import { databaseReport } from "./report.ts";
import { PATH } from "./watch-event.ts";

export function figures(change: Partial<ProcessFigures> = {}): ProcessFigures {
  return { of: "writes", times: 45, totalMs: 10_600, longestMs: 450, atLeast: false, share: 0.46, ...change };
}

export function holderView(change: Partial<HolderView> = {}): HolderView {
  return {
    path: PATH,
    pid: 4242,
    command: "python app.py",
    activity: "idle",
    locks: [],
    heldMs: null,
    atLeast: false,
    blocks: [],
    stale: [],
    figures: null,
    gone: null,
    ...change,
  };
}

export function finding(change: Partial<Finding> = {}): Finding {
  return {
    id: "uncommitted-write",
    severity: "error",
    pids: [4242],
    summary: "4242 (python app.py) holds the write lock",
    detail: "Nothing was written for 4 m 12 s.",
    remedy: "End its transaction, or the process:\n  sqlock kill /srv/app/db.sqlite3 --pid 4242",
    ...change,
  };
}

export function findingView(change: Partial<Finding> = {}, overMs: number | null = null): FindingView {
  return { path: PATH, finding: finding(change), overMs };
}

export function databaseView(change: Partial<DatabaseView> = {}): DatabaseView {
  const holders = change.holders ?? [];
  return {
    path: PATH,
    report: databaseReport(),
    looked: true,
    holders,
    findings: [],
    verdict: { kind: "looked", sentence: "Not locked, nobody has it open." },
    writing: [],
    wal: null,
    most: { holders: holders.length, wal: false },
    ...change,
  };
}

export function viewOf(databases: readonly DatabaseView[] = [databaseView()], change: Partial<View> = {}): View {
  const notes = databases.reduce((sum, { findings }) => sum + findings.length, 0);
  return {
    nowMs: 10_000,
    startedMs: 0,
    source: "sampled",
    databases,
    log: [],
    unseen: null,
    most: { notes },
    ...change,
  };
}

/** A look at one database. */
export function lookAt(report: DatabaseReport | null, beganMs = 0, change: Partial<LookResult> = {}): LookResult {
  return { reports: new Map([[PATH, report]]), beganMs, unseen: null, walGrowths: new Map(), ...change };
}
