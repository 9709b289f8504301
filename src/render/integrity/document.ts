/** The report, and with it the JSON document, from the results: here the facts get their words. Pure. */
import type { Reason } from "../../features/integrity/reasons.ts";
import { reasonCodeOfAll } from "../../features/integrity/reasons.ts";
import {
  type Check,
  type DatabaseCheck,
  INTEGRITY_SCHEMA_VERSION,
  type IntegrityReport,
} from "../../features/integrity/report.ts";
import type { CheckOutcome, CheckResult } from "../../features/integrity/result.ts";
import { uncheckedParts } from "../../features/integrity/verdict.ts";
import { copyAside } from "../../findings/shared/restored.ts";
import type { Finding } from "../../model/report.ts";
import type { Viewer } from "../../model/viewer.ts";
import type { HeaderFault } from "../../safe-open/header.ts";
import { VERSION } from "../../version.ts";
import { copyReasonText } from "./copy-reason-text.ts";
import { headerFaultText } from "./header-fault-text.ts";
import { messageOf } from "./problem-text.ts";
import { reasonText } from "./reason-text.ts";
import { remedyOf } from "./remedy.ts";

export function reportOf(results: readonly CheckResult[], quick: boolean, viewer: Viewer): IntegrityReport {
  return {
    schemaVersion: INTEGRITY_SCHEMA_VERSION,
    sqlock: VERSION,
    quick,
    databases: results.map((result) => databaseReportOf(result, viewer)),
  };
}

/** `viewer`: see reasonText. */
export function databaseReportOf(result: CheckResult, viewer?: Viewer): DatabaseCheck {
  const { path, verdict, truncated } = result;
  const parts = verdict === "not-checked" ? uncheckedParts(result.checks) : [];
  const [first] = parts;
  const problems = result.problems.map(({ cause, ...problem }) => ({
    check: problem.check,
    message: messageOf({ cause, ...problem }),
    table: problem.table,
    index: problem.index,
    rowid: problem.rowid,
    parent: problem.parent,
    page: problem.page,
  }));
  const remedies = parts.flat().flatMap((reason) => reasonText(reason, viewer).remedy ?? []);
  return {
    path,
    givenAs: result.givenAs,
    verdict,
    reason: first === undefined ? null : joined(parts.flat()),
    reasonCode: first === undefined ? null : reasonCodeOfAll(first),
    remedy: verdict === "corrupt" ? notAsRoot(remedyOf(path, problems, truncated), result) : (remedies[0] ?? null),
    journalMode: result.journalMode,
    pageSize: result.pageSize,
    pageCount: result.pageCount,
    sizeBytes: result.sizeBytes,
    method: result.method,
    methodReason: result.copyReason === null ? null : copyReasonText(result.copyReason),
    openedAs: result.openedAs,
    checks: result.checks.map(checkOf),
    problems,
    truncated,
    findings: [
      ...result.findings.map((finding) => leftoverWal(finding, result)),
      ...result.headerFaults.map((fault) => headerMismatch(path, fault)),
    ],
    blockedBy: result.blockedBy,
    readLockMs: result.readLockMs,
    durationMs: result.durationMs,
  };
}

/** Root has not opened it as root for the check (see Actor): nor must what repairs it. */
function notAsRoot(remedy: string | null, { openedAs, copyReason }: CheckResult): string | null {
  if (remedy === null) return null;
  if (copyReason?.code === "isolated")
    return `${remedy} Do this on a copy that belongs to an ordinary user, as that user, never as root.`;
  return openedAs === null || openedAs.uid === 0
    ? remedy
    : `${remedy} Do this as the user who owns the database (uid ${openedAs.uid}), never as root.`;
}

/** The first problem, else why it was not checked; null of a database that is ok. */
export function mainReasonOf(result: CheckResult): string | null {
  const { problems, reason } = databaseReportOf(result);
  return problems[0]?.message ?? reason;
}

function checkOf({ name, failed, reasons, durationMs, way }: CheckOutcome): Check {
  const [first, ...rest] = reasons;
  return {
    name,
    result: failed ? "failed" : first === undefined ? "ok" : "not-checked",
    reason: first === undefined ? null : joined(reasons),
    reasonCode: first === undefined ? null : reasonCodeOfAll([first, ...rest]),
    durationMs,
    way: way ?? null,
  };
}

function joined(reasons: readonly Reason[]): string {
  return [...new Set(reasons.map((reason) => reasonText(reason).reason))].join("; ");
}

function leftoverWal(finding: Finding, { verdict, path, leftWal }: CheckResult): Finding {
  if (finding.id !== "leftover-wal") return finding;
  if (verdict === "corrupt") return withoutCheckpoint(finding, path);
  return leftWal ? { ...finding, detail: LEFT_BY_THIS_CHECK } : finding;
}

const LEFT_BY_THIS_CHECK =
  "Programs had it open when this check began, and none did when it ended. Likely the last of them closed it while " +
  "the check was reading: then SQLite leaves the -wal for the next program that opens the database. Nothing is lost.";

/** With that -wal the database is corrupt: a checkpoint would make the damage permanent. */
function withoutCheckpoint(finding: Finding, path: string): Finding {
  const remedy =
    "Do not let SQLite copy it back: with this -wal the database is corrupt, and the -wal may belong to another " +
    `database. First copy both to another place:\n  ${copyAside(path, "wal")}\nThen check a copy of ` +
    "the database alone, without the -wal: if it is ok, the -wal is the fault.";
  return { ...finding, remedy };
}

function headerMismatch(path: string, fault: HeaderFault): Finding {
  return {
    id: "header-mismatch",
    severity: "warning",
    pids: [],
    summary: `The header of ${path} differs from what SQLite writes: ${headerFaultText(fault)}.`,
    detail: "SQLite tolerates it. Another program wrote it, or it is damaged.",
    remedy: "Find out which program wrote it. VACUUM INTO makes a copy with a header that SQLite wrote.",
  };
}
