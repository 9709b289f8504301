/** How much of the time the write lock was held, as one line of characters. Pure. */

const UTF8 = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII = [".", ":", "-", "=", "+", "*", "%", "#"];

/** One character for each share, 0 to 1; a space where it was never held. */
export function sparkline(shares: readonly number[], utf8: boolean): string {
  const steps = utf8 ? UTF8 : ASCII;
  return shares
    .map((share) => (share <= 0 ? " " : (steps[Math.min(steps.length - 1, Math.ceil(share * steps.length) - 1)] ?? "")))
    .join("");
}
