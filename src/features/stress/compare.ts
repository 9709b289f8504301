/** Compares the rows of the table with the transactions that were acknowledged. Pure. */
import { checksumOf, textOf } from "./content.ts";
import { stateAfter, type WriterState } from "./sequence.ts";

export interface Row {
  readonly writer: number;
  readonly number: number;
  readonly version: number;
  readonly text: string;
  readonly checksum: number;
}

/** The commits of one writer process. The replacement of a killed process is another writer. */
export interface WriterCommits {
  readonly writer: number;
  readonly acknowledged: number;
  /** It may have committed one transaction more, without an acknowledgement. */
  readonly killed: boolean;
}

/** A row that is not as the acknowledged transactions left it. `row`: its number. */
export type Difference =
  | { readonly kind: "duplicate"; readonly writer: number; readonly row: number }
  | { readonly kind: "not-deleted"; readonly writer: number; readonly row: number; readonly transaction: number }
  | { readonly kind: "never-written"; readonly writer: number; readonly row: number }
  | {
      readonly kind: "too-new" | "too-old";
      readonly writer: number;
      readonly row: number;
      readonly version: number;
      readonly expectedVersion: number;
    }
  | { readonly kind: "changed"; readonly writer: number; readonly row: number }
  /** `transaction`: the last that wrote it. */
  | { readonly kind: "missing"; readonly writer: number; readonly row: number; readonly transaction: number }
  | { readonly kind: "unknown-writer"; readonly writer: number; readonly rows: number };

export interface Comparison {
  readonly acknowledged: number;
  /** Acknowledged commits that are in the table. */
  readonly found: number;
  readonly lost: number;
  /** Rows that exist twice, were written more often than acknowledged, or were never written. */
  readonly duplicated: number;
  /** Transactions of killed writers that are in the table though they were not acknowledged. */
  readonly inFlight: number;
  /** The first few. */
  readonly differences: readonly Difference[];
}

export const EMPTY_COMPARISON: Comparison = {
  acknowledged: 0,
  found: 0,
  lost: 0,
  duplicated: 0,
  inFlight: 0,
  differences: [],
};

const MAX_DIFFERENCES = 20;

/** `rows`: those of one writer, in any order. */
export function compareWriter(
  seed: number,
  rowsPerTransaction: number,
  { writer, acknowledged, killed }: WriterCommits,
  rows: readonly Row[],
): Comparison {
  const diffAfter = (commits: number) =>
    diff(seed, writer, stateAfter(seed, writer, rowsPerTransaction, commits), rows);
  const exact = diffAfter(acknowledged);
  if (isEmpty(exact) || !killed) return comparisonOf(acknowledged, 0, exact);
  const oneMore = diffAfter(acknowledged + 1);
  return isEmpty(oneMore) ? comparisonOf(acknowledged, 1, oneMore) : comparisonOf(acknowledged, 0, exact);
}

/** Rows of a writer that is not in the ledger. */
export function compareUnknownWriter(writer: number, rows: number): Comparison {
  return { ...EMPTY_COMPARISON, duplicated: rows, differences: [{ kind: "unknown-writer", writer, rows }] };
}

export function addComparisons(a: Comparison, b: Comparison): Comparison {
  return {
    acknowledged: a.acknowledged + b.acknowledged,
    found: a.found + b.found,
    lost: a.lost + b.lost,
    duplicated: a.duplicated + b.duplicated,
    inFlight: a.inFlight + b.inFlight,
    differences: [...a.differences, ...b.differences].slice(0, MAX_DIFFERENCES),
  };
}

interface Diff {
  /** Numbers of transactions. */
  readonly lost: ReadonlySet<number>;
  readonly duplicated: number;
  readonly differences: readonly Difference[];
}

function isEmpty({ lost, duplicated }: Diff): boolean {
  return lost.size === 0 && duplicated === 0;
}

function comparisonOf(acknowledged: number, inFlight: number, { lost, duplicated, differences }: Diff): Comparison {
  return {
    acknowledged,
    found: acknowledged - lost.size,
    lost: lost.size,
    duplicated,
    inFlight,
    differences: differences.slice(0, MAX_DIFFERENCES),
  };
}

function diff(seed: number, writer: number, { rows: expected, deleted }: WriterState, rows: readonly Row[]): Diff {
  const lost = new Set<number>();
  const differences: Difference[] = [];
  const seen = new Set<number>();
  let duplicated = 0;
  for (const row of rows) {
    const { number, version } = row;
    const expectedRow = expected.get(number);
    const deletedBy = deleted.get(number);
    const at = { writer, row: number };
    if (seen.has(number)) {
      duplicated++;
      differences.push({ kind: "duplicate", ...at });
    } else if (expectedRow === undefined && deletedBy !== undefined) {
      lost.add(deletedBy);
      differences.push({ kind: "not-deleted", ...at, transaction: deletedBy });
    } else if (expectedRow === undefined) {
      duplicated++;
      differences.push({ kind: "never-written", ...at });
    } else if (version > expectedRow.version) {
      duplicated++;
      differences.push({ kind: "too-new", ...at, version, expectedVersion: expectedRow.version });
    } else if (version < expectedRow.version) {
      for (const transaction of expectedRow.written.slice(Math.max(0, version))) lost.add(transaction);
      differences.push({ kind: "too-old", ...at, version, expectedVersion: expectedRow.version });
    } else if (!hasExpectedContent(seed, row)) {
      lost.add(expectedRow.written.at(-1) ?? 0);
      differences.push({ kind: "changed", ...at });
    }
    seen.add(number);
  }
  for (const [number, { written }] of expected) {
    if (seen.has(number)) continue;
    for (const transaction of written) lost.add(transaction);
    differences.push({ kind: "missing", writer, row: number, transaction: written.at(-1) ?? 0 });
  }
  return { lost, duplicated, differences };
}

function hasExpectedContent(seed: number, row: Row): boolean {
  return row.text === textOf(seed, row) && row.checksum === checksumOf(row, row.text);
}
