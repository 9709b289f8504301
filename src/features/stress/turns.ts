/** Into how many rounds the time of each combination of a matrix is divided. Pure. */

const ROUNDS = 5;

/** In a shorter one the start would be much of what is measured. */
export const MIN_ROUND_MS = 250;

/** Five where the time is long enough. */
export function turnsOf(durationMs: number): number {
  return Math.min(ROUNDS, Math.max(1, Math.floor(durationMs / MIN_ROUND_MS)));
}
