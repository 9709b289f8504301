/** What the rules say of a database as a test wants it. */
import { expect } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { Related } from "../../src/model/relate.ts";
import type { Finding, FindingId } from "../../src/model/report.ts";
import { withHostileNames } from "./hostile-names.ts";
import { database } from "./report.ts";
import { type Look, look, processSeen } from "./snapshot.ts";

export const STALE_AFTER_MS = 10_000;

/** `change`: of the report's database; `seen`: of the look at the machine. */
export function diagnosed(change: Partial<Related>, seen: Look = {}): Finding[] {
  const report = database(change);
  const [found, snapshot] = look({
    ...seen,
    processes: [...report.holders.map(({ pid }) => processSeen({ pid })), ...(seen.processes ?? [])],
  });
  const facts = { database: report, seen: found, snapshot, staleAfterMs: STALE_AFTER_MS };
  const findings = diagnose(facts);
  // a remedy has commands on lines of their own: no name may make another one
  const linesOf = (all: readonly Finding[]) => all.map(({ id, remedy }) => `${id}: ${remedy.split("\n").length}`);
  expect(linesOf(diagnose(withHostileNames(facts)))).toEqual(linesOf(findings));
  return findings;
}

/** The finding of one rule; undefined where it is silent. */
export function findingOf(id: FindingId, change: Partial<Related>, seen: Look = {}): Finding | undefined {
  return diagnosed(change, seen).find((finding) => finding.id === id);
}
