/** The entry of a database, from what was seen and what the worker told. Pure. */

import type { DatabaseReport, Finding, Holder } from "../../model/report.ts";
import type { Decision } from "../../safe-open/decide.ts";
import { entryOfFirstBytes, headerProblem } from "../../safe-open/first-bytes.ts";
import { type HeaderFault, headerFaults } from "../../safe-open/header.ts";
import type { Seen, Start } from "../../safe-open/look.ts";
import type { How } from "../../safe-open/situation.ts";
import { nameOf } from "../../text/holder.ts";
import { shellQuoted } from "../../text/shell.ts";
import { size } from "../../text/size.ts";
import { assemble, type Part } from "./assemble.ts";
import type { CheckEnd, Refusal } from "./protocol.ts";
import { remedyOf } from "./remedy.ts";
import type { CheckName, DatabaseCheck, ReasonCode } from "./report.ts";
import type { Told } from "./run-worker.ts";

export interface Outcome {
  readonly decision: Extract<Decision, { kind: "look" }> | null;
  readonly told: Told | null;
  readonly refusal: Refusal | null;
  /** A look afterwards, where there was a reason for one. */
  readonly later?: DatabaseReport;
  /** The first bytes and the size when all was done. */
  readonly start?: Start | null;
}

export function toEntry(seen: Seen, outcome: Outcome, how: How, durationMs: number): DatabaseCheck {
  const { database, header } = seen;
  const { decision, told } = outcome;
  const known = { path: database.path, givenAs: database.givenAs, sizeBytes: database.sizeBytes ?? 0 };
  if (!seen.isDatabase || (!seen.hasHeader && outcome.refusal?.kind === "not-a-database"))
    return { ...entryOfFirstBytes(known, header), findings: database.findings, durationMs };
  const faults = headerFaults(header, { sizeBytes: known.sizeBytes, sizeMoves: sizeMoves(database) });
  const refusedFile =
    outcome.refusal?.kind === "not-a-database" ||
    told?.problems.some(({ message, page }) => page === null && isRefusal(message)) === true;
  const headerProblems = refusedFile ? problemsOfHeader(faults, outcome.refusal) : [];
  const problems = [...headerProblems, ...(told?.problems ?? [])].slice(0, how.maxProblems);
  const truncated = told?.truncated === true || headerProblems.length + (told?.problems.length ?? 0) > how.maxProblems;
  const why = whyNot(seen, outcome);
  const parts: Part[] = [
    ended("header", headerProblems.length > 0),
    ended("companion-files", false),
    ...(["structure", "virtual-tables", "foreign-keys"] as const).map((name) => partOf(name, told, how, why)),
  ];
  const assembled = assemble(parts, problems);
  return {
    path: database.path,
    givenAs: database.givenAs,
    ...assembled,
    remedy:
      assembled.verdict === "corrupt"
        ? remedyOf(database.path, problems, truncated)
        : assembled.verdict === "ok"
          ? null
          : (why?.remedy ?? null),
    journalMode: database.journalMode,
    pageSize: database.pageSize,
    ...sizeOf(database, outcome),
    method: decision?.method ?? null,
    methodReason: decision?.reason ?? null,
    problems,
    truncated,
    findings: [
      ...findingsOf(database, outcome.later).map((finding) =>
        assembled.verdict === "corrupt" ? withoutCheckpoint(finding, database.path) : finding,
      ),
      ...mismatches(database.path, standing(faults, outcome.start, sizeMoves(database)), refusedFile),
    ],
    blockedBy: outcome.refusal?.kind === "busy" ? blockersOf(outcome.later ?? database) : [],
    readLockMs: told === null || told.readLockMs === null ? null : Math.round(told.readLockMs),
    durationMs,
  };
}

/** The size on disk is not what the header of this moment stands for. */
function sizeMoves({ wal, journal, holders }: DatabaseReport): boolean {
  return (
    (wal !== null && wal.frames > 0) ||
    (journal !== null && journal.hot !== false) ||
    holders.some(({ activity }) => activity !== "idle" && activity !== "reading")
  );
}

/**
 * A database that grows, or is rolled back, at the moment of a look seems to have an odd header: one that is has the
 * same faults later.
 */
function standing(
  faults: readonly HeaderFault[],
  start: Start | null | undefined,
  moves: boolean,
): readonly HeaderFault[] {
  if (start === null || start === undefined) return faults;
  const later = headerFaults(start.header, { sizeBytes: start.sizeBytes, sizeMoves: moves }).map(
    ({ message }) => message,
  );
  return faults.filter(({ message }) => later.includes(message));
}

/** As it was when all was done: it may have had to wait for a commit that made it grow. */
function sizeOf(database: DatabaseReport, { start, later }: Outcome): Pick<DatabaseCheck, "pageCount" | "sizeBytes"> {
  if (later !== undefined) return { pageCount: later.pageCount, sizeBytes: later.sizeBytes };
  if (
    start === null ||
    start === undefined ||
    database.journalMode !== "rollback" ||
    start.sizeBytes === database.sizeBytes
  )
    return { pageCount: database.pageCount, sizeBytes: database.sizeBytes };
  return {
    pageCount: database.pageSize === null ? null : Math.floor(start.sizeBytes / database.pageSize),
    sizeBytes: start.sizeBytes,
  };
}

function isRefusal(message: string): boolean {
  return message === "database disk image is malformed" || message === "file is not a database";
}

/** SQLite has refused the file: for what its header says, in our words where we know them. */
function problemsOfHeader(faults: readonly HeaderFault[], refusal: Refusal | null) {
  const refused = faults.filter((fault) => fault.refused);
  if (refused.length > 0) return refused.map(({ message }) => headerProblem(message));
  return refusal?.kind === "not-a-database" ? [headerProblem(refusal.message)] : [];
}

function ended(name: CheckName, failed: boolean): Part {
  return { name, kind: "ended", end: { name, failed, unchecked: null, durationMs: null } };
}

function partOf(name: CheckName, told: Told | null, how: How, why: Why | null): Part {
  if (name === "foreign-keys" && !how.foreignKeys)
    return { name, kind: "not-run", code: "left-out", reason: "left out (--no-foreign-keys)" };
  const end = told?.checks.find((check: CheckEnd) => check.name === name);
  if (end !== undefined) return { name, kind: "ended", end };
  return {
    name,
    kind: "not-run",
    code: why?.code ?? "failed",
    reason: why?.reason ?? "the check did not get that far",
  };
}

interface Why {
  readonly code: ReasonCode;
  readonly reason: string;
  readonly remedy: string | null;
}

/** Why a check was not run, or not to its end. */
function whyNot({ database }: Seen, { refusal, told, later }: Outcome): Why | null {
  if (told?.end.kind === "timeout")
    return {
      code: "timeout",
      reason: "the time was up (--timeout)",
      remedy: "give it more time (--timeout 1h), or check less (--quick, --no-foreign-keys)",
    };
  if (told?.end.kind === "crashed")
    return {
      code: "failed",
      reason: `the process that checks it did not finish: ${told.end.why}`,
      remedy: "try again; if it happens again, report it",
    };
  switch (refusal?.kind) {
    case undefined:
      return null;
    case "busy":
      return locked(later ?? database);
    case "changed":
    case "unkept":
      return {
        code: "changed",
        reason: "its files changed each time while they were read",
        remedy: "check it when nobody writes to it",
      };
    case "no-space":
      return {
        code: "no-space",
        reason:
          `a private copy needs ${size(refusal.neededBytes)}, and the folder for temporary files has ` +
          `${size(refusal.freeBytes)} free`,
        remedy: `set TMPDIR to a folder with more space${orCompanions(database)}`,
      };
    case "no-folder":
      return {
        code: "no-space",
        reason: refusal.why,
        remedy: `set TMPDIR to a folder that you may write to${orCompanions(database)}`,
      };
    case "gone":
      return { code: "no-such-file", reason: `there is no file ${database.path} any more`, remedy: "check the path" };
    case "denied":
      return {
        code: "no-permission",
        reason: `no permission to read ${refusal.path}`,
        remedy: "run with sudo, or as the user that owns it",
      };
    case "not-a-database":
      return { code: "failed", reason: `SQLite does not open it: ${refusal.message}`, remedy: null };
    case "needs-copy":
      return { code: "failed", reason: `SQLite cannot read it: ${refusal.reason}`, remedy: "see sqlock explain" };
    case "backup-failed":
    case "failed":
      return { code: "failed", reason: `SQLite cannot read it: ${refusal.message}`, remedy: "see sqlock explain" };
  }
}

function orCompanions({ journalMode }: DatabaseReport): string {
  return journalMode === "wal" ? "; or let SQLite make its -wal and -shm beside it: --allow-companions" : "";
}

function locked(database: DatabaseReport): Why {
  const blockers = blockersOf(database);
  const by = blockers.length === 0 ? "" : ` by ${blockers.map(nameOf).join(", ")}`;
  const gone = by === "" && database.unownedLocks.length === 0 ? ", by somebody who does not hold it any more" : by;
  return {
    code: "locked",
    reason: `it is locked${gone}`,
    remedy: "end the transaction there and try again, or wait longer (--wait 1m); see sqlock who-holds",
  };
}

function blockersOf({ holders }: DatabaseReport): Holder[] {
  return holders.filter(({ blocks }) => blocks.includes("readers"));
}

/** Those of before, and what has come since. */
function findingsOf(before: DatabaseReport, later: DatabaseReport | undefined): Finding[] {
  const fresh = later?.findings.filter(({ id }) => !before.findings.some((finding) => finding.id === id)) ?? [];
  return [...before.findings, ...fresh];
}

/** With that -wal the database is corrupt: to have it copied back would make that last. */
function withoutCheckpoint(finding: Finding, path: string): Finding {
  if (finding.id !== "leftover-wal") return finding;
  const remedy =
    "Do not have it copied back: with this -wal the database is corrupt, and it may be another one's. First copy " +
    `both aside:\n  cp -p ${shellQuoted(path)} ${shellQuoted(`${path}-wal`)} /a/safe/folder/\nThen check a copy of the ` +
    "database alone, without the -wal: if that is whole, the -wal is what is wrong.";
  return { ...finding, remedy };
}

function mismatches(path: string, faults: readonly HeaderFault[], refusedFile: boolean): Finding[] {
  return faults
    .filter((fault) => !fault.refused && !refusedFile)
    .map(({ message }) => ({
      id: "header-mismatch",
      severity: "warning",
      pids: [],
      summary: `The header of ${path} is not as SQLite writes it: ${message}.`,
      detail: "SQLite puts up with it. It was written by another program, or is damaged.",
      remedy: "Find out what wrote it. VACUUM INTO makes a copy with a header of SQLite's own.",
    }));
}
