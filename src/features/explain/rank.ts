/** The causes of a message in the order in which to think of them this time, with the reason. Pure. */
import type { FindingId } from "../../model/report.ts";
import type { Cause, Entry, ExtendedCode } from "./entry.ts";
import type { Sign } from "./signs.ts";
import type { Waited } from "./waited.ts";

/** From the one that the evidence shows to the one that it excludes. */
export const STANDINGS = ["this-time", "fits", "possible", "unlikely", "ruled-out"] as const;

export type Standing = (typeof STANDINGS)[number];

export interface Ranked {
  readonly cause: Cause;
  readonly standing: Standing;
  /** Null: nothing speaks for it or against it. */
  readonly why: string | null;
}

export interface Evidence {
  readonly extended: ExtendedCode | null;
  readonly waited: Waited | null;
  /** Found on the database now. */
  readonly findings: readonly FindingId[];
  /** What holders do now. */
  readonly signs?: readonly Sign[];
}

/** The causes that the extended code does not exclude. */
export function causesLeft(entry: Entry, extended: ExtendedCode | null): readonly Cause[] {
  return entry.causes.filter((cause) => extended?.causes?.includes(cause.id) !== false);
}

/** In equal standing, what a holder does goes first, then the order of the extended code's causes, else the entry's. */
export function rank(entry: Entry, evidence: Evidence): Ranked[] {
  const { signs = [] } = evidence;
  const left = evidence.extended?.causes;
  const place = (cause: Cause): number => {
    if (cause.shownBy !== undefined && signOf(cause.shownBy, signs) !== undefined) return -1;
    return left?.includes(cause.id) === true ? left.indexOf(cause.id) : entry.causes.indexOf(cause);
  };
  const ranked = entry.causes.map((cause) => ({ cause, ...standingOf(cause, evidence) }));
  const proved = signs.length > 0 || ranked.some(({ standing }) => standing === "this-time");
  return ranked
    .map((each) => (proved ? each : hinted(each, evidence)))
    .sort((a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing) || place(a.cause) - place(b.cause));
}

function standingOf(cause: Cause, { extended, waited, findings, signs = [] }: Evidence): Omit<Ranked, "cause"> {
  const left = extended?.causes;
  if (extended !== null && left !== undefined && !left.includes(cause.id))
    return { standing: "ruled-out", why: `the code is ${extended.name}` };
  const timed = timedStanding(cause, waited);
  const shown = cause.findings.filter(
    (id) => findings.includes(id) && cause.hints?.includes(id) !== true && id !== LIMITED,
  );
  const sign = signOf(cause.shownBy, signs);
  if (timed?.standing !== "ruled-out") {
    if (shown.length > 0) return { standing: "this-time", why: `${shown.join(", ")} was found` };
    if (sign !== undefined) return { standing: "this-time", why: sign.why };
  }
  if (timed !== null) return timed;
  const speaks = signOf(cause.spokenForBy, signs);
  if (left !== undefined) return { standing: "fits", why: `the code is ${extended?.name}` };
  return speaks === undefined ? { standing: "possible", why: null } : { standing: "fits", why: speaks.why };
}

/** It says that not all could be seen, and proves nothing. */
const LIMITED: FindingId = "other-namespace";

function signOf(id: Sign["id"] | undefined, signs: readonly Sign[]): Sign | undefined {
  return signs.find((sign) => sign.id === id);
}

/** Where nobody who is in the way shows: that others may be where they cannot be seen. */
function hinted(ranked: Ranked, { findings }: Evidence): Ranked {
  const hint = ranked.cause.hints?.find((id) => findings.includes(id));
  return hint === undefined || ranked.standing !== "possible"
    ? ranked
    : { ...ranked, standing: "fits", why: `${hint} was found` };
}

const SAID = { "at-once": "it failed at once", "whole-timeout": "it waited the whole timeout" };

function timedStanding(cause: Cause, waited: Waited | null): Omit<Ranked, "cause"> | null {
  if (cause.noTimeout === true && waited !== null && waited.timeoutMs !== null) {
    if (waited.timeoutMs === 0)
      return {
        standing: "fits",
        why: waited.timeoutFrom === "default" ? "none is set unless the program does" : "the timeout is 0",
      };
    if (waited.timeoutFrom !== "default") return { standing: "ruled-out", why: "a timeout is set" };
    if (waited.verdict === "at-once") return { standing: "possible", why: null };
  }
  if (
    waited === null ||
    cause.waited === undefined ||
    (waited.verdict !== "at-once" && waited.verdict !== "whole-timeout")
  )
    return null;
  const why = SAID[waited.verdict];
  if (cause.waited === waited.verdict) return { standing: "fits", why };
  return { standing: waited.sure ? "ruled-out" : "unlikely", why };
}
