/** Workers of the load that did not come to their own end. Pure. */

export interface KilledWorkers {
  /** By --kill-every. */
  readonly byUs: number;
  /** By a signal that sqlock did not send, or by a crash (SIGSEGV). */
  readonly byOthers: number;
  /** The signals of `byOthers`. */
  readonly signals: readonly string[];
  /** Still running long after the end, and killed then. */
  readonly stuck: number;
}

export const NONE_KILLED: KilledWorkers = { byUs: 0, byOthers: 0, signals: [], stuck: 0 };

export function addKilled(a: KilledWorkers, b: KilledWorkers): KilledWorkers {
  return {
    byUs: a.byUs + b.byUs,
    byOthers: a.byOthers + b.byOthers,
    signals: [...new Set([...a.signals, ...b.signals])],
    stuck: a.stuck + b.stuck,
  };
}
