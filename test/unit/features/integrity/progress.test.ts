import fc from "fast-check";
import { expect, test } from "vitest";
import { fractionOf, type Plan, type Position } from "../../../../src/features/integrity/progress/estimate.ts";

const PLAN: Plan = { bytes: 4_096_000, pages: 1000, rows: 10_000, entries: 20_000, keys: 10_000 };

const at = (position: Position, copies = false) => fractionOf(PLAN, copies, position);

test("pages by what was read, rows by the time that the pages took, tables by number", () => {
  const structure = { stage: "structure", elapsedMs: 100, pagesMs: null } as const;
  const pages = at({ ...structure, readBytes: PLAN.bytes });
  expect(at({ ...structure, readBytes: 0 })).toBe(0);
  expect(at({ ...structure, readBytes: PLAN.bytes / 2 })).toBeCloseTo(pages / 2);
  expect(at({ ...structure, readBytes: PLAN.bytes, pagesMs: 100 })).toBeCloseTo(pages);
  const keys = at({ stage: "foreign-keys", done: 0, total: 2 });
  // Half of the time that the rows are expected to take.
  const rowsMs = (100 / (PLAN.pages * 6)) * (PLAN.rows * 0.7 + PLAN.entries * 2);
  expect(at({ ...structure, readBytes: PLAN.bytes, pagesMs: 100, elapsedMs: 100 + rowsMs / 2 })).toBeCloseTo(
    (pages + keys) / 2,
  );
  expect(at({ stage: "foreign-keys", done: 1, total: 2 })).toBeCloseTo((keys + 1) / 2);
});

test("it never goes back, and never says that it is done", () => {
  const order: ("copying" | "structure" | "foreign-keys")[] = ["copying", "structure", "foreign-keys"];
  const positions = fc.array(
    fc.record({ stage: fc.constantFrom(...order), readBytes: fc.nat(), elapsedMs: fc.nat(1_000_000), done: fc.nat(9) }),
    {
      minLength: 2,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(positions, fc.nat(1000), (some, pagesMs) => {
      const sorted = some.sort(
        (a, b) =>
          order.indexOf(a.stage) - order.indexOf(b.stage) ||
          a.readBytes - b.readBytes ||
          a.elapsedMs - b.elapsedMs ||
          a.done - b.done,
      );
      const fractions = sorted.map(({ stage, readBytes }, i) => {
        if (stage === "foreign-keys")
          return at(
            { stage, done: Math.max(...sorted.slice(0, i + 1).map((position) => position.done)), total: 10 },
            true,
          );
        if (stage === "copying") return at({ stage, readBytes }, true);
        const longest = Math.max(...sorted.slice(0, i + 1).map((position) => position.elapsedMs));
        return at(
          { stage, readBytes, elapsedMs: pagesMs + longest, pagesMs: readBytes >= PLAN.bytes ? pagesMs : null },
          true,
        );
      });
      for (const [i, fraction] of fractions.entries()) {
        expect(fraction).toBeLessThan(1);
        expect(fraction).toBeGreaterThanOrEqual(i === 0 ? 0 : (fractions[i - 1] ?? 0) - 1e-9);
      }
    }),
  );
});

test("an empty plan is no reason to divide by nothing", () => {
  const nothing = { bytes: 0, pages: 0, rows: 0, entries: 0, keys: 0 };
  for (const stage of ["copying", "structure", "foreign-keys"] as const) {
    expect(fractionOf(nothing, false, { stage, readBytes: 0, elapsedMs: 5, pagesMs: 0, done: 0, total: 0 })).toBe(0);
  }
});

test("merges: by those that are done, and within the next one by the time", () => {
  const plan: Plan = { ...PLAN, merges: [3_000_000, 1_000_000] };
  const at = (done: number, elapsedMs: number) => fractionOf(plan, false, { stage: "indexes", done, elapsedMs });
  const start = at(0, 0);
  const end = fractionOf(plan, false, { stage: "foreign-keys", done: 0, total: 1 });
  expect(at(0, 2000)).toBeCloseTo((start + end) / 2);
  expect(at(0, 1_000_000)).toBeCloseTo(start + (end - start) * 0.75);
  expect(at(1, 10)).toBeCloseTo(start + (end - start) * 0.75);
  expect(at(2, 10)).toBeCloseTo(end);
});
