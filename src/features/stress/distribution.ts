/** Distributions of times in µs, with little memory for any number of them. */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { HistogramStep, Latency } from "./report.ts";

/** An hour. */
const MAX_US = 3_600_000_000;

/** Upper limits of the steps of the printed histogram, in ms. */
const STEPS_MS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, Number.POSITIVE_INFINITY];

/** Percentiles are known to some significant figures, the maximum exactly. */
export class Distribution {
  readonly #histogram: RecordableHistogram;
  #maxUs = 0;

  constructor(significantFigures: 2 | 3) {
    this.#histogram = createHistogram({ lowest: 1, highest: MAX_US, figures: significantFigures });
  }

  get count(): number {
    return this.#histogram.count;
  }

  record(us: number): void {
    this.#histogram.record(Math.max(1, us));
    this.#maxUs = Math.max(this.#maxUs, us);
  }

  get latency(): Latency {
    if (this.count === 0) return { p50: null, p95: null, p99: null, max: null };
    const percentile = (percent: number) => toMs(Math.min(this.#histogram.percentile(percent), this.#maxUs));
    return { p50: percentile(50), p95: percentile(95), p99: percentile(99), max: toMs(this.#maxUs) };
  }
}

/** Of transactions: waiting and working, separately and together. */
export class TransactionTimes {
  readonly waiting = new Distribution(3);
  readonly working = new Distribution(3);
  readonly total = new Distribution(3);
  readonly #counts = STEPS_MS.map(() => 0);

  record(waitingUs: number, workingUs: number): void {
    const totalUs = waitingUs + workingUs;
    this.waiting.record(waitingUs);
    this.working.record(workingUs);
    this.total.record(totalUs);
    const step = STEPS_MS.findIndex((belowMs) => totalUs < belowMs * 1000);
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
  }

  get histogram(): HistogramStep[] {
    return STEPS_MS.map((belowMs, i) => ({
      belowMs: Number.isFinite(belowMs) ? belowMs : null,
      count: this.#counts[i] ?? 0,
    }));
  }
}

export function toMs(us: number): number {
  return Math.round(us) / 1000;
}
