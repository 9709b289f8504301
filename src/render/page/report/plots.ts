/** The plots of a recording: SVG that can be seen without the script. Pure. */
import { upperMs } from "../../../recording/histogram.ts";
import { count, grouped } from "../../../text/list.ts";
import { size } from "../../../text/size.ts";
import type { Collected } from "../collect/collector.ts";
import type { Lengths } from "../collect/lengths.ts";
import type { PageData, WalData } from "../data.ts";
import { type Element, el } from "../element.ts";
import { type HistogramBar, histogram, quantileText } from "../histogram.ts";
import { section } from "../table.ts";
import { shownWals, walPlots } from "../wal-plots.ts";
import type { ZoneClock } from "../zone-clock.ts";

const WIDTH = 1_160;

export function walSections({ wals, fromMs, toMs }: PageData, clock: ZoneClock): Element | null {
  const shown = shownWals(wals);
  if (shown.length === 0) return null;
  return section(
    "wal",
    "Write-ahead log",
    ...shown.map((wal) =>
      el(
        "div",
        { class: "wal" },
        shown.length === 1 ? null : el("h3", {}, wal.database),
        el("p", { class: "note" }, walText(wal)),
        el("div", { class: "walPlots" }, ...walPlots(wal, { clock, dataFromMs: fromMs, fromMs, toMs, width: WIDTH })),
      ),
    ),
  );
}

function walText({ bytes, pinned }: WalData): string {
  const most = Math.max(...bytes);
  const kept = Math.max(...pinned);
  const why = "that no checkpoint could copy, because a reader kept an older state";
  return `At most ${size(most)}${kept > 0 ? `; at most ${count(kept, "frame")} ${why}` : ""}.`;
}

export function lengthSection({ lengths }: Pick<Collected, "lengths">): Element | null {
  const parts = [
    { name: "Holds of the write lock", className: "series-1", of: lengths.writes },
    { name: "Holds of read locks", className: "series-2", of: lengths.reads },
    { name: "Waits", className: "series-3", of: lengths.waits },
  ].filter(({ of }) => of.without > 0 || [...of.buckets.values()].some((times) => times > 0));
  if (parts.length === 0) return null;
  return section(
    "lengths",
    "How long locks were held and waited for",
    el("div", { class: "plots" }, ...parts.map(({ name, className, of }) => lengthFigure(name, className, of))),
    el("p", { class: "note" }, "Both axes are logarithmic: from left to right the length, upwards how many."),
  );
}

function lengthFigure(name: string, className: string, lengths: Lengths): Element {
  const bars = barsOf(lengths);
  const sum = bars.reduce((all, { times }) => all + times, 0);
  const without = lengths.without === 0 ? "" : `; of ${grouped(lengths.without)} more the length is not known`;
  return el(
    "figure",
    {},
    el("figcaption", {}, el("b", {}, name), `: ${grouped(sum)}${quantileText(bars, lengths.longestMs)}${without}`),
    ...(sum === 0 ? [] : [histogram({ name, className, bars, longestMs: lengths.longestMs })]),
  );
}

function barsOf({ buckets }: Lengths): HistogramBar[] {
  return [...buckets]
    .filter(([, times]) => times > 0)
    .sort(([a], [b]) => a - b)
    .map(([bucket, times]) => ({ fromMs: bucket === 0 ? 0.000_5 : upperMs(bucket - 1), toMs: upperMs(bucket), times }));
}
