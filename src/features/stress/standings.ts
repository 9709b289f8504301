/** Which row of a matrix is the best, where that can be said. Pure. */
import type { RoundReport, Standing } from "./report.ts";
import { changeOf, MIN_ROUNDS } from "./spread.ts";

export interface ComparedRow {
  readonly rounds: readonly Pick<RoundReport, "durationMs" | "commits" | "errors">[];
  /** It may be recommended: nothing was lost, and nothing speaks against its settings. */
  readonly isAdvisable: boolean;
}

/** The standing of each row. `rows`: fewest errors first, then most commits. */
export function standingsOf(rows: readonly ComparedRow[]): Standing[] {
  const advisable = rows.filter(({ isAdvisable }) => isAdvisable);
  const [leader] = advisable;
  const isComparable = advisable.every(({ rounds }) => rounds.length >= MIN_ROUNDS);
  const isBest = advisable.every((row) => row === leader || (leader !== undefined && isBetter(leader, row)));
  return rows.map((row) => {
    if (!row.isAdvisable || leader === undefined) return "not-recommended";
    if (advisable.length === 1) return "only";
    if (!isComparable) return "not-compared";
    if (row === leader) return isBest ? "best" : "no-difference";
    if (isBetter(leader, row)) return "worse";
    return changeOf(ratesOf(leader), ratesOf(row)) === "higher" ? "faster-with-errors" : "no-difference";
  });
}

/** Fewer errors; or no more errors and more commits. Only differences that count. */
function isBetter(row: ComparedRow, other: ComparedRow): boolean {
  if (changeOf(errorsOf(other), errorsOf(row)) === "lower") return true;
  const hasMoreErrors = sum(errorsOf(row)) > sum(errorsOf(other));
  return !hasMoreErrors && changeOf(ratesOf(other), ratesOf(row)) === "higher";
}

function errorsOf({ rounds }: ComparedRow): number[] {
  return rounds.map(({ errors }) => errors);
}

function ratesOf({ rounds }: ComparedRow): number[] {
  return rounds.map(({ commits, durationMs }) => (commits * 1000) / durationMs);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
