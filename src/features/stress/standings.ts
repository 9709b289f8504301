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
  const isBest = advisable.every((row) => row === leader || (leader !== undefined && beats(leader, row)));
  return rows.map((row) => {
    if (!row.isAdvisable || leader === undefined) return "not-recommended";
    if (advisable.length === 1) return "only";
    if (!isComparable) return "not-compared";
    if (row === leader) return isBest ? "best" : "no-difference";
    if (beats(leader, row)) return "worse";
    return changeOf(ratesOf(leader), ratesOf(row)) === "higher" ? "faster-with-errors" : "no-difference";
  });
}

/** Fewer errors, or more commits: only differences that count. The leader never has more errors. */
function beats(leader: ComparedRow, other: ComparedRow): boolean {
  const hasFewerErrors = changeOf(errorsOf(other), errorsOf(leader)) === "lower";
  return hasFewerErrors || changeOf(ratesOf(other), ratesOf(leader)) === "higher";
}

function errorsOf({ rounds }: ComparedRow): number[] {
  return rounds.map(({ errors }) => errors);
}

function ratesOf({ rounds }: ComparedRow): number[] {
  return rounds.map(({ commits, durationMs }) => (commits * 1000) / durationMs);
}
