/**
 * The screen: a view and its size in, lines out. Pure. Each line fits, and nothing that comes from outside is in it
 * unescaped.
 */
import type { Interaction, ScreenSize } from "../../features/watch/interaction.ts";
import type { View } from "../../features/watch/state.ts";
import { unseenMatters } from "../../model/unseen-matters.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { unseenLine } from "../finding.ts";
import { cut } from "../layout.ts";
import { PLAIN, type Style } from "../style.ts";
import widthOf from "../width.ts";
import { commandProblemText } from "./alert.ts";
import { databaseLines } from "./database.ts";
import { helpLines, KEYS } from "./help.ts";
import { logLine } from "./log.ts";
import { shortTime, timeOf } from "./times.ts";

/** The last column of the terminal stays free: text in it may begin a new line. */
const MARGIN = 1;

/** At most `rows` lines of at most `columns` - 1 columns. */
export function renderScreen(view: View, interaction: Interaction, size: ScreenSize, style: Style): string[] {
  const width = Math.max(1, size.columns - MARGIN);
  const keys = cut(interaction.paused ? `PAUSED  ${KEYS}` : KEYS, width, style.ellipsis);
  const room = Math.max(0, size.rows - 1);
  const title = titleLine(view, interaction, width, style);
  const body = interaction.help ? helpLines(width, style) : bodyLines(view, interaction, width, room - 1, style);
  const lines = [title, ...body].slice(0, room);
  return size.rows <= 0
    ? []
    : [...lines, ...Array.from({ length: room - lines.length }, () => ""), style.chalk?.dim(keys) ?? keys];
}

function titleLine(view: View, { paused }: Interaction, width: number, style: Style): string {
  const right = `${paused ? "paused at " : ""}${timeOf(new Date(view.nowMs), 0)}`;
  const left = cut(
    `sqlock watch, for ${shortTime(Math.max(0, view.nowMs - view.startedMs))}`,
    Math.max(1, width - right.length - 1),
    style.ellipsis,
  );
  return left + " ".repeat(Math.max(1, width - widthOf(left) - right.length)) + right;
}

/** The shares of the rows that holders and findings may take; the events get the rest. */
const HOLDERS_SHARE = 0.5;
const FINDINGS_SHARE = 0.3;

function bodyLines(view: View, interaction: Interaction, width: number, room: number, style: Style): string[] {
  const holdersEach = Math.max(2, Math.floor((room * HOLDERS_SHARE) / view.databases.length));
  const top = view.databases.flatMap((database) => [
    "",
    ...databaseLines(database, view, interaction, width, holdersEach, style),
  ]);
  const findings = findingLines(view, width, Math.max(2, Math.floor(room * FINDINGS_SHARE)), style);
  const unseen = !unseenMatters(
    view.unseen,
    view.databases.flatMap(({ report }) => report ?? []),
  )
    ? []
    : ["", cut(unseenLine(view.unseen, { ...PLAIN, ellipsis: style.ellipsis }), width, style.ellipsis)];
  const problem = problemLines(view, width, style);
  const left = room - top.length - findings.length - unseen.length - problem.length - 2;
  const events = left < 1 ? [] : view.log.slice(-left).map((row) => logLine(row, view, width, style));
  return [...top, ...findings, ...unseen, ...problem, ...(events.length > 0 ? ["", ...events] : [])];
}

/** A command of an alert that failed: its output is not on the screen. */
function problemLines({ problem }: View, width: number, style: Style): string[] {
  if (problem === undefined) return [];
  const text = `${timeOf(new Date(problem.atMs), 0)} ${commandProblemText(problem.event, problem.problem)}`;
  const line = cut(text, width, style.ellipsis);
  return ["", style.chalk?.red(line) ?? line];
}

function findingLines({ databases }: View, width: number, maxLines: number, style: Style): string[] {
  const all = databases.flatMap(({ findings }) => findings);
  if (all.length === 0) return [];
  const shown = all.length > maxLines ? all.slice(0, maxLines - 1) : all;
  const lines = shown.map(({ severity, id, summary }) => {
    const label = cut(`${severity} ${id}`, width, style.ellipsis);
    const rest = cut(`: ${escapeText(summary)}`, Math.max(0, width - widthOf(label)), style.ellipsis);
    const colour =
      severity === "error" ? style.chalk?.red : severity === "warning" ? style.chalk?.yellow : style.chalk?.dim;
    return (colour?.(label) ?? label) + rest;
  });
  return [
    "",
    ...lines,
    ...(all.length > shown.length
      ? [cut(`... and ${count(all.length - shown.length, "more finding")}`, width, style.ellipsis)]
      : []),
  ];
}
