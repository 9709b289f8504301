/**
 * From arguments to the report: resolve → collect → relate → diagnose, and where a finding may be a passing moment,
 * collect and diagnose again.
 */
import { UserError } from "../errors.ts";
import { type Confirmed, confirm } from "../findings/confirm.ts";
import { diagnose } from "../findings/diagnose.ts";
import { dependOnTimerSleep } from "../findings/timer-sleep.ts";
import type { FileFacts } from "../model/file-facts.ts";
import { type Related, relate } from "../model/relate.ts";
import type { DatabaseReport, Report } from "../model/report.ts";
import type { Snapshot, Target } from "../model/snapshot.ts";
import { type Source, sourceOfSystem } from "../model/source.ts";
import { withOtherViews } from "../observe/other-views.ts";
import { ReadingTime } from "../observe/pace.ts";
import { type Resolution, resolveArgument } from "../observe/resolve.ts";
import { anotherFileError, type FileIdentity, isAnotherFile } from "../observe/same-file.ts";
import { openSource } from "../observe/sources/open.ts";
import { withPollersOnly } from "../observe/sources/proc/polling.ts";
import type { Collect, CollectOptions } from "../observe/sources/source.ts";
import { LOCKS_READ_IN_PART, withReason } from "../observe/unseen.ts";
import { readMountinfo } from "../proc/mountinfo.ts";
import { valueOr } from "../proc/read.ts";
import { withMoreLooksWhereNeeded } from "./more-looks.ts";
import { failedReport, toDatabaseReport, toPathError, toReport, type VerdictOptions } from "./to-report.ts";

export interface InspectOptions extends VerdictOptions {
  readonly locksOnly: boolean;
  /** From when on a process that does not run has forgotten its transaction, in ms. */
  readonly staleAfterMs: number;
  /** A file that is no database by its first bytes is looked at all the same. */
  readonly anyFile?: boolean;
  /** `system`: what this system has. Left out, /proc: most of what sqlock does needs to know who owns which lock. */
  readonly source?: Source | "system";
  /** Another file than this (null: none) at the beginning of the look, or at its end, is an error. */
  readonly pinned?: FileIdentity | null;
  /** Told what the files of each database say, by path: of the first look. */
  readonly onFacts?: (facts: ReadonlyMap<string, FileFacts>) => void;
  /** A program that may release its lock soon is not waited for: the caller sees that for itself. */
  readonly brief?: boolean;
  /** It is to be opened or changed: who uses it where this user may not look is looked for as well. */
  readonly opens?: boolean;
}

export const DEFAULT_STALE_AFTER_MS = 10_000;

const PROC = "/proc";

/**
 * Looks once, and again where a finding may be a passing moment: up to four more looks, and up to half a second that
 * tells a process which polls for a lock from one which sleeps. Paths that cannot be looked at stand in the report with
 * their error.
 */
export async function inspect(paths: readonly string[], options: InspectOptions): Promise<Report> {
  let resolutions: Resolution[];
  let mounts: CollectOptions["mounts"] = [];
  let source: Source | null = null;
  let collect: Collect | null = null;
  try {
    source = options.source === "system" ? sourceOfSystem() : (options.source ?? "proc");
    collect = openSource(source, PROC);
    mounts = valueOr(readMountinfo(`${PROC}/self`), []);
    resolutions = unique((await Promise.all(paths.map((path) => resolveArgument(path, mounts)))).flat());
    if (source === "proc") resolutions = resolutionsWithViews(resolutions, mounts, options.opens === true);
    refuseOtherFiles(
      resolutions.flatMap((each) => (each.kind === "error" ? [] : each.target)),
      options,
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    resolutions = paths.map((givenAs) => ({ kind: "error", givenAs, error }));
  }
  const targets = resolutions.flatMap((resolution) => (resolution.kind === "error" ? [] : [resolution.target]));
  if (targets.length === 0 || collect === null) return toReport(resolutions.map(toPathError), source, null, new Date());
  const look: CollectOptions = { proc: PROC, mounts, locksOnly: options.locksOnly, time: new ReadingTime() };
  let snapshot: Snapshot;
  try {
    snapshot = await collect(targets, look);
    refuseOtherFiles(
      snapshot.databases.map(({ target }) => target),
      options,
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return failedReport(paths, error, source);
  }
  const seen = snapshot.databases.map((database) => relate(database, snapshot, options.staleAfterMs));
  const lookAgain: Parameters<typeof confirm>[2] = (files, pids, known) => collect(files, { ...look, pids, known });
  const related = await withMoreLooksWhereNeeded(seen, snapshot, lookAgain, options);
  const findings = await findingsOf(related, snapshot, lookAgain, options.staleAfterMs);
  const reports = new Map(
    related.map((database, i) => [targets[i], toDatabaseReport(database, snapshot, options, findings[i])]),
  );
  const facts = new Map(snapshot.databases.map(({ target, facts }) => [target.path, facts]));
  options.onFacts?.(facts);
  const entries = resolutions.map((resolution) => {
    const report = resolution.kind === "error" ? undefined : reports.get(resolution.target);
    return report === undefined || !isAnswer(resolution, report, facts.get(report.path), options)
      ? toPathError(resolution)
      : report;
  });
  const isOpen = findings.some(({ undecided }) => undecided.length > 0);
  const unseen = isOpen ? withReason(snapshot.unseen, LOCKS_READ_IN_PART) : snapshot.unseen;
  return toReport(entries, source, unseen, snapshot.takenAt, snapshot.viewer);
}

function resolutionsWithViews(
  resolutions: readonly Resolution[],
  mounts: CollectOptions["mounts"],
  opens: boolean,
): Resolution[] {
  const targets = resolutions.flatMap((each) => (each.kind === "error" ? [] : each.target));
  const seen = withOtherViews(targets, PROC, mounts, opens);
  const viewed = new Map(targets.map((target, i) => [target, seen[i] ?? target]));
  return resolutions.map((each) =>
    each.kind === "error" ? each : { ...each, target: viewed.get(each.target) ?? each.target },
  );
}

/** @throws UserError where a target is not the pinned file */
function refuseOtherFiles(targets: readonly Target[], { pinned }: InspectOptions): void {
  if (pinned === undefined) return;
  const other = targets.find((target) => isAnotherFile(target, pinned));
  if (other !== undefined) throw anotherFileError(other.path);
}

/** Of the first look; those that a passing moment may look like, of several. */
async function findingsOf(
  related: readonly Related[],
  snapshot: Snapshot,
  lookAgain: Parameters<typeof confirm>[2],
  staleAfterMs: number,
): Promise<Confirmed[]> {
  const diagnosed = (look: Snapshot) =>
    look.databases.map((seen, i) => {
      const database = related[i];
      return database === undefined ? [] : diagnose({ database, seen, snapshot: look, staleAfterMs });
    });
  const first = diagnosed(snapshot);
  const polled = dependOnTimerSleep(first.flat()) ? diagnosed(await withPollersOnly(PROC, snapshot)) : first;
  return confirm(polled, snapshot, lookAgain, staleAfterMs);
}

/** A database that was meant twice (itself and its -wal) is one. */
function unique(resolutions: readonly Resolution[]): Resolution[] {
  const seen = new Set<string>();
  return resolutions.filter((resolution) => {
    if (resolution.kind === "error") return true;
    const first = !seen.has(resolution.target.path);
    seen.add(resolution.target.path);
    return first;
  });
}

/** Whether there is something to say of a path that seemed to be no database, or no file. */
function isAnswer(
  resolution: Resolution,
  report: DatabaseReport,
  facts: FileFacts | undefined,
  { anyFile }: InspectOptions,
): boolean {
  if (resolution.kind === "missing") return report.holders.length > 0;
  if (resolution.kind !== "doubtful" || anyFile === true) return true;
  // a header of its own makes a companion file SQLite's; that it is open makes it so as well
  if (facts?.journal?.header === "valid" || typeof facts?.wal?.pageSize === "number") return true;
  if (report.holders.some(({ handles }) => handles.some(({ role }) => role !== "database"))) return true;
  return [...report.holders.flatMap((holder) => holder.locks), ...report.unownedLocks].some(
    (lock) => lock.name !== "FOREIGN",
  );
}
