/** The result of a check, from the look before it and what the worker sent. Pure. */
import type { DatabaseReport, Finding, Holder } from "../../model/report.ts";
import type { OpenedAs } from "../../safe-open/actor.ts";
import type { Decision } from "../../safe-open/decide.ts";
import { foreignFormatOf } from "../../safe-open/foreign-format.ts";
import { type HeaderFault, headerFaults, isRefusedBySqlite } from "../../safe-open/header.ts";
import type { DatabaseLook, FileStart } from "../../safe-open/look.ts";
import type { Refusal } from "../../safe-open/protocol.ts";
import { likelyWritersWithoutLocks, usersWithoutLocks, writersWithoutLocks } from "../../safe-open/unlocked-users.ts";
import { COMPANIONS } from "../../sqlite/roles.ts";
import { firstBytesResult } from "./first-bytes-result.ts";
import { headerProblem } from "./header-problem.ts";
import type { FoundProblem } from "./protocol.ts";
import type { Reason, UnlockedWriters } from "./reasons.ts";
import type { CheckName, Verdict } from "./report.ts";
import type { CheckOutcome, CheckResult } from "./result.ts";
import type { WorkerResult } from "./run-worker.ts";
import { verdictOfChecks } from "./verdict.ts";

/** The last attempt to check a database. */
export interface Attempt {
  readonly decision: Extract<Decision, { kind: "open" }> | null;
  /** Null: no worker was started. */
  readonly worker: WorkerResult | null;
  readonly refusal: Refusal | null;
  /** Null or absent: the caller opened it, or it was not opened. */
  readonly openedAs?: OpenedAs | null;
  /** A look after the check, where a later state matters. */
  readonly later?: DatabaseReport;
  /** The first bytes and the size after the check. */
  readonly start?: FileStart | null;
}

export interface ResultOptions {
  readonly foreignKeys: boolean;
  readonly maxProblems: number;
}

export function checkResult(
  look: DatabaseLook,
  attempt: Attempt,
  options: ResultOptions,
  durationMs: number,
): CheckResult {
  const { database, header } = look;
  const { decision, worker, refusal, later } = attempt;
  const { path, givenAs, findings } = database;
  const sizeBytes = database.sizeBytes ?? 0;
  if (!look.isDatabase || (!look.hasHeader && refusal?.kind === "not-a-database"))
    return { ...firstBytesResult(fileOf(database, attempt), header), findings, durationMs };
  const faults = headerFaults(header, { sizeBytes, sizeMoves: sizeMoves(database) });
  const refusedFile = refusal?.kind === "not-a-database" || worker?.problems.some(isFileRefused) === true;
  const foreign = refusedFile ? foreignFormat(header, faults, refusal) : null;
  const headerProblems = refusedFile && foreign === null ? problemsOfHeader(faults, refusal) : [];
  const found = [...headerProblems, ...(worker?.problems ?? [])];
  const sent = found.slice(0, options.maxProblems);
  const why = foreign ?? whyUnchecked(database, attempt);
  const done = [
    {
      name: "header",
      failed: headerProblems.length > 0,
      reasons: foreign === null ? [] : [foreign],
      durationMs: null,
    } as const,
    { name: "companion-files", failed: false, reasons: [], durationMs: null } as const,
    ...(["structure", "virtual-tables", "foreign-keys"] as const).map((name) =>
      outcomeOf(name, worker, sent, options, why),
    ),
  ];
  const distrust = whyDistrusted(verdictOfChecks(done), attempt, database);
  const checks = distrust === null ? done : done.map((check) => distrusted(check, distrust));
  const problems = distrust === null ? sent : [];
  return {
    path,
    givenAs,
    verdict: verdictOfChecks(checks),
    journalMode: database.journalMode,
    pageSize: database.pageSize,
    ...sizeAfter(database, attempt),
    method: decision?.method ?? null,
    copyReason: decision?.reason ?? null,
    openedAs: attempt.openedAs ?? null,
    checks,
    problems,
    truncated: distrust === null && (worker?.truncated === true || found.length > options.maxProblems),
    findings: findingsOf(database, later),
    leftWal: hasLeftWal(database, later),
    headerFaults: refusedFile
      ? []
      : persistent(faults, attempt.start, sizeMoves(database)).filter((fault) => !isRefusedBySqlite(fault)),
    blockedBy: refusal?.kind === "busy" ? blockersOf(later ?? database) : [],
    readLockMs: worker === null || worker.readLockMs === null ? null : Math.round(worker.readLockMs),
    durationMs,
  };
}

function fileOf({ path, givenAs, sizeBytes, files }: DatabaseReport, { start }: Attempt) {
  const roles = new Set(files.map(({ role }) => role));
  return {
    path,
    givenAs,
    sizeBytes: sizeBytes ?? 0,
    sizeMoves: start !== null && start !== undefined && start.sizeBytes !== sizeBytes,
    companions: COMPANIONS.filter(({ role }) => roles.has(role)).map(({ suffix }) => suffix),
  };
}

/** The size of the file proves nothing about the header of this moment. */
function sizeMoves({ wal, journal, holders }: DatabaseReport): boolean {
  return (
    (wal !== null && (wal.frames > 0 || !wal.complete)) ||
    (journal !== null && journal.hot !== false) ||
    holders.some(({ activity }) => activity !== "idle" && activity !== "reading")
  );
}

/**
 * A database that grows, or is rolled back, at the moment of a look seems to have an odd header: a header that is odd
 * has the same faults later.
 */
function persistent(
  faults: readonly HeaderFault[],
  start: FileStart | null | undefined,
  moves: boolean,
): readonly HeaderFault[] {
  if (start === null || start === undefined) return faults;
  const later = headerFaults(start.header, { sizeBytes: start.sizeBytes, sizeMoves: moves });
  const known = new Set(later.map((fault) => JSON.stringify(fault)));
  return faults.filter((fault) => known.has(JSON.stringify(fault)));
}

/** After the check: it may have had to wait for a commit that made the file grow. */
function sizeAfter(database: DatabaseReport, { start, later }: Attempt): Pick<CheckResult, "pageCount" | "sizeBytes"> {
  if (later !== undefined) return { pageCount: later.pageCount, sizeBytes: later.sizeBytes };
  const { pageCount, pageSize, sizeBytes, journalMode } = database;
  if (start === null || start === undefined || journalMode !== "rollback" || start.sizeBytes === sizeBytes)
    return { pageCount, sizeBytes };
  return {
    pageCount: pageSize === null ? null : Math.floor(start.sizeBytes / pageSize),
    sizeBytes: start.sizeBytes,
  };
}

/** SQLite's messages for SQLITE_CORRUPT and SQLITE_NOTADB, about the file as a whole. */
const FILE_REFUSED: ReadonlySet<string> = new Set(["database disk image is malformed", "file is not a database"]);

function isFileRefused({ cause, page }: FoundProblem): boolean {
  return page === null && cause.kind === "sqlite" && FILE_REFUSED.has(cause.message);
}

const UNSUPPORTED = "unsupported file format";

/** Of a file that SQLite refuses. Null: damage. The message is SQLite's (`prepare.c`, sqlite3InitOne). */
function foreignFormat(
  header: Uint8Array,
  faults: readonly HeaderFault[],
  refusal: Refusal | null,
): Extract<Reason, { kind: "unsupported-format" }> | null {
  const isUnknown =
    refusal?.kind === "not-a-database" && refusal.message === UNSUPPORTED && !faults.some(isRefusedBySqlite);
  const format = isUnknown ? ({ code: "unknown" } as const) : foreignFormatOf(header, faults);
  return format === null ? null : { kind: "unsupported-format", format };
}

/** Why SQLite refuses the file: by its header, else by SQLite's message. */
function problemsOfHeader(faults: readonly HeaderFault[], refusal: Refusal | null): FoundProblem[] {
  const refused = faults.filter(isRefusedBySqlite);
  if (refused.length > 0) return refused.map((fault) => headerProblem({ kind: "header", fault }));
  return refusal?.kind === "not-a-database" ? [headerProblem({ kind: "sqlite", message: refusal.message })] : [];
}

function outcomeOf(
  name: CheckName,
  worker: WorkerResult | null,
  problems: readonly FoundProblem[],
  { foreignKeys }: ResultOptions,
  why: Reason | null,
): CheckOutcome {
  const failed = problems.some(({ check }) => check === name);
  if (name === "foreign-keys" && !foreignKeys)
    return { name, failed, reasons: [{ kind: "left-out" }], durationMs: null };
  const end = worker?.checks.find((check) => check.name === name);
  if (end === undefined) return { name, failed, reasons: [why ?? { kind: "not-reached" }], durationMs: null };
  return {
    name,
    failed: failed || end.failed,
    reasons: end.unchecked.map((part) => ({ kind: "unchecked", part })),
    durationMs: end.durationMs === null ? null : Math.round(end.durationMs),
    ...(end.way === null ? {} : { way: end.way }),
  };
}

/** Why a check was not run, or not to its end; null where every check was. */
function whyUnchecked(database: DatabaseReport, { refusal, worker, later }: Attempt): Reason | null {
  if (worker?.end.kind === "timeout") return { kind: "timeout" };
  if (worker?.end.kind === "crashed") return { kind: "crashed", why: worker.end.why };
  if (refusal === null) return null;
  const { path, journalMode } = database;
  if (refusal.kind === "changed" && refusal.underLock === true)
    return { kind: "refused", path, refusal, journalMode, writers: unlockedWritersOf(later ?? database) };
  if (refusal.kind !== "busy") return { kind: "refused", path, refusal, journalMode };
  const { unownedLocks } = later ?? database;
  return { kind: "locked", holders: blockersOf(later ?? database), hasUnownedLocks: unownedLocks.length > 0 };
}

function unlockedWritersOf(database: DatabaseReport): UnlockedWriters {
  const known = likelyWritersWithoutLocks(database);
  return known.length > 0 ? { holders: known, known: true } : { holders: usersWithoutLocks(database), known: false };
}

/**
 * Null: a result is to be trusted. Those who are in the middle of a change without SQLite's locks, before the check or
 * after it, may have written only half of it. A check in WAL mode without problems has seen a whole snapshot.
 */
function whyDistrusted(
  verdict: Verdict,
  { worker, later }: Attempt,
  database: DatabaseReport,
): Extract<Reason, { kind: "unlocked-writer" }> | null {
  if (verdict === "not-checked" || worker === null) return null;
  const looks = [database, ...(later === undefined ? [] : [later])];
  const isCorrupt = verdict === "corrupt";
  if (!isCorrupt && database.journalMode === "wal") return null;
  const holders = looks.flatMap(isCorrupt ? likelyWritersWithoutLocks : writersWithoutLocks);
  const once = holders.filter(({ pid }, at) => holders.findIndex((each) => each.pid === pid) === at);
  return once.length === 0 ? null : { kind: "unlocked-writer", holders: once, foundProblems: isCorrupt };
}

/** The look at the companion files stands; what was left out stays so. */
function distrusted(check: CheckOutcome, reason: Reason): CheckOutcome {
  if (check.name === "companion-files" || (check.name === "header" && !check.failed)) return check;
  if (check.reasons.some(({ kind }) => kind === "left-out")) return check;
  return { ...check, failed: false, reasons: [reason] };
}

function blockersOf({ holders }: DatabaseReport): Holder[] {
  return holders.filter(({ blocks }) => blocks.includes("readers"));
}

function hasLeftWal(before: DatabaseReport, later: DatabaseReport | undefined): boolean {
  const isLeft = ({ findings }: DatabaseReport) => findings.some(({ id }) => id === "leftover-wal");
  return later !== undefined && isLeft(later) && !isLeft(before) && before.holders.length > 0;
}

/** Those of before the check, and those that are new after it. */
function findingsOf(before: DatabaseReport, later: DatabaseReport | undefined): Finding[] {
  const fresh = later?.findings.filter(({ id }) => !before.findings.some((finding) => finding.id === id)) ?? [];
  return [...before.findings, ...fresh];
}
