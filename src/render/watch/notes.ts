/** The findings on the screen, a line each, and processes that could not be inspected. Pure. */
import type { FindingView } from "../../features/watch/seen-findings.ts";
import type { View } from "../../features/watch/state.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { unseenLine } from "../finding.ts";
import { cut } from "../layout.ts";
import { PLAIN, type Style } from "../style.ts";
import widthOf from "../width.ts";
import { filled } from "./database.ts";

/** Exactly `rows` lines. */
export function noteLines({ databases, unseen }: View, width: number, rows: number, style: Style): string[] {
  const findings = databases.flatMap((database) => database.findings);
  const last =
    unseen === null ? [] : [cut(unseenLine(unseen, { ...PLAIN, ellipsis: style.ellipsis }), width, style.ellipsis)];
  const room = Math.max(1, rows - (findings.length === 0 ? 0 : last.length));
  const shown = findings.length > room ? findings.slice(0, room - 1) : findings;
  const more = findings.length - shown.length;
  const moreLine =
    more === 0 ? [] : [cut(`... and ${count(more, "more finding")}: f shows all`, width, style.ellipsis)];
  return filled([...shown.map((finding) => findingLine(finding, width, style)), ...moreLine, ...last], rows);
}

function findingLine({ finding, overMs }: FindingView, width: number, style: Style): string {
  const { severity, id, summary } = finding;
  const label = cut(`${overMs === null ? "" : "no longer "}${severity} ${id}`, width, style.ellipsis);
  const rest = cut(`: ${escapeText(summary)}`, Math.max(0, width - widthOf(label)), style.ellipsis);
  if (overMs !== null) return style.chalk?.dim(label + rest) ?? label + rest;
  const colour =
    severity === "error" ? style.chalk?.red : severity === "warning" ? style.chalk?.yellow : style.chalk?.dim;
  return (colour?.(label) ?? label) + rest;
}
