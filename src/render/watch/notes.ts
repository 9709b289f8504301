/**
 * Below the databases, one line for each: the failed command of an alert, findings, processes that could not be
 * inspected. Pure.
 */
import type { FindingView } from "../../features/watch/seen-findings.ts";
import type { View } from "../../features/watch/view.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { commandAgain } from "../again.ts";
import { unseenLine } from "../finding.ts";
import { cut } from "../layout.ts";
import { PLAIN, type Style } from "../style.ts";
import widthOf from "../width.ts";
import { commandProblemText } from "./alert.ts";
import { filled } from "./database.ts";
import { timeOf } from "./times.ts";

/** Exactly `rows` lines. */
export function noteLines(view: View, width: number, rows: number, style: Style): string[] {
  const { databases, unseen } = view;
  const findings = databases.flatMap((database) => database.findings);
  const first = problemLines(view, width, style);
  const command = commandAgain(
    "watch",
    databases.map(({ path }) => path),
  );
  const plain = { ...PLAIN, ellipsis: style.ellipsis };
  const last = unseen === null ? [] : [cut(unseenLine(unseen, plain, command), width, style.ellipsis)];
  const room = Math.max(1, rows - first.length - last.length);
  const shown = findings.length > room ? findings.slice(0, room - 1) : findings;
  const more = findings.length - shown.length;
  const moreLine =
    more === 0 ? [] : [cut(`... and ${count(more, "more finding")}: f shows all`, width, style.ellipsis)];
  const lines = shown.map((finding) => findingLine(finding, width, style));
  return filled([...first, ...lines, ...moreLine, ...last], rows);
}

/** A command of an alert that failed: its output is not on the screen. */
function problemLines({ problem }: View, width: number, style: Style): string[] {
  if (problem === undefined) return [];
  const text = `${timeOf(new Date(problem.atMs), 0)} ${commandProblemText(problem.event, problem.problem)}`;
  const line = cut(text, width, style.ellipsis);
  return [style.chalk?.red(line) ?? line];
}

function findingLine({ finding, overMs }: FindingView, width: number, style: Style): string {
  const { severity, id, summary } = finding;
  const label = cut(`${overMs === null ? "" : "resolved: "}${severity} ${id}`, width, style.ellipsis);
  const rest = cut(`: ${escapeText(summary)}`, Math.max(0, width - widthOf(label)), style.ellipsis);
  if (overMs !== null) return style.chalk?.dim(label + rest) ?? label + rest;
  const colour =
    severity === "error" ? style.chalk?.red : severity === "warning" ? style.chalk?.yellow : style.chalk?.dim;
  return (colour?.(label) ?? label) + rest;
}
