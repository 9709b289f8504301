import fc from "fast-check";
import { expect, test } from "vitest";
import { occupancy } from "../../../../src/features/watch/occupancy.ts";

test("each slot's share; what overlaps counts once, what lasts goes on until now", () => {
  const spans = [
    { fromMs: 500, toMs: 1500 },
    { fromMs: 1400, toMs: 1600 },
    { fromMs: 2900, toMs: null },
  ];
  expect(occupancy(spans, 3000, 1000, 4)).toEqual([0, 0.5, 0.6, expect.closeTo(0.1)]);
});

test("never outside of 0 and 1, and in all as long as the spans are", () => {
  const span = fc
    .tuple(fc.integer({ min: -5000, max: 9000 }), fc.integer({ min: 0, max: 3000 }))
    .map(([fromMs, ms]) => ({ fromMs, toMs: fromMs + ms }));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), (spans, slots) => {
      const shares = occupancy(spans, 8000, 100, slots);
      expect(shares).toHaveLength(slots);
      for (const share of shares) expect(share >= 0 && share <= 1).toBe(true);
      const covered = new Set(
        spans.flatMap(({ fromMs, toMs }) => Array.from({ length: toMs - fromMs }, (_, i) => fromMs + i)),
      );
      const inside = [...covered].filter((ms) => ms >= 8000 - slots * 100 && ms < 8000).length;
      expect(shares.reduce((sum, share) => sum + share * 100, 0)).toBeCloseTo(inside, 3);
    }),
  );
});
