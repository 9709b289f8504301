/** Bars over lengths of time, on a logarithmic axis: SVG as data. Loads only scales. */
import { scaleLog } from "d3-scale";
import { type Element, el } from "./element.ts";
import { lengthText } from "./length-text.ts";

export interface HistogramSeries {
  readonly name: string;
  /** A class of the style: `series-1` … */
  readonly className: string;
  /** How many, by bucket: from `lowerMs` to `upperMs`. */
  readonly bars: readonly HistogramBar[];
  /** None was longer; left out where only the end of the last bar is known. */
  readonly longestMs?: number;
}

export interface HistogramBar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly times: number;
}

const WIDTH = 560;
const HEIGHT = 180;
const LEFT = 46;
const BOTTOM = 24;
const TOP = 16;

/** Decades of this axis have a label: as many as fit. */
export function histogram(series: HistogramSeries): Element {
  const bars = series.bars.filter(({ times }) => times > 0);
  const most = bars.reduce((max, { times }) => Math.max(max, times), 1);
  const [fromMs, toMs] = rangeOf(bars);
  const x = scaleLog([fromMs, toMs], [LEFT, WIDTH - 8]);
  // The lowest bar, of one, is to be seen.
  const y = scaleLog([0.5, most], [HEIGHT - BOTTOM, TOP]);
  const ticks = x.ticks().filter((ms) => Math.abs(Math.log10(ms) - Math.round(Math.log10(ms))) < 1e-9);
  const levels = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000].filter((times) => times <= most);
  if (levels.length === 1 && most > 1) levels.push(most);
  const sum = bars.reduce((all, { times }) => all + times, 0);
  return el(
    "svg",
    {
      ...{ class: "plot histogram", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" },
      "aria-label": `${series.name}: ${sum} in all${quantileText(bars, series.longestMs)}`,
    },
    ...levels.map((times) =>
      el(
        "g",
        { class: "grid" },
        line(LEFT, y(times), WIDTH - 8, y(times)),
        label(LEFT - 5, y(times) + 4, String(times), "end"),
      ),
    ),
    ...bars.map(({ fromMs: from, toMs: to, times }) => {
      const [left, right] = [x(Math.max(from, fromMs)), x(Math.min(Math.max(to, from * 1.01), toMs))];
      return el(
        "rect",
        {
          ...{ class: series.className, x: round(left + 0.5), width: round(Math.max(1.5, right - left - 1)) },
          ...{ y: round(y(times)), height: round(Math.max(0, HEIGHT - BOTTOM - y(times))) },
        },
        el("title", {}, `${times} x ${lengthText(from)} to ${lengthText(to)}`),
      );
    }),
    el("g", { class: "axis" }, line(LEFT, HEIGHT - BOTTOM, WIDTH - 8, HEIGHT - BOTTOM)),
    ...ticks.map((ms) =>
      el(
        "g",
        { class: "axis" },
        line(x(ms), HEIGHT - BOTTOM, x(ms), HEIGHT - BOTTOM + 4),
        label(x(ms), HEIGHT - 6, lengthText(ms), "middle"),
      ),
    ),
  );
}

/** `; half of them up to 12 ms, 99 of 100 up to 1.5 s` */
export function quantileText(bars: readonly HistogramBar[], longestMs = Number.POSITIVE_INFINITY): string {
  const sum = bars.reduce((all, { times }) => all + times, 0);
  if (sum === 0) return "";
  const upTo = (share: number) => {
    let many = 0;
    for (const { times, toMs } of bars) {
      many += times;
      if (many >= share * sum) return Math.min(toMs, longestMs);
    }
    return 0;
  };
  return `; half of them up to ${lengthText(upTo(0.5))}, 99 of 100 up to ${lengthText(upTo(0.99))}`;
}

/** At least a decade. */
function rangeOf(bars: readonly HistogramBar[]): [number, number] {
  const from = bars.reduce((min, { fromMs }) => Math.min(min, Math.max(fromMs, 0.000_5)), Number.POSITIVE_INFINITY);
  const to = bars.reduce((max, { toMs }) => Math.max(max, toMs), 0);
  if (!(to > 0)) return [0.1, 10];
  return [Math.min(from, to / 10), to];
}

function line(x1: number, y1: number, x2: number, y2: number): Element {
  return el("line", { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) });
}

function label(x: number, y: number, text: string, anchor: "start" | "middle" | "end"): Element {
  return el("text", { x: round(x), y: round(y), "text-anchor": anchor }, text);
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
