/** What other busy timeouts would have done. Pure. */
import type { Durations } from "../distribution/durations.ts";
import type { TimeoutForecast } from "./evidence.ts";
import type { Needed } from "./needed.ts";
import { HEADROOM, TIMEOUTS_MS } from "./thresholds.ts";

interface Facts {
  /** Null: no waits are known. */
  readonly needed: Needed | null;
  readonly writeHolds: Durations;
  readonly watchedMs: number;
}

export function forecasts({ needed, writeHolds, watchedMs }: Facts): TimeoutForecast[] {
  return TIMEOUTS_MS.map((timeoutMs) => ({
    timeoutMs,
    failed: needed === null ? null : needed.certain.above(timeoutMs),
    likelyFailed: needed === null ? null : needed.likely.above(timeoutMs),
    moments: momentsOver(timeoutMs, writeHolds, watchedMs),
  }));
}

/** A model: a writer comes at any moment, and nobody else waits. Of a hold of length h, the first h − timeout count. */
function momentsOver(timeoutMs: number, writeHolds: Durations, watchedMs: number): TimeoutForecast["moments"] {
  if (watchedMs <= 0) return null;
  const { atLeastMs, atMostMs } = writeHolds.excess(timeoutMs);
  const share = (ms: number | null) => (ms === null ? 1 : Math.min(1, ms / watchedMs));
  return { atLeast: share(atLeastMs), atMost: share(atMostMs) };
}

/**
 * The shortest timeout with which none of the waits would likely have failed whose end is known, and which leaves room
 * for longer ones. @returns null where none of those that are tried is long enough: the locks are held for too long
 */
export function enoughTimeout(timeouts: readonly TimeoutForecast[], neededMs: number): number | null {
  const enough = timeouts.find(
    ({ timeoutMs, likelyFailed }) => timeoutMs >= neededMs * HEADROOM && (likelyFailed?.atLeast ?? 0) === 0,
  );
  return enough?.timeoutMs ?? null;
}
