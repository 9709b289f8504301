/** A finding, and processes that could not be inspected, for a person. Pure. */

import type { Finding, Report } from "../model/report.ts";
import { escapeText } from "../text/escape.ts";
import { capitalized } from "../text/sentence.ts";
import { unseenCount } from "../text/unseen.ts";
import { paragraph } from "./paragraph.ts";
import type { Style } from "./style.ts";

export function renderFinding(finding: Finding, style: Style): string {
  const label = `${finding.severity} ${finding.id}`;
  const paint =
    finding.severity === "error"
      ? style.chalk?.red
      : finding.severity === "warning"
        ? style.chalk?.yellow
        : style.chalk?.dim;
  return [
    `${paint?.(label) ?? label}: ${paragraph(escapeText(finding.summary), "  ", style, { used: label.length + 2 })}`,
    paragraph(`  ${escapeText(finding.detail)}`, "  ", style),
    withCommands(`To do: ${finding.remedy}`, style),
  ].join("\n");
}

/**
 * Whether it is worth a line: `unseenMatters` (src/model/unseen-processes.ts). `command`: the one with which root would
 * see them.
 */
export function unseenLine(unseen: NonNullable<Report["unseen"]>, style: Style, command: string | null = null): string {
  const subject = capitalized(unseenCount(unseen));
  const why = unseen.initAlone === true ? ", even as root" : ` (${unseen.reason})`;
  const them = unseen.processes === 1 ? "it" : "them";
  const asRoot = command !== null && unseen.asRoot === true && unseen.reasons.length === 1;
  const how = asRoot ? `To see ${them}: sudo ${escapeText(command)}` : `To see ${them}, ${unseen.remedy}.`;
  const line = `${subject} could not be inspected${why}. ${how}`;
  return style.chalk?.dim(paragraph(line, "", style)) ?? paragraph(line, "", style);
}

/** A line that begins with two spaces is a command: it stays in one piece, to be copied. */
export function withCommands(text: string, style: Style): string {
  return text
    .split("\n")
    .map((line) => (line.startsWith("  ") ? `  ${escapeText(line)}` : paragraph(`  ${escapeText(line)}`, "  ", style)))
    .join("\n");
}
