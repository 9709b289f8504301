/** From what was told to the entry of a database. Pure. */
import type { CheckEnd, Unchecked } from "./protocol.ts";
import {
  CHECK_NAMES,
  type Check,
  type CheckName,
  type DatabaseCheck,
  type Problem,
  type ReasonCode,
  type Verdict,
} from "./report.ts";

/** A check as it went, or why it did not. */
export type Part =
  | { readonly name: CheckName; readonly kind: "ended"; readonly end: CheckEnd }
  | { readonly name: CheckName; readonly kind: "not-run"; readonly code: ReasonCode; readonly reason: string };

export interface Assembled {
  readonly checks: readonly Check[];
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly reasonCode: ReasonCode | null;
}

/** Corrupt where anything is wrong; else not checked where anything was not looked at that was asked for; else ok. */
export function assemble(parts: readonly Part[], problems: readonly Problem[]): Assembled {
  const checks = CHECK_NAMES.flatMap((name) =>
    parts.filter((part) => part.name === name).map((part) => checkOf(part, problems)),
  );
  if (checks.some(({ result }) => result === "failed"))
    return { checks, verdict: "corrupt", reason: null, reasonCode: null };
  const open = parts.flatMap((part) =>
    uncheckedOf(part) === null || uncheckedOf(part)?.code === "left-out"
      ? []
      : [{ name: part.name, ...uncheckedOf(part) }],
  );
  const [first] = open;
  if (first === undefined) return { checks, verdict: "ok", reason: null, reasonCode: null };
  const reasons = new Set(open.map(({ reason }) => reason));
  return { checks, verdict: "not-checked", reason: [...reasons].join("; "), reasonCode: first.code ?? "failed" };
}

function uncheckedOf(part: Part): { code: ReasonCode; reason: string } | null {
  if (part.kind === "not-run") return { code: part.code, reason: part.reason };
  return part.end.unchecked === null
    ? null
    : { code: reasonCodeOf(part.end.unchecked), reason: part.end.unchecked.reason };
}

function reasonCodeOf({ code }: Unchecked): ReasonCode {
  return code === "missing" ? "missing-module" : code;
}

function checkOf(part: Part, problems: readonly Problem[]): Check {
  const unchecked = uncheckedOf(part);
  const failed = problems.some(({ check }) => check === part.name) || (part.kind === "ended" && part.end.failed);
  return {
    name: part.name,
    result: failed ? "failed" : unchecked === null ? "ok" : "not-checked",
    reason: unchecked?.reason ?? null,
    reasonCode: unchecked?.code ?? null,
    durationMs: part.kind === "ended" && part.end.durationMs !== null ? Math.round(part.end.durationMs) : null,
  };
}

/** The entry of one that could not be looked at, with nothing known but its path. */
export function uncheckedEntry(
  path: string,
  givenAs: string,
  reasonCode: ReasonCode,
  reason: string,
  remedy: string | null,
): DatabaseCheck {
  return {
    path,
    givenAs,
    verdict: "not-checked",
    reason,
    reasonCode,
    remedy,
    journalMode: "unknown",
    pageSize: null,
    pageCount: null,
    sizeBytes: null,
    method: null,
    methodReason: null,
    checks: CHECK_NAMES.map((name) => ({ name, result: "not-checked", reason, reasonCode, durationMs: null })),
    problems: [],
    truncated: false,
    findings: [],
    blockedBy: [],
    readLockMs: null,
    durationMs: null,
  };
}
