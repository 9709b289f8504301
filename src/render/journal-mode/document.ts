/** The report, and with it the JSON document, from the result: here the facts get their words. Pure. */
import type { SwitchContext } from "../../features/journal-mode/obstacles.ts";
import {
  JOURNAL_MODE_SCHEMA_VERSION,
  type JournalModeReport,
  type KeptMode,
} from "../../features/journal-mode/report.ts";
import type { SwitchResult } from "../../features/journal-mode/result.ts";
import type { PathError } from "../../model/report.ts";
import type { OpenedAs } from "../../safe-open/actor.ts";
import { VERSION } from "../../version.ts";
import { adviceOf, effectsOf, notesOf } from "./effects.ts";
import { obstacleReport } from "./obstacle-text.ts";
import { reasonText } from "./reason-text.ts";

export function reportOf(result: SwitchResult): JournalModeReport {
  const { context, database, asked, to, needless, before, reason, blockers } = result;
  const first = context.database;
  return {
    schemaVersion: JOURNAL_MODE_SCHEMA_VERSION,
    sqlock: VERSION,
    path: first.path,
    givenAs: first.givenAs,
    asked,
    dryRun: result.dryRun,
    before,
    after: result.after,
    changed: result.changed,
    wouldSwitch: result.wouldSwitch,
    reason: reason === null ? null : reasonText(reason),
    obstacles: result.obstacles.map((each) => obstacleReport(each, { path: first.path, to, viewer: context.viewer })),
    blockedBy: blockers.holders,
    blockedByUnowned: blockers.unowned,
    holders: database?.holders ?? [],
    sizeBytes: database?.sizeBytes ?? null,
    pageSize: first.pageSize,
    pageCount: database?.pageCount ?? null,
    walBytes: database?.files.find(({ role }) => role === "wal")?.sizeBytes ?? null,
    wal: database?.wal ?? null,
    fileSystem: first.fileSystem,
    findings: database?.findings ?? [],
    effects: needless ? [] : effectsOf(context, to),
    notes: needless ? [] : notesOf(context, to),
    advice: asked === null ? [] : adviceOf(to),
    proof: result.proof,
    notCompared: result.notCompared,
    openedAs: needless ? null : openedAsOf(context.opener),
    waitedMs: result.waitedMs,
    unseen: result.unseen,
    error: null,
  };
}

/** Of a path that could not be looked at. */
export function errorReport({ givenAs, error }: PathError, asked: KeptMode | null, dryRun: boolean): JournalModeReport {
  return {
    schemaVersion: JOURNAL_MODE_SCHEMA_VERSION,
    sqlock: VERSION,
    path: givenAs,
    givenAs,
    asked,
    dryRun,
    before: null,
    after: null,
    changed: false,
    wouldSwitch: false,
    reason: error.message,
    obstacles: [],
    blockedBy: [],
    blockedByUnowned: [],
    holders: [],
    sizeBytes: null,
    pageSize: null,
    pageCount: null,
    walBytes: null,
    wal: null,
    fileSystem: null,
    findings: [],
    effects: [],
    notes: [],
    advice: [],
    proof: null,
    notCompared: null,
    openedAs: null,
    waitedMs: null,
    unseen: null,
    error,
  };
}

function openedAsOf({ kind, actor }: SwitchContext["opener"]): OpenedAs | null {
  if (kind === "no-user" || actor.kind !== "owner") return null;
  const { uid, of, folderUid } = actor;
  return { uid, of, folderUid };
}
