import { expect, test } from "vitest";
import { toHtml } from "../../../../src/render/page/element.ts";
import { type PlotOptions, seriesPlot } from "../../../../src/render/page/series-plot.ts";
import { ZoneClock } from "../../../../src/render/page/zone-clock.ts";

const OPTIONS: PlotOptions = {
  ...{ label: "Frames", title: "Frames", valueText: (value: number) => `<${value}>`, isWhole: true },
  ...{ clock: new ZoneClock([{ atMs: 0, utcMs: 0 }], "UTC"), fromMs: 0, toMs: 1_000, width: 600 },
};

function plotted(values: readonly number[]): string {
  const at = values.map((_, i) => i * 100);
  return toHtml(seriesPlot([{ name: "frames", className: "series-1", at, values }], OPTIONS));
}

test("a time of which nothing is known has no values, and says so", () => {
  const html = plotted([Number.NaN, Number.NaN]);
  expect(html).toContain("not known here");
  expect(html).not.toContain("&lt;");
  expect(plotted([Number.NaN, 0])).not.toContain("not known here");
});

test("the axis of what is counted has whole numbers only", () => {
  expect(plotted([0, 1]).match(/&lt;.*?&gt;/g)).toEqual(["&lt;0&gt;", "&lt;1&gt;"]);
});
