/** Shows the mode, or switches it: look → obstacles → the switch → look again → report. */
import { isPathError, type PathError } from "../../model/report.ts";
import { sleep } from "../../time.ts";
import { VERSION } from "../../version.ts";
import { type InTheWay, inTheWay, isFree, reasonOf } from "./blockers.ts";
import { keptModeOf, look, type Seen } from "./look.ts";
import { obstaclesOf, standing } from "./obstacles.ts";
import { JOURNAL_MODE_SCHEMA_VERSION, type JournalModeReport, type KeptMode } from "./report.ts";
import { type ReadBack, readBack, type Switched, switchMode } from "./switch.ts";
import { adviceOf, effectsOf, modeName } from "./words.ts";

export interface How {
  readonly waitMs: number;
  readonly dryRun: boolean;
  readonly force: boolean;
  /** Each time that others are in the way. */
  readonly onWaiting: (others: InTheWay) => void;
}

/** `to` null: to be shown only. @throws UserError */
export async function journalMode(givenAs: string, to: KeptMode | null, how: How): Promise<JournalModeReport> {
  const seen = await lookUntilSure(givenAs, to, how);
  if (isPathError(seen)) return failedReport(seen, to, how.dryRun);
  const before = keptModeOf(seen.database);
  const shown = reportOf(seen, before, to, how);
  if (
    to === null ||
    how.dryRun ||
    before === to ||
    standing(shown.obstacles).length > 0 ||
    (before === null && to === "delete")
  )
    return shown;
  const switched = await switchMode(seen.database.path, to, how.waitMs, how.onWaiting);
  const later = await look(givenAs);
  const read = switched.refusal === null ? await readBack(seen.database.path) : null;
  return switchedReport(shown, switched, isPathError(later) ? null : later, read);
}

/** How often a file that seems to be cut off is looked at again, and how long after the look before, in ms. */
const MORE_LOOKS = 4;
const NEXT_LOOK_MS = 40;

/** A commit that makes the file grow between the look at its size and the one at its header makes it seem cut off. */
async function lookUntilSure(givenAs: string, to: KeptMode | null, how: How): Promise<Seen | PathError> {
  for (let looks = 0; ; looks++) {
    const seen = await look(givenAs);
    if (isPathError(seen) || looks === MORE_LOOKS) return seen;
    if (!reportOf(seen, keptModeOf(seen.database), to, how).obstacles.some(({ code }) => code === "cut-off"))
      return seen;
    await sleep(NEXT_LOOK_MS);
  }
}

/** The other mode, or the one that was asked for. */
function goalOf(before: KeptMode | null, to: KeptMode | null): KeptMode {
  return to ?? (before === "wal" ? "delete" : "wal");
}

function reportOf(
  { database, unseen, access }: Seen,
  before: KeptMode | null,
  to: KeptMode | null,
  how: How,
): JournalModeReport {
  const goal = goalOf(before, to);
  const ground = { database, access, asRoot: process.geteuid?.() === 0 };
  const needless = before === to || (before === null && to === "delete");
  const obstacles = needless ? [] : obstaclesOf(ground, goal, how.force);
  const blockers = needless ? { holders: [], unowned: [] } : inTheWay(database);
  const against = standing(obstacles);
  const reason = against[0]?.message ?? (isFree(blockers) ? null : reasonOf(blockers, before === "wal", false));
  return {
    schemaVersion: JOURNAL_MODE_SCHEMA_VERSION,
    sqlock: VERSION,
    path: database.path,
    givenAs: database.givenAs,
    asked: to,
    dryRun: how.dryRun,
    before,
    after: before,
    changed: false,
    wouldSwitch: reason === null,
    reason,
    obstacles,
    blockedBy: blockers.holders,
    blockedByUnowned: blockers.unowned,
    holders: database.holders,
    sizeBytes: database.sizeBytes,
    pageSize: database.pageSize,
    pageCount: database.pageCount,
    walBytes: database.files.find(({ role }) => role === "wal")?.sizeBytes ?? null,
    wal: database.wal,
    fileSystem: database.fileSystem,
    findings: database.findings,
    effects: needless ? [] : effectsOf(ground, goal),
    advice: to === null ? [] : adviceOf(goal),
    proof: null,
    waitedMs: null,
    unseen,
    error: null,
  };
}

function switchedReport(
  shown: JournalModeReport,
  switched: Switched,
  later: Seen | null,
  read: ReadBack | null,
): JournalModeReport {
  const after = later === null ? null : keptModeOf(later.database);
  const reason = whyNot(shown, switched, after, read);
  const { holders, unowned } = switched.refusal?.kind === "busy" ? switched.inTheWay : { holders: [], unowned: [] };
  return {
    ...shown,
    after,
    changed: after !== shown.before,
    reason,
    blockedBy: holders,
    blockedByUnowned: unowned,
    holders: later?.database.holders ?? [],
    sizeBytes: later?.database.sizeBytes ?? null,
    pageCount: later?.database.pageCount ?? null,
    walBytes: later?.database.files.find(({ role }) => role === "wal")?.sizeBytes ?? null,
    wal: later?.database.wal ?? null,
    findings: later?.database.findings ?? [],
    proof: switched.outcome?.kind === "proved" ? switched.outcome.proof : null,
    waitedMs: Math.round(switched.waitedMs),
  };
}

/** Null where everything is as it was asked for, and proved. */
function whyNot(
  { asked, before, unseen }: JournalModeReport,
  { refusal, inTheWay: others, outcome, kept }: Switched,
  after: KeptMode | null,
  read: ReadBack | null,
) {
  if (refusal !== null) return refusedBecause(refusal, others, before, unseen !== null && unseen.processes === null);
  if (outcome?.kind === "lost") {
    const pages = outcome.pages.slice(0, 10).join(", ");
    return (
      `SQLite has left WAL mode, and ${outcome.pages.length} pages are not as the -wal had them (${pages}): the ` +
      `-wal is kept as ${kept ?? "nothing"}; copy both aside, and report it`
    );
  }
  if (after !== asked)
    return (
      `SQLite says that it is switched, and the header of the file says ${modeName(after)}: somebody has switched ` +
      "it back"
    );
  if (read === null || read.mode === null) {
    const why =
      read?.refusal?.kind === "busy"
        ? "it is locked"
        : read?.refusal?.kind === "failed"
          ? read.refusal.message
          : "it did not say why";
    return `it is switched, and another process could not read it: ${why}`;
  }
  return read.mode === asked
    ? null
    : `it is switched, and another process meets it in mode ${read.mode}: somebody has switched it back`;
}

function refusedBecause(
  refusal: NonNullable<Switched["refusal"]>,
  others: InTheWay,
  before: KeptMode | null,
  hidden: boolean,
): string {
  switch (refusal.kind) {
    case "busy":
      return reasonOf(others, before === "wal", hidden);
    case "unchanged":
      return `SQLite keeps it in mode ${refusal.mode}`;
    case "crashed":
      return `the process that switches it did not finish: ${refusal.why}`;
    case "failed":
      return `${SAID[refusal.code.replace(/^(SQLITE_[A-Z]+)_.*/, "$1")] ?? "SQLite does not do it"}: ${refusal.message}`;
  }
}

const SAID: Record<string, string | undefined> = {
  SQLITE_FULL: "the disk is full",
  SQLITE_READONLY: "it may not be written",
  SQLITE_CANTOPEN: "SQLite cannot make the files that it needs beside it",
  SQLITE_IOERR: "the disk or the file system fails",
  SQLITE_CORRUPT: "the database is damaged (see sqlock integrity)",
  SQLITE_NOTADB: "it is encrypted or damaged (see sqlock integrity)",
};

/** Of a path that could not be looked at. */
export function failedReport(
  { givenAs, error }: PathError,
  asked: KeptMode | null,
  dryRun: boolean,
): JournalModeReport {
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
    advice: [],
    proof: null,
    waitedMs: null,
    unseen: null,
    error,
  };
}
