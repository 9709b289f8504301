/** Moments as text: in UTC, and as the clocks of a zone showed them. Pure. */

/** An offset is asked for once for so long: zones change theirs at quarters of an hour. */
const STEP_MS = 15 * 60_000;

export class WallTexts {
  readonly #toUtcMs: (atMs: number) => number;
  readonly #offsetMs: (utcMs: number) => number;
  #step = Number.NaN;
  /** At that step. */
  #offset = 0;
  #suffix = "";

  /** `toUtcMs`: of a moment on the axis. `offsetMs`: what the clocks of the zone are ahead of UTC then. */
  constructor(toUtcMs: (atMs: number) => number, offsetMs: (utcMs: number) => number) {
    this.#toUtcMs = toUtcMs;
    this.#offsetMs = offsetMs;
  }

  /** `2026-07-01T01:12:00.123Z` and `2026-07-01T03:12:00.123+02:00` */
  of(atMs: number): { readonly utc: string; readonly local: string } {
    const utcMs = this.#toUtcMs(atMs);
    const step = Math.floor(utcMs / STEP_MS);
    if (step !== this.#step) {
      this.#step = step;
      this.#offset = this.#offsetMs(utcMs);
      this.#suffix = suffixOf(this.#offset);
    }
    return { utc: iso(utcMs), local: iso(utcMs + this.#offset).slice(0, -1) + this.#suffix };
  }
}

/** Of a year that has no such text: the first or the last one that has. */
function iso(utcMs: number): string {
  const [first, last] = [Date.UTC(0, 0, 1), Date.UTC(9999, 11, 31)];
  return new Date(Math.min(last, Math.max(first, utcMs))).toISOString();
}

function suffixOf(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${offsetMs < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
