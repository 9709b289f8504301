/** What integrity says of a database, as a test wants it: plausible, less what it says. */
import {
  CHECK_NAMES,
  type Check,
  type CheckName,
  type DatabaseCheck,
  INTEGRITY_SCHEMA_VERSION,
  type IntegrityReport,
  type Problem,
} from "../../src/features/integrity/report.ts";
import type { ReportContext } from "../../src/render/integrity/context.ts";
import { PLAIN } from "../../src/render/style.ts";

export function check(name: CheckName, change: Partial<Check> = {}): Check {
  return { name, result: "ok", reason: null, reasonCode: null, durationMs: 25, way: null, ...change };
}

/** All checks, of which the ones named are as they say. */
export function checks(change: Partial<Record<CheckName, Partial<Check>>> = {}): Check[] {
  return CHECK_NAMES.map((name) => check(name, change[name]));
}

export function problem(message: string, change: Partial<Problem> = {}): Problem {
  return { check: "structure", message, table: null, index: null, rowid: null, parent: null, page: null, ...change };
}

/** One in rollback mode that is well. */
export function databaseCheck(change: Partial<DatabaseCheck> = {}): DatabaseCheck {
  return {
    path: "/srv/app/db.sqlite3",
    givenAs: "db.sqlite3",
    verdict: "ok",
    reason: null,
    reasonCode: null,
    remedy: null,
    journalMode: "rollback",
    pageSize: 4096,
    pageCount: 12,
    sizeBytes: 49152,
    method: "in-place",
    methodReason: null,
    openedAs: null,
    checks: checks(),
    problems: [],
    truncated: false,
    findings: [],
    blockedBy: [],
    readLockMs: 110,
    durationMs: 130,
    ...change,
  };
}

/** With entries missing from an index, and rows that refer to nothing. */
export function corrupt(change: Partial<DatabaseCheck> = {}): DatabaseCheck {
  const orders = { table: "orders", index: "orders_by_date" };
  return databaseCheck({
    verdict: "corrupt",
    checks: checks({ structure: { result: "failed" }, "foreign-keys": { result: "failed" } }),
    problems: [
      problem("wrong # of entries in index orders_by_date", orders),
      ...[17n, 18n, 19n, 20n].map((rowid) =>
        problem(`row ${rowid} missing from index orders_by_date`, { ...orders, rowid }),
      ),
      problem("row 4 of orders refers to a row of customers that does not exist", {
        check: "foreign-keys",
        table: "orders",
        rowid: 4n,
        parent: "customers",
      }),
    ],
    ...change,
  });
}

/** One that somebody has locked. */
export function locked(change: Partial<DatabaseCheck> = {}): DatabaseCheck {
  const why = {
    result: "not-checked",
    reason: "locked by 4242 (python manage.py shell)",
    reasonCode: "locked",
    durationMs: null,
  } as const;
  return databaseCheck({
    verdict: "not-checked",
    reason: why.reason,
    reasonCode: "locked",
    remedy: "Wait until 4242 has finished, or look with --wait 1m.",
    method: null,
    checks: checks({ structure: why, "virtual-tables": why, "foreign-keys": why }),
    readLockMs: null,
    durationMs: 5000,
    ...change,
  });
}

/** One that is not there. */
export function absent(change: Partial<DatabaseCheck> = {}): DatabaseCheck {
  const why = { reason: "none.db does not exist", reasonCode: "no-such-file" } as const;
  return databaseCheck({
    path: "none.db",
    givenAs: "none.db",
    verdict: "not-checked",
    ...why,
    remedy: "check the path",
    journalMode: "unknown",
    pageSize: null,
    pageCount: null,
    sizeBytes: null,
    method: null,
    checks: [],
    readLockMs: null,
    durationMs: null,
    ...change,
  });
}

export function integrityReport(...databases: DatabaseCheck[]): IntegrityReport {
  return { schemaVersion: INTEGRITY_SCHEMA_VERSION, sqlock: "0.1.0", quick: false, databases };
}

export const CONTEXT: ReportContext = {
  style: PLAIN,
  cwd: "/srv/app",
  root: "/srv",
  takenAt: new Date("2026-01-02T03:04:05.678Z"),
  hostname: "runner",
};
