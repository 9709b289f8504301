/**
 * When a difference between two settings counts: each was measured in at least {@link MIN_ROUNDS} rounds, in turns, and
 * the ranges of their rounds do not overlap. Pure.
 *
 * For two settings that are in truth alike, all orders of their rounds are equally likely. That the ranges are apart
 * has then a probability of 2 / C(8, 4) = 3 % with four rounds each, and of 2 / C(10, 5) = 0.8 % with five.
 */

/** With three rounds each, one comparison of two equal settings in ten would count. */
export const MIN_ROUNDS = 4;

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** `too-few`: there are not enough rounds to say so. */
export type Change = "lower" | "higher" | "none" | "too-few";

/** @returns null for no values */
export function rangeOf(values: readonly number[]): Range | null {
  return values.length === 0 ? null : { min: Math.min(...values), max: Math.max(...values) };
}

/** How `after` differs from `before`. */
export function changeOf(before: readonly number[], after: readonly number[]): Change {
  const [from, to] = [rangeOf(before), rangeOf(after)];
  if (from === null || to === null || before.length < MIN_ROUNDS || after.length < MIN_ROUNDS) return "too-few";
  if (to.max < from.min) return "lower";
  return to.min > from.max ? "higher" : "none";
}
