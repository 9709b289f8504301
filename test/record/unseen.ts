/**
 * When a recording has said that the locks on a database are not known: its file came and went between two looks. What
 * is said of that time must be true, but not all is said. Pure.
 */
import type { RecordingLine } from "../../src/recording/lines.ts";

interface Span {
  /** Null: of any database. */
  readonly path: string | null;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Time {
  readonly path: string;
  fromMs: number;
  toMs: number;
}

export class UnseenTimes {
  readonly #times: readonly Time[];

  /** `whole`: calls and transactions of the programs. What was going on in such a time is all of that time. */
  constructor(lines: readonly RecordingLine[], whole: readonly Span[]) {
    this.#times = lines.flatMap((line): Time | [] => {
      if (line.type !== "unknown" || line.why !== "unseen-file" || line.path === undefined) return [];
      return { path: line.path, fromMs: line.atMs, toMs: line.toMs ?? Number.POSITIVE_INFINITY };
    });
    for (let isLonger = this.#times.length > 0; isLonger; ) {
      isLonger = false;
      for (const time of this.#times) {
        for (const span of whole) {
          if (!overlap(time, span) || (span.fromMs >= time.fromMs && span.toMs <= time.toMs)) continue;
          time.fromMs = Math.min(time.fromMs, span.fromMs);
          time.toMs = Math.max(time.toMs, span.toMs);
          isLonger = true;
        }
      }
    }
  }

  get isEmpty(): boolean {
    return this.#times.length === 0;
  }

  has(span: Span): boolean {
    return this.#times.some((time) => overlap(time, span));
  }
}

function overlap(time: Time, { path, fromMs, toMs }: Span): boolean {
  return (path === null || path === time.path) && fromMs <= time.toMs && toMs >= time.fromMs;
}
