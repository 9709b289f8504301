/** A bar on stderr, for a person at a terminal who waits for longer than a second. */

import { basename } from "node:path";
import { makeBar } from "../../../render/bar.ts";
import { cut } from "../../../render/layout.ts";
import { duration } from "../../../text/duration.ts";
import { escapeText } from "../../../text/escape.ts";
import type { CheckProgress, Step } from "./check-progress.ts";

const AFTER_MS = 1000;
const EVERY_MS = 200;
const NAME_WIDTH = 24;

/** Between these fractions the remaining time can be estimated from the time so far. */
const MIN_FRACTION = 0.02;
const MAX_FRACTION = 0.97;

export interface Bar {
  /** Clears its line. */
  stop(): void;
}

export interface BarEntry {
  readonly path: string;
  /** The size of the database: a large one counts for more. */
  readonly bytes: number;
  readonly check: CheckProgress;
}

export function startBar(entries: readonly BarEntry[]): Bar {
  const started = performance.now();
  let stopped = false;
  let stopDrawing: (() => void) | null = null;
  const timer = setTimeout(() => {
    void makeBar().then((bar) => {
      if (stopped) return;
      const now = () => stateOf(entries, performance.now() - started);
      const first = now();
      bar.start(1000, first.value, { doing: first.doing });
      const interval = setInterval(() => {
        const { value, doing } = now();
        bar.update(value, { doing });
      }, EVERY_MS);
      stopDrawing = () => {
        clearInterval(interval);
        bar.stop();
      };
    });
  }, AFTER_MS);
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    process.off("exit", stop);
    stopDrawing?.();
    stopDrawing = null;
  };
  process.on("exit", stop);
  return { stop };
}

/** `value` of 1000, and the step: `2 of 5 databases, shop.db: foreign keys, table 3 of 8, some 12 s more`. */
function stateOf(entries: readonly BarEntry[], elapsedMs: number): { value: number; doing: string } {
  const all = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const fraction = entries.reduce((sum, { bytes, check }) => sum + check.fraction * bytes, 0) / Math.max(1, all);
  const ended = entries.filter(({ check }) => check.fraction === 1).length;
  const current = entries.find(({ check }) => check.running);
  const of = entries.length === 1 ? [] : [`${ended} of ${entries.length} databases`];
  const name =
    current === undefined
      ? []
      : [`${cut(escapeText(basename(current.path)), NAME_WIDTH, "...")}: ${stepText(current.check.step)}`];
  const left =
    fraction > MIN_FRACTION && fraction < MAX_FRACTION
      ? [`some ${duration((elapsedMs * (1 - fraction)) / fraction)} more`]
      : [];
  return { value: Math.floor(fraction * 1000), doing: [...of, ...name, ...left].join(", ") };
}

function stepText(step: Step): string {
  switch (step.kind) {
    case "pages":
      return "reading its pages";
    case "rows":
      return "comparing rows and indexes";
    case "indexes":
      return `index ${step.index} of ${step.indexes} and its table`;
    case "foreign-keys":
      return `foreign keys, table ${step.table} of ${step.tables}`;
    default:
      return step.kind;
  }
}
