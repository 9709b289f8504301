/** Whether the wall clock has moved against CLOCK_MONOTONIC: it was set, or the machine slept. Pure. */

/** Three clocks at one moment, ms. */
export interface Clocks {
  /** Since the start of the recording, CLOCK_MONOTONIC. */
  readonly atMs: number;
  /** Since 1970. */
  readonly wallMs: number;
  /** Since the start of the machine, also while it slept (CLOCK_BOOTTIME); asked for only when it is needed. */
  readonly bootMs: () => number | null;
}

export interface ClockChange {
  readonly atMs: number;
  readonly wallMs: number;
  /** 0: the machine did not sleep. */
  readonly suspendedMs: number;
}

/** What is less is no change: reading two clocks takes a while on a busy machine. */
const LEAST_MS = 50;

export class ClockWatch {
  #aheadMs: number;
  #sleptMs: number | null;

  constructor(start: Clocks) {
    this.#aheadMs = start.wallMs - start.atMs;
    this.#sleptMs = sleptOf(start);
  }

  /** Null: they have kept their distance since the last change. */
  look(now: Clocks): ClockChange | null {
    const aheadMs = now.wallMs - now.atMs;
    if (Math.abs(aheadMs - this.#aheadMs) <= LEAST_MS) return null;
    this.#aheadMs = aheadMs;
    const slept = sleptOf(now);
    const suspendedMs = slept === null || this.#sleptMs === null ? 0 : slept - this.#sleptMs;
    this.#sleptMs = slept;
    return { atMs: now.atMs, wallMs: now.wallMs, suspendedMs: suspendedMs > LEAST_MS ? suspendedMs : 0 };
  }
}

/** Up to a constant. */
function sleptOf({ atMs, bootMs }: Clocks): number | null {
  const boot = bootMs();
  return boot === null ? null : boot - atMs;
}
