/** What was looked at and diagnosed, as a report: the verdict with its sentence, the errors of paths, who looked. */
import type { UserError } from "../errors.ts";
import type { Confirmed } from "../findings/confirm.ts";
import { unsafeToOpen } from "../findings/unsafe-to-open.ts";
import { type HeldSeenMs, withAgesSeen } from "../model/ages-seen.ts";
import { isHotAfterLooks } from "../model/hot-journal.ts";
import type { Related } from "../model/relate.ts";
import {
  type DatabaseReport,
  type PathError,
  type Report,
  SCHEMA_VERSION,
  type VerdictReport,
} from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Source } from "../model/source.ts";
import { verdictOf } from "../model/verdict.ts";
import type { Viewer } from "../model/viewer.ts";
import type { Resolution } from "../observe/resolve.ts";
import { viewerHere } from "../observe/viewer.ts";
import { summaryOf } from "../text/blocker.ts";
import { verdictSentence } from "../text/verdict.ts";
import { VERSION } from "../version.ts";

export interface VerdictOptions {
  /** For how long, at least, the caller has seen a process hold this lock, in ms: for the verdict. Null: not at all. */
  readonly heldSeenMs?: HeldSeenMs;
  /** Of the terminal that the verdict is to fit in: two lines of so many columns. Left out: as long as it gets. */
  readonly columns?: number | null;
}

const NO_FINDINGS: Confirmed = { findings: [], undecided: [] };

export function toDatabaseReport(
  related: Related,
  snapshot: Snapshot,
  options: VerdictOptions,
  { findings, undecided }: Confirmed = NO_FINDINGS,
): DatabaseReport {
  const { journal } = related;
  const settled = journal === null ? null : { ...journal, hot: isHotAfterLooks(journal.hot, findings, undecided) };
  const database = { ...related, journal: settled };
  const { path, givenAs, ...rest } = database;
  return {
    path,
    givenAs,
    verdict: toVerdict(withAgesSeen(database, options.heldSeenMs), snapshot, { findings, undecided }, options),
    ...rest,
    summary: summaryOf(database),
    findings,
  };
}

/** What a look could not decide is as unknown as a lock that was not read. */
function toVerdict(
  database: Related,
  snapshot: Snapshot,
  { findings, undecided }: Confirmed,
  { columns = null }: VerdictOptions,
): VerdictReport {
  const unread = undecided.length > 0 ? { partialView: true, locksReadInPart: true } : {};
  const unsafe = unsafeToOpen({ findings, holders: database.holders });
  const { reason, ...verdict } = verdictOf(database, { ...snapshot, ...unread, findings, unsafe });
  const context = { findings, unseen: snapshot.unseen, columns };
  return { ...verdict, sentence: verdictSentence({ ...verdict, reason }, database, context) };
}

export function toPathError(resolution: Resolution): PathError {
  if (resolution.kind === "target") throw new Error(`no report for ${resolution.target.path}`);
  const { code, message, hint } = resolution.error;
  return {
    givenAs: resolution.kind === "error" ? resolution.givenAs : resolution.target.givenAs,
    error: { code, message, hint },
  };
}

/** When no path could be looked at, for one reason. */
export function failedReport(paths: readonly string[], error: UserError, source: Source | null): Report {
  return toReport(
    paths.map((givenAs) => toPathError({ kind: "error", givenAs, error })),
    source,
    null,
    new Date(),
  );
}

export function toReport(
  databases: Report["databases"],
  source: Source | null,
  unseen: Report["unseen"],
  takenAt: Date,
  viewer: Viewer = viewerHere(),
): Report {
  return {
    schemaVersion: SCHEMA_VERSION,
    sqlock: VERSION,
    takenAt,
    source,
    viewer,
    databases,
    unseen,
  };
}
