/**
 * The screen: a view and its size in, lines out. Pure. Each line fits, and nothing that comes from outside is in it
 * unescaped.
 */
import type { Frame, Interaction, Page, ScreenSize } from "../../features/watch/interaction.ts";
import type { View } from "../../features/watch/view.ts";
import { count } from "../../text/list.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";
import { databaseLines, filled } from "./database.ts";
import { KEYS, PAGE_KEYS } from "./help.ts";
import { logLine } from "./log.ts";
import { noteLines } from "./notes.ts";
import { pageLines } from "./page.ts";
import { headRows, type Rows, rowsOf } from "./rows.ts";
import { shortTime, timeOf } from "./times.ts";

/** The last column of the terminal stays free: text in it may begin a new line. */
const MARGIN = 1;

/** The title, and the keys. */
const FRAME_ROWS = 2;

/** At most as many lines as the screen has rows, of at most `columns` - 1 columns. */
export function renderScreen(view: View, interaction: Interaction, size: ScreenSize, style: Style): Frame {
  const width = Math.max(1, size.columns - MARGIN);
  const room = Math.max(0, size.rows - FRAME_ROWS);
  const { page } = interaction;
  const body =
    page === null
      ? { lines: bodyLines(view, interaction, size, width, style), keys: KEYS, maxScroll: 0 }
      : pageBody(page, view, interaction.scroll, width, room, style);
  const keys = cut(interaction.paused ? `PAUSED  ${body.keys}` : body.keys, width, style.ellipsis);
  const lines = [titleLine(view, interaction, width, style), ...filled(body.lines, room)];
  return {
    lines: size.rows <= 0 ? [] : [...lines.slice(0, size.rows - 1), style.chalk?.dim(keys) ?? keys],
    maxScroll: body.maxScroll,
  };
}

function titleLine(view: View, { paused }: Interaction, width: number, style: Style): string {
  const right = `${paused ? "paused at " : ""}${timeOf(new Date(view.nowMs), 0)}`;
  const left = cut(
    `sqlock watch${view.source === "kernel" ? ", every lock, from the kernel" : ""}, for ` +
      shortTime(Math.max(0, view.nowMs - view.startedMs)),
    Math.max(1, width - right.length - 1),
    style.ellipsis,
  );
  return left + " ".repeat(Math.max(1, width - widthOf(left) - right.length)) + right;
}

function pageBody(page: Page, view: View, scroll: number, width: number, room: number, style: Style) {
  const { title, lines } = pageLines(page, view, width, style);
  const shown = Math.max(0, room - 2);
  const maxScroll = Math.max(0, lines.length - shown);
  const first = Math.min(scroll, maxScroll);
  const heading = cut(title, width, style.ellipsis);
  const position = maxScroll === 0 ? "" : `  ${first + 1}-${first + shown} of ${lines.length}`;
  return {
    lines: [style.chalk?.bold(heading) ?? heading, "", ...lines.slice(first, first + shown)],
    keys: `${PAGE_KEYS}${position}`,
    maxScroll,
  };
}

function bodyLines(view: View, interaction: Interaction, size: ScreenSize, width: number, style: Style): string[] {
  const rows = rowsOf(view, size);
  const gap = filled([], rows.gap);
  const notes = rows.notes === 0 ? [] : [...gap, ...noteLines(view, width, rows.notes, style)];
  const below = notes.length + (rows.log === 0 ? 0 : rows.gap + rows.log);
  const databases = shownDatabases(view, interaction, rows, size.rows - FRAME_ROWS - below);
  const top = view.databases
    .slice(databases.first, databases.end)
    .flatMap((database, i) => [
      ...gap,
      ...databaseLines(database, view, interaction, width, rows, rows.holders[databases.first + i] ?? 0, style),
    ]);
  const more = view.databases.length - (databases.end - databases.first);
  const moreLine = more === 0 ? [] : [cut(`... and ${count(more, "more database")}`, width, style.ellipsis)];
  // databases that are not shown leave their lines to the events
  const used = top.length + moreLine.length + notes.length + rows.gap;
  const log = Math.max(rows.log, more === 0 ? 0 : size.rows - FRAME_ROWS - used);
  const events = log <= 0 ? [] : view.log.slice(-log).map((row) => logLine(row, view, width, style));
  return [...top, ...moreLine, ...notes, ...(events.length === 0 ? [] : [...gap, ...events])];
}

/** Those there is room for, with the one of the selected process among them: from the first to before the second. */
function shownDatabases(
  { databases }: View,
  { selected }: Interaction,
  rows: Rows,
  room: number,
): { readonly first: number; readonly end: number } {
  const heights = databases.map((database, i) => {
    const holders = rows.holders[i] ?? 0;
    return headRows(database, rows) + (holders === 0 ? 0 : holders + 1);
  });
  const sum = (from: number, to: number) => heights.slice(from, to).reduce((all, each) => all + each, 0);
  if (sum(0, heights.length) <= room) return { first: 0, end: heights.length };
  const at = Math.max(
    0,
    databases.findIndex(({ path }) => path === selected?.path),
  );
  const left = room - 1; // how many more there are
  let first = 0;
  while (first < at && sum(first, at + 1) > left) first++;
  let end = first + 1;
  while (end < heights.length && sum(first, end + 1) <= left) end++;
  return { first, end };
}
