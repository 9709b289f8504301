/** The size of a write-ahead log, and the frames that are pinned in it, over time. The page draws them anew. */
import { grouped } from "../../text/list.ts";
import { size } from "../../text/size.ts";
import type { WalData } from "./data.ts";
import type { Element } from "./element.ts";
import { seriesPlot } from "./series-plot.ts";
import type { ZoneClock } from "./zone-clock.ts";

export interface WalPlotOptions {
  readonly clock: ZoneClock;
  /** What the times of the data count from, ms. */
  readonly dataFromMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
  readonly left?: number;
  readonly right?: number;
}

const KIB = 1_024;
const MIB = KIB * KIB;

/** Those that have something to show. */
export function shownWals(wals: readonly WalData[]): WalData[] {
  return wals.filter(({ bytes }) => bytes.some((each) => each > 0));
}

export function walPlots(wal: WalData, options: WalPlotOptions): Element[] {
  const at = wal.at.map((us) => us / 1_000 + options.dataFromMs);
  const most = Math.max(0, ...wal.bytes);
  const { clock, fromMs, toMs, width, left, right } = options;
  const common = {
    clock,
    fromMs,
    toMs,
    width,
    height: 120,
    ...(left !== undefined && { left }),
    ...(right !== undefined && { right }),
  };
  const known = (values: readonly number[]) => values.map((each) => (each < 0 ? Number.NaN : each));
  const hasFrames = wal.pinned.some((each) => each > 0);
  return [
    seriesPlot([{ name: "size", className: "series-1", at, values: known(wal.bytes) }], {
      ...{ ...common, label: `Size of the write-ahead log over time; at most ${size(most)}` },
      ...{ title: "Size of the -wal file", valueText: size, base: most >= MIB ? MIB : KIB },
    }),
    ...(hasFrames
      ? [
          seriesPlot(
            [
              { name: "frames", className: "series-2", at, values: known(wal.frames) },
              { name: "pinned frames", className: "series-3", at, values: known(wal.pinned) },
            ],
            {
              ...common,
              label: "Frames of the write-ahead log, and those of them that are pinned",
              valueText: frames,
              isWhole: true,
              title: "Frames; dashed: pinned by readers",
            },
          ),
        ]
      : []),
  ];
}

function frames(value: number): string {
  return grouped(Math.round(value));
}
