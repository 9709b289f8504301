/** The causes of a message, the likeliest first, each with the reason. Pure. */
import { findingRecord } from "../../findings/index.ts";
import type { FindingId, Severity } from "../../model/report.ts";
import type { TriedUser } from "./access/facts.ts";
import { isSure, kindOf, type Refusal } from "./access/refusals.ts";
import type { Cause, Entry, ExtendedCode } from "./entry.ts";
import type { PathErrorCode } from "./path-error.ts";
import { blocksNow, type Sign, type SignId } from "./signs.ts";
import type { Waited } from "./waited.ts";

/** From the cause that the evidence shows to the one that it excludes. */
export const LIKELIHOODS = ["this-time", "fits", "possible", "unlikely", "ruled-out"] as const;

export type Likelihood = (typeof LIKELIHOODS)[number];

/** What speaks for a cause, or against it. */
export type Reason =
  | { readonly kind: "extended-code"; readonly name: ExtendedCode["name"] }
  | { readonly kind: "findings"; readonly ids: readonly FindingId[] }
  | { readonly kind: "sign"; readonly sign: Sign }
  | {
      /** Tried as that user. `by` null: nothing was refused. */
      readonly kind: "tried";
      readonly user: TriedUser;
      readonly refused: Refusal | null;
    }
  | { readonly kind: "path-error"; readonly code: PathErrorCode }
  | {
      readonly kind:
        | "failed-at-once"
        | "waited-whole-timeout"
        | "library-sets-no-timeout"
        | "timeout-is-zero"
        | "timeout-is-set";
    };

export interface RankedCause {
  readonly cause: Cause;
  readonly likelihood: Likelihood;
  /** Null: nothing speaks for it or against it. */
  readonly reason: Reason | null;
}

type Judgement = Omit<RankedCause, "cause">;

/** Of findings with one id, the gravest counts. */
export interface FoundNow {
  readonly id: FindingId;
  readonly severity: Severity;
}

export interface TriedAccess {
  /** Of this message. */
  readonly refusals: readonly Refusal[];
  /** The users to which nothing was refused that concerns this message. */
  readonly allowed: readonly TriedUser[];
}

export interface Evidence {
  readonly extended: ExtendedCode | null;
  readonly waited: Waited | null;
  /** Found on the database now. */
  readonly findings: readonly FoundNow[];
  /** What holders do now. */
  readonly signs?: readonly Sign[];
  /** Null: nothing was tried. */
  readonly access?: TriedAccess | null;
  readonly pathErrors?: readonly PathErrorCode[];
}

/** The causes that the extended code does not exclude. */
export function causesLeft(entry: Entry, extended: ExtendedCode | null): readonly Cause[] {
  return entry.causes.filter((cause) => extended?.causes?.includes(cause.id) !== false);
}

/**
 * By evidence: what a finding or a holder shows (`this-time`), what speaks for a cause (`fits`), information (`fits`
 * where nothing is blocked now, else a note). With equal likelihood: first what a holder does, then the order of the
 * extended code's causes, else that of the entry.
 */
export function rank(entry: Entry, evidence: Evidence): RankedCause[] {
  const { signs = [] } = evidence;
  const left = evidence.extended?.causes;
  const position = (cause: Cause): number => {
    if (signOf(cause.shownBy, signs) !== undefined) return -2;
    if (signOf(cause.spokenForBy, signs) !== undefined) return -1;
    return left?.includes(cause.id) === true ? left.indexOf(cause.id) : entry.causes.indexOf(cause);
  };
  const ranked = entry.causes.map((cause) => ({ cause, ...judge(cause, evidence) }));
  const blocked = signs.some((sign) => blocksNow(sign) && entry.causes.some((cause) => concerns(cause, sign)));
  const proved = blocked || ranked.some(({ likelihood }) => likelihood === "this-time");
  return ranked
    .map((each) => withInformation(each, evidence, proved))
    .sort(
      (a, b) =>
        LIKELIHOODS.indexOf(a.likelihood) - LIKELIHOODS.indexOf(b.likelihood) || position(a.cause) - position(b.cause),
    );
}

function concerns({ shownBy, spokenForBy }: Cause, { id }: Sign): boolean {
  return shownBy === id || (Array.isArray(spokenForBy) ? spokenForBy.includes(id) : spokenForBy === id);
}

function judge(
  cause: Cause,
  { extended, waited, findings, signs = [], access = null, pathErrors = [] }: Evidence,
): Judgement {
  const left = extended?.causes;
  const byCode: Reason | null =
    extended === null || left === undefined ? null : { kind: "extended-code", name: extended.name };
  if (byCode !== null && left?.includes(cause.id) !== true) return { likelihood: "ruled-out", reason: byCode };
  const timed = judgeByTime(cause, waited);
  const others = signOf(cause.notWith, signs) !== undefined;
  const ids = cause.findings.filter(
    (id) => !others && findings.some((found) => found.id === id && shows(cause, found)),
  );
  const shown = signOf(cause.shownBy, signs);
  if (timed?.likelihood !== "ruled-out") {
    const tried = judgeByAccess(cause, access);
    if (tried?.likelihood === "this-time") return tried;
    if (ids.length > 0) return { likelihood: "this-time", reason: { kind: "findings", ids } };
    if (shown !== undefined) return { likelihood: "this-time", reason: { kind: "sign", sign: shown } };
    if (tried !== null) return tried;
    const against = signOf(cause.refutedBy, signs);
    if (against !== undefined) return { likelihood: "unlikely", reason: { kind: "sign", sign: against } };
  }
  if (cause.pathError !== undefined && pathErrors.includes(cause.pathError)) {
    const likelihood = cause.pathError === "permission-denied" ? "this-time" : "fits";
    return { likelihood, reason: { kind: "path-error", code: cause.pathError } };
  }
  if (timed !== null) return timed;
  if (byCode !== null) return { likelihood: "fits", reason: byCode };
  const hint = signOf(cause.spokenForBy, signs);
  return hint === undefined
    ? { likelihood: "possible", reason: null }
    : { likelihood: "fits", reason: { kind: "sign", sign: hint } };
}

/** Null: nothing was tried that concerns it. */
function judgeByAccess({ refused: kind }: Cause, access: TriedAccess | null): Judgement | null {
  if (kind === undefined || access === null) return null;
  const refusals = access.refusals.filter((each) => kindOf(each) === kind);
  const refused = refusals.find(({ user }) => isSure(user)) ?? refusals[0];
  if (refused !== undefined) {
    const sure = isSure(refused.user) && kind !== "other-control";
    return { likelihood: sure ? "this-time" : "fits", reason: { kind: "tried", user: refused.user, refused } };
  }
  const user = access.refusals.length > 0 ? undefined : access.allowed.find(isSure);
  return user === undefined || kind === "other-control" || kind === "no-room"
    ? null
    : { likelihood: "unlikely", reason: { kind: "tried", user, refused: null } };
}

/** A finding that is information alone only speaks for a cause, but where the cause says that it shows it. */
function shows({ hints = [], proofs = [] }: Cause, { id, severity }: FoundNow): boolean {
  return !limitsView(id) && !hints.includes(id) && (severity !== "info" || proofs.includes(id));
}

/** A finding that says that not everything could be seen proves nothing. */
function limitsView(id: FindingId): boolean {
  return findingRecord(id)?.limitsView === true;
}

function signOf(ids: SignId | readonly SignId[] | undefined, signs: readonly Sign[]): Sign | undefined {
  if (ids === undefined) return undefined;
  return signs.find(({ id }) => (typeof ids === "string" ? id === ids : ids.includes(id)));
}

/** A finding that only speaks for a cause. `proved`: a cause shows, or something is blocked now: then it is a note. */
function withInformation(ranked: RankedCause, { findings, signs = [] }: Evidence, proved: boolean): RankedCause {
  const { cause, likelihood, reason } = ranked;
  if (likelihood !== "possible" || reason !== null) return ranked;
  const ids = cause.findings.filter((id) => !limitsView(id) && findings.some((found) => found.id === id));
  if (ids.length === 0) return ranked;
  if (cause.notWith !== undefined && signs.some(({ id }) => id === cause.notWith)) return ranked;
  return { ...ranked, likelihood: proved ? "possible" : "fits", reason: { kind: "findings", ids } };
}

/** Null: how long it waited says nothing about this cause. */
function judgeByTime(cause: Cause, waited: Waited | null): Judgement | null {
  if (waited === null) return null;
  const { verdict, timeoutMs, timeoutFrom, sure } = waited;
  if (cause.noTimeout === true && timeoutMs !== null) {
    if (timeoutMs === 0)
      return {
        likelihood: "fits",
        reason: { kind: timeoutFrom === "default" ? "library-sets-no-timeout" : "timeout-is-zero" },
      };
    if (timeoutFrom !== "default") return { likelihood: "ruled-out", reason: { kind: "timeout-is-set" } };
    if (verdict === "at-once") return { likelihood: "possible", reason: null };
  }
  if (cause.waited === undefined || (verdict !== "at-once" && verdict !== "whole-timeout")) return null;
  const reason: Reason = { kind: verdict === "at-once" ? "failed-at-once" : "waited-whole-timeout" };
  if (cause.waited === verdict) return { likelihood: "fits", reason };
  return { likelihood: sure ? "ruled-out" : "unlikely", reason };
}
