/** How many lines of the screen each part gets. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headRows, type Rows, rowsOf } from "../../../../src/render/watch/rows.ts";
import { databaseView, viewOf } from "../../../support/watch-view.ts";

/** `holders`: of each database, the most so far. */
function viewWith(holders: readonly number[], notes = 0, wal = true) {
  return viewOf(
    holders.map((most, i) => databaseView({ path: `/${i}`, most: { holders: most, wal } })),
    { most: { notes } },
  );
}

type Expected = Partial<Rows>;

test.each<[string, number, number, number[], number, Expected]>([
  ["one process, a usual terminal", 80, 24, [1], 0, { verdict: 2, gap: 1, holders: [3], notes: 0, log: 11 }],
  ["four processes", 80, 24, [4], 0, { holders: [4], log: 10 }],
  ["as many processes as there is room for", 80, 24, [100], 0, { holders: [10], log: 4 }],
  ["findings take room from both", 80, 24, [100], 9, { holders: [5], notes: 4, log: 4 }],
  ["a wide terminal needs one line for the verdict", 200, 50, [4], 1, { verdict: 1, holders: [4], notes: 1, log: 35 }],
  ["few lines: no empty ones, and the processes", 80, 14, [4], 0, { gap: 0, verdict: 1, showsWal: true, holders: [4] }],
  ["fewer: no WAL", 80, 12, [4], 0, { showsWal: false, showsWriting: true, holders: [4] }],
  ["a very small one: a process at least", 40, 6, [4], 3, { showsWriting: false, holders: [1], notes: 1, log: 0 }],
  ["two databases, one of them without processes", 80, 24, [2, 0], 0, { verdict: 1, holders: [2, 0], log: 8 }],
  ["two databases: what one does not need, the other gets", 80, 30, [61, 1], 0, { holders: [10, 1], log: 4 }],
  ["many databases", 80, 24, [1, 1, 1, 1, 1, 1, 1, 1], 0, { holders: [1, 1, 1, 1, 1, 1, 1, 1] }],
])("%s", (_, columns, rows, holders, notes, expected) => {
  expect(rowsOf(viewWith(holders, notes), { columns, rows })).toMatchObject(expected);
});

describe("in every terminal", () => {
  const sizes = [fc.integer({ min: 20, max: 250 }), fc.integer({ min: 12, max: 80 })] as const;
  const contents = [fc.nat({ max: 60 }), fc.nat({ max: 20 })] as const;

  test("one database fills the screen, and no more", () => {
    fc.assert(
      fc.property(...sizes, ...contents, (columns, rows, holders, notes) => {
        const view = viewWith([holders], notes);
        const found = rowsOf(view, { columns, rows });
        const part = (lines: number) => (lines === 0 ? 0 : lines + found.gap);
        const [database] = view.databases;
        const head = database === undefined ? 0 : headRows(database, found);
        const used = head + 1 + (found.holders[0] ?? 0) + part(found.notes) + part(found.log);
        expect(used).toBeLessThanOrEqual(rows - 2);
        expect(found.log).toBeGreaterThanOrEqual(rows >= 18 ? 3 : 0);
      }),
    );
  });

  test("more processes take lines from the events, and give none back", () => {
    fc.assert(
      fc.property(...sizes, ...contents, (columns, rows, holders, notes) => {
        const before = rowsOf(viewWith([holders], notes), { columns, rows });
        const after = rowsOf(viewWith([holders + 1], notes), { columns, rows });
        expect(after.holders[0]).toBeGreaterThanOrEqual(before.holders[0] ?? 0);
        expect(after.log).toBeLessThanOrEqual(before.log);
      }),
    );
  });
});
