import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Comparison,
  compareUnknownWriter,
  compareWriter,
  type Row,
  type WriterCommits,
} from "../../../../src/features/stress/compare.ts";
import { checksumOf, textOf } from "../../../../src/features/stress/content.ts";
import { stateAfter } from "../../../../src/features/stress/sequence.ts";

const SEED = 11;
const WRITER = 3;
const ROWS = 2;
const COMMITS = 60;

function rowsAfter(commits: number): Row[] {
  return [...stateAfter(SEED, WRITER, ROWS, commits).rows].map(([number, { version }]) => rowOf(number, version));
}

function rowOf(number: number, version: number): Row {
  const key = { writer: WRITER, number, version };
  const text = textOf(SEED, key);
  return { ...key, text, checksum: checksumOf(key, text) };
}

function compared(rows: readonly Row[], change: Partial<WriterCommits> = {}): Comparison {
  return compareWriter(SEED, ROWS, { writer: WRITER, acknowledged: COMMITS, killed: false, ...change }, rows);
}

const GOOD = { acknowledged: COMMITS, found: COMMITS, lost: 0, duplicated: 0, inFlight: 0, differences: [] };

test("what was acknowledged is there", () => {
  expect(compared(rowsAfter(COMMITS))).toEqual(GOOD);
});

test("one transaction more of a killed writer was in flight; not two, nor one of a writer that was not killed", () => {
  expect(compared(rowsAfter(COMMITS + 1), { killed: true })).toEqual({ ...GOOD, inFlight: 1 });
  expect(compared(rowsAfter(COMMITS), { killed: true })).toEqual(GOOD);
  for (const [more, killed] of [
    [1, false],
    [2, true],
    [5, true],
  ] as const) {
    const { duplicated, lost } = compared(rowsAfter(COMMITS + more), { killed });
    expect(duplicated + lost).toBeGreaterThan(0);
  }
});

test("commits that are missing at the end are lost", () => {
  for (const less of [1, 2, 7]) expect(compared(rowsAfter(COMMITS - less)).lost).toBe(less);
});

test("a row that is missing, there twice, changed, older or newer is found, whichever it is", () => {
  const rows = rowsAfter(COMMITS);
  fc.assert(
    fc.property(fc.nat(rows.length - 1), (at) => {
      const row = rows[at];
      if (row === undefined) throw new Error("no row");
      const without = rows.filter((each) => each !== row);
      expect(compared(without)).toMatchObject({ lost: expect.toSatisfy((lost: number) => lost > 0), duplicated: 0 });
      expect(compared([...rows, row])).toMatchObject({ lost: 0, duplicated: 1 });
      expect(compared([...without, rowOf(row.number, row.version + 1)])).toMatchObject({ lost: 0, duplicated: 1 });
      expect(compared([...without, rowOf(row.number, row.version - 1)]).lost).toBe(1);
      expect(compared([...without, { ...row, text: `${row.text}0` }]).lost).toBe(1);
      expect(compared([...without, { ...row, checksum: row.checksum ^ 1 }]).lost).toBe(1);
    }),
    { numRuns: 30 },
  );
});

test("a row that was never written, a deleted one that is there, and rows of an unknown writer", () => {
  const rows = rowsAfter(COMMITS);
  expect(compared([...rows, rowOf(100_000, 1)])).toMatchObject({
    lost: 0,
    duplicated: 1,
    differences: [{ kind: "never-written", writer: 3, row: 100_000 }],
  });
  const [deleted = 0] = stateAfter(SEED, WRITER, ROWS, COMMITS).deleted.keys();
  expect(compared([...rows, rowOf(deleted, 1)])).toMatchObject({ lost: 1, found: COMMITS - 1, duplicated: 0 });
  expect(compareUnknownWriter(99, 5)).toMatchObject({ acknowledged: 0, duplicated: 5 });
});
