/** Values over time, as steps: SVG as data. The page draws it anew for another time. */
import { scaleLinear } from "d3-scale";
import { type Element, el } from "./element.ts";
import { timeTicks } from "./time-ticks.ts";
import type { ZoneClock } from "./zone-clock.ts";

export interface PlotSeries {
  readonly name: string;
  /** A class of the style: `series-1` … */
  readonly className: string;
  /** In ascending order, ms of the axis. */
  readonly at: readonly number[];
  /** NaN: not known. */
  readonly values: readonly number[];
}

export interface PlotOptions {
  readonly label: string;
  readonly clock: ZoneClock;
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
  readonly height?: number;
  /** Beside the values. */
  readonly left?: number;
  readonly right?: number;
  /** Above the lines; `label` is for those who do not see the plot. */
  readonly title: string;
  readonly valueText: (value: number) => string;
  /** Room between two values of the axis: 1,024 for bytes. */
  readonly base?: number;
  /** There is nothing between two whole numbers. */
  readonly isWhole?: boolean;
  /** Lines go straight from value to value; else each stands until the next one. */
  readonly straight?: boolean;
}

const BOTTOM = 24;
const TOP = 18;
const RIGHT = 12;
const HEADROOM = 1.08;
/** Half of a label, in pixels: one at the right edge ends there. */
const HALF_LABEL = 30;

export function seriesPlot(series: readonly PlotSeries[], options: PlotOptions): Element {
  const {
    fromMs,
    toMs,
    width,
    height = 150,
    left = 74,
    right = RIGHT,
    clock,
    valueText,
    base = 1,
    isWhole = false,
  } = options;
  const greatestOfEach = series.flatMap((each) => greatest(each, fromMs, toMs) ?? []);
  const most = Math.max(0, ...greatestOfEach);
  const x = scaleLinear([fromMs, Math.max(toMs, fromMs + 0.001)], [left, width - right]);
  // Above the highest value is room for the title.
  const y = scaleLinear([0, (Math.max(most, 1) / base) * HEADROOM], [height - BOTTOM, TOP]);
  const yTicks = greatestOfEach.length === 0 ? [] : y.ticks(3).filter((value) => !isWhole || Number.isInteger(value));
  const ticks = timeTicks(clock, fromMs, toMs, Math.max(2, Math.floor((width - left) / 110)));
  return el(
    "svg",
    { class: "plot series", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": options.label },
    el("text", { class: "title", x: left + 4, y: TOP - 4 }, options.title),
    ...(greatestOfEach.length > 0
      ? []
      : [el("text", { x: (left + width - right) / 2, y: height / 2, "text-anchor": "middle" }, "not known here")]),
    ...yTicks.map((value) => {
      const at = round(y(value));
      return el(
        "g",
        { class: "grid" },
        el("line", { x1: left, y1: at, x2: width - right, y2: at }),
        el("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, valueText(value * base)),
      );
    }),
    ...series.map((each) =>
      el("path", {
        ...{ class: `line ${each.className}`, fill: "none" },
        d: pathOf(
          each,
          (at) => x(at),
          (value) => y(value / base),
          options,
        ),
      }),
    ),
    ...ticks.map(({ atMs, text }) =>
      el(
        "g",
        { class: "axis" },
        el("line", { x1: round(x(atMs)), y1: height - BOTTOM, x2: round(x(atMs)), y2: height - BOTTOM + 4 }),
        el(
          "text",
          { x: round(x(atMs)), y: height - 6, "text-anchor": x(atMs) > width - HALF_LABEL ? "end" : "middle" },
          text,
        ),
      ),
    ),
    el("g", { class: "axis" }, el("line", { x1: left, y1: height - BOTTOM, x2: width - right, y2: height - BOTTOM })),
  );
}

/** The index of what stands at that time; -1: nothing yet. */
export function indexAt(at: readonly number[], ms: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((at[middle] as number) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Null: none is known. */
function greatest({ at, values }: PlotSeries, fromMs: number, toMs: number): number | null {
  let most: number | null = null;
  for (let i = Math.max(0, indexAt(at, fromMs)); i < at.length && (at[i] as number) <= toMs; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value) && (most === null || value > most)) most = value;
  }
  return most;
}

/** Of several in one column of pixels, the greatest. */
function pathOf(
  { at, values }: PlotSeries,
  x: (ms: number) => number,
  y: (value: number) => number,
  { fromMs, toMs, straight = false }: PlotOptions,
): string {
  let path = "";
  let isOpen = false;
  const first = Math.max(0, indexAt(at, fromMs));
  for (let i = first; i < at.length && (at[i] as number) <= toMs; i++) {
    const column = Math.round(x(Math.max(fromMs, at[i] as number)));
    let value = values[i] as number;
    while (i + 1 < at.length && (at[i + 1] as number) <= toMs && Math.round(x(at[i + 1] as number)) === column) {
      i++;
      const next = values[i] as number;
      if (!(value >= next)) value = next;
    }
    if (Number.isNaN(value)) {
      if (isOpen) path += `H${column}`;
      isOpen = false;
      continue;
    }
    const height = round(y(value));
    path += !isOpen ? `M${column} ${height}` : straight ? `L${column} ${height}` : `H${column}V${height}`;
    isOpen = true;
  }
  return isOpen && !straight ? `${path}H${round(x(toMs))}` : path;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
