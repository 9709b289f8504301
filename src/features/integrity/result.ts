/** What came of the check of a database, as data; render/integrity/document.ts makes the report of it. */
import type { DatabaseReport, Finding, Holder } from "../../model/report.ts";
import type { OpenedAs } from "../../safe-open/actor.ts";
import type { CopyReason } from "../../safe-open/decide.ts";
import type { HeaderFault } from "../../safe-open/header.ts";
import type { Method } from "../../safe-open/protocol.ts";
import type { FoundProblem } from "./protocol.ts";
import type { Reason } from "./reasons.ts";
import { CHECK_NAMES, type CheckName, type StructureWay, type Verdict } from "./report.ts";

/** One check. Without problems and reasons it is ok. */
export interface CheckOutcome {
  readonly name: CheckName;
  /** There are problems. */
  readonly failed: boolean;
  /** Why it was not run, or not in full. */
  readonly reasons: readonly Reason[];
  readonly durationMs: number | null;
  /** Of the structure, where it was checked. */
  readonly way?: StructureWay;
}

export interface CheckResult {
  /** The real path; as given where there is none. */
  readonly path: string;
  readonly givenAs: string;
  readonly verdict: Verdict;
  readonly journalMode: DatabaseReport["journalMode"];
  readonly pageSize: number | null;
  readonly pageCount: number | null;
  readonly sizeBytes: number | null;
  readonly method: Method | null;
  /** Why a copy was checked; null in place. */
  readonly copyReason: CopyReason | null;
  readonly openedAs: OpenedAs | null;
  readonly checks: readonly CheckOutcome[];
  readonly problems: readonly FoundProblem[];
  readonly truncated: boolean;
  /** Those of who-holds. */
  readonly findings: readonly Finding[];
  /** A -wal is left over since this check, in place: programs had it open when it began, and none when it ended. */
  readonly leftWal: boolean;
  /** What is odd about a header that SQLite accepts. */
  readonly headerFaults: readonly HeaderFault[];
  readonly blockedBy: readonly Holder[];
  readonly readLockMs: number | null;
  readonly durationMs: number | null;
}

/** Of a database of which nothing could be checked. */
export function uncheckedResult(path: string, givenAs: string, reason: Reason): CheckResult {
  return {
    path,
    givenAs,
    verdict: "not-checked",
    journalMode: "unknown",
    pageSize: null,
    pageCount: null,
    sizeBytes: null,
    method: null,
    copyReason: null,
    openedAs: null,
    checks: CHECK_NAMES.map((name) => ({ name, failed: false, reasons: [reason], durationMs: null })),
    problems: [],
    truncated: false,
    findings: [],
    leftWal: false,
    headerFaults: [],
    blockedBy: [],
    readLockMs: null,
    durationMs: null,
  };
}
