/** Why no program of the command had a tracer in it, as `unknown` lines of `call-site` say it. Pure. */
import type { UnknownSummary } from "../summary-line.ts";

/** `not-traced`: for another reason than those that the words of the command tell. */
export const NOT_TRACED = ["not-traced", "python-option", "node-permission", "environment", "static"] as const;

const ALL: ReadonlySet<string> = new Set(NOT_TRACED);

export function isNotTraced({ lines }: Pick<UnknownSummary, "lines">): boolean {
  return lines.some(({ what, why }) => what === "call-site" && ALL.has(why));
}
