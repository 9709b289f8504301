/**
 * Of several tests together: each p-value, such that the chance of one false alarm among all of them is not above the
 * level (Holm, 1979). Pure.
 */
export function holm(values: readonly number[]): number[] {
  const sorted = values.map((p, place) => ({ p, place })).sort((a, b) => a.p - b.p);
  const adjusted = values.map(() => 1);
  let least = 0;
  for (const [rank, { p, place }] of sorted.entries()) {
    least = Math.max(least, Math.min(1, p * (values.length - rank)));
    adjusted[place] = least;
  }
  return adjusted;
}
