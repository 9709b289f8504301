/** Into how many turns the time of each combination of a matrix is divided. Pure. */

const TURN_MS = 3000;
const MIN_TURNS = 2;
const MAX_TURNS = 5;
const MIN_TURN_MS = 250;

/** Several where the time is long enough: 10 s are three turns. */
export function turnsOf(durationMs: number): number {
  const possible = Math.max(1, Math.floor(durationMs / MIN_TURN_MS));
  return Math.min(possible, MAX_TURNS, Math.max(MIN_TURNS, Math.round(durationMs / TURN_MS)));
}
