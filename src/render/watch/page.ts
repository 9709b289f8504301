/** What takes the place of the databases: the help, or the findings in full. Pure. */
import type { Page } from "../../features/watch/interaction.ts";
import { type FindingView, isSame } from "../../features/watch/seen-findings.ts";
import type { View } from "../../features/watch/view.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { renderFinding } from "../finding.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";
import { helpLines } from "./help.ts";
import { timeOf } from "./times.ts";

export interface PageLines {
  readonly title: string;
  readonly lines: readonly string[];
}

export function pageLines(page: Page, view: View, width: number, style: Style): PageLines {
  if (page.kind === "help") return { title: "Keys and columns", lines: fitted(helpLines(view.source, width), width) };
  const { findings, atMs } = page;
  const number = findings.length === 0 ? "No findings" : count(findings.length, "finding");
  const title = `${number} at ${timeOf(new Date(atMs), 0)}`;
  const several = view.databases.length > 1;
  const lines = findings.flatMap((finding) => [...findingLines(finding, view, several, width, style), ""]);
  return { title, lines: fitted(findings.length === 0 ? [NO_FINDINGS] : lines, width) };
}

const NO_FINDINGS = "Nothing was found that needs attention.";

function findingLines(
  { finding, path, overMs }: FindingView,
  view: View,
  several: boolean,
  width: number,
  style: Style,
): string[] {
  const now = view.databases.find((database) => database.path === path)?.findings ?? [];
  const isOver = overMs !== null || !now.some((each) => each.overMs === null && isSame(each.finding, finding));
  return [
    ...(several ? [cut(escapeText(path), width, style.ellipsis)] : []),
    ...(isOver ? ["(resolved)"] : []),
    ...renderFinding(finding, { ...style, width }).split("\n"),
  ];
}

/** A command stays in one piece as long as it fits: what is behind the edge of the screen cannot be read. */
function fitted(lines: readonly string[], width: number): string[] {
  return lines.flatMap((line) => (widthOf(line) <= width ? [line] : pieces(line, width)));
}

function pieces(line: string, width: number): string[] {
  const found: string[] = [];
  let piece = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    const more = widthOf(segment);
    if (used + more > width && piece !== "") {
      found.push(piece);
      [piece, used] = ["", 0];
    }
    piece += segment;
    used += more;
  }
  return [...found, piece];
}
