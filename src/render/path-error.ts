/** A path that could not be looked at, as a line for stderr. */
import type { PathError } from "../model/report.ts";
import { escapeText } from "../text/escape.ts";

export function pathErrorLine({ error }: Pick<PathError, "error">): string {
  return `sqlock: ${escapeText(error.message)}; ${escapeText(error.hint)}\n`;
}
