/** Sentences broken into lines that are easy to read. Pure. */

import { LineFiller } from "./line-filler.ts";
import type { Style } from "./style.ts";

/** Longer lines are hard to read. */
const TEXT_WIDTH = 100;

/** Two lines at most: what a line of code says must not be cut off. The second one may be too long. */
export function twoLines(text: string, indent: string, style: Pick<Style, "width">): string[] {
  const [first = "", ...rest] = paragraph(text, indent, style, { most: Number.POSITIVE_INFINITY }).split("\n");
  return rest.length === 0 ? [first] : [first, `${indent}${rest.map((line) => line.trim()).join(" ")}`];
}

/** Where a line may end: after a space, but not between a number and its unit, nor inside of a time (3 m 48 s). */
const BREAKS = /(?<= )(?<!\d [mhd] (?=\d))(?!(?:s|m|h|d|B|[KMGTP]iB)\b|%)/;

/** Broken at spaces only, so that a command can be copied; `used` columns of the first line are taken already. */
export function paragraph(
  text: string,
  indent: string,
  { width }: Pick<Style, "width">,
  { used = 0, breaks = BREAKS, most = TEXT_WIDTH } = {},
): string {
  const limit = Math.min(width, most);
  if (width === Number.POSITIVE_INFINITY) return text;
  const lines = new LineFiller(limit - used);
  for (const word of text.split(breaks)) {
    if (!lines.isBlank && !lines.hasRoomFor(word)) lines.next(indent, limit);
    lines.add(word);
  }
  return lines.text();
}
