import fc from "fast-check";
import { expect, test } from "vitest";
import { Bars } from "../../../src/page/bars.ts";
import { View } from "../../../src/page/view.ts";

const bar = fc.record({ from: fc.nat(1_000), length: fc.nat(300) });

test("the bars of a part of the time are those that a look at all of them finds", () => {
  fc.assert(
    fc.property(fc.array(bar, { maxLength: 300 }), fc.nat(1_000), fc.nat(400), (all, start, width) => {
      const sorted = all.toSorted((a, b) => a.from - b.from);
      const ids = sorted.map((_, i) => i);
      const bars = new Bars(
        ids,
        sorted.map(({ from }) => from),
        sorted.map(({ length }) => length),
      );
      const found: number[] = [];
      bars.each(start, start + width, (_from, _to, id) => found.push(id));
      expect(found).toEqual(
        ids.filter((id) => {
          const { from = 0, length = 0 } = sorted[id] ?? {};
          return from <= start + width && from + length >= start;
        }),
      );
    }),
  );
});

test("at a place: what covers it before what is near, the shorter before the longer", () => {
  const bars = new Bars([0, 1, 2], [0, 40, 200], [100, 20, 10]);
  expect(bars.nearest(50, 5)).toMatchObject({ id: 1, distance: 0 });
  expect(bars.nearest(90, 5)).toMatchObject({ id: 0, distance: 0 });
  expect(bars.nearest(104, 5)).toMatchObject({ id: 0, distance: 4 });
  expect(bars.nearest(150, 5)).toBeNull();
});

test("zoom keeps its place, and nothing leaves the recording", () => {
  const view = new View(1_000_000, () => {});
  view.zoomBy(4, 500_000);
  expect((500_000 - view.fromUs) / view.lengthUs).toBeCloseTo(0.5);
  const { fromUs } = view;
  view.panBy(1_000);
  expect(view.fromUs).toBeCloseTo(fromUs + 1_000);
  view.panBy(1e12);
  expect(view.toUs).toBeLessThanOrEqual(1_010_000.001);
  view.zoomBy(1e12);
  expect(view.lengthUs).toBeCloseTo(20);
  view.zoomBy(1e-12);
  expect(view.zoom).toBeCloseTo(1);
  view.reveal(400_000, 400_100);
  expect([view.fromUs, view.toUs]).toEqual([399_900, 400_200]);
});
