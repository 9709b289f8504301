/** The range of a measurement over several rounds, in words. Pure. */
import type { Range } from "../../features/stress/spread.ts";

/** `0.26 to 0.31`, or `0.26`. */
export function rangeText({ min, max }: Range, text: (value: number) => string): string {
  const [from, to] = [text(min), text(max)];
  return from === to ? from : `${from} to ${to}`;
}
