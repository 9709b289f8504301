/** The list to pick from, as it is drawn. Pure. */
import { cut } from "../render/layout.ts";
import type { Style } from "../render/style.ts";
import { escapeText } from "../text/escape.ts";
import { type PickState, shownChoices } from "./pick-state.ts";

const KEYS = "Space marks, Enter takes the marked or the one at >, / filters, Esc leaves";
const KEYS_OF_FILTER = "type to filter, Enter goes back to the list";

/** Wider lines are hard to read. */
const MAX_WIDTH = 200;

/** Rows that are not the list: the title, the filter, the keys, and the row of the cursor below. */
const OTHER_ROWS = 4;

/** The lines that are shown: no more than the terminal has `rows` for, with the cursor among them. */
export function renderPick(title: string, state: PickState, style: Style, rows: number): string {
  const shown = shownChoices(state);
  const room = Math.max(1, rows - OTHER_ROWS);
  const from = Math.max(0, Math.min(state.cursor - Math.floor(room / 2), shown.length - room));
  const width = Math.min(style.width, MAX_WIDTH) - 1;
  const lines = shown.slice(from, from + room).map(({ id, label }, i) => {
    const isCurrent = from + i === state.cursor;
    const text = cut(
      `${isCurrent ? ">" : " "} ${state.marked.has(id) ? "[x]" : "[ ]"} ${escapeText(label)}`,
      width,
      style.ellipsis,
    );
    return isCurrent ? (style.chalk?.bold(text) ?? text) : text;
  });
  const more = shown.length > room ? ` (${from + 1} to ${Math.min(from + room, shown.length)} of ${shown.length})` : "";
  const marked = state.marked.size === 0 ? "" : `, ${state.marked.size} marked`;
  const filter =
    state.filtering || state.filter !== ""
      ? [cut(`/${escapeText(state.filter)}${state.filtering ? "_" : ""}`, width, style.ellipsis)]
      : [];
  const keys = cut(state.filtering ? KEYS_OF_FILTER : KEYS, width, style.ellipsis);
  return [
    cut(`${title}${more}${marked}`, width, style.ellipsis),
    ...lines,
    ...(shown.length === 0 ? ["  no match"] : []),
    ...filter,
    style.chalk?.dim(keys) ?? keys,
  ].join("\n");
}
