/** The list to pick from, as it is drawn. Pure. */
import { cut } from "../render/layout.ts";
import type { Style } from "../render/style.ts";
import widthOf from "../render/width.ts";
import { escapeText } from "../text/escape.ts";
import { type Choice, type PickState, shownChoices } from "./pick-state.ts";

const KEYS = "Space mark  Enter confirm  / filter  ? keys  Esc cancel";
const KEYS_OF_FILTER = "type to filter  Enter keep the filter  Esc clear it";

const KEY_HELP: readonly (readonly [string, string])[] = [
  ["Up, k", "previous row"],
  ["Down, j", "next row"],
  ["PgUp, PgDn", "one screen up or down"],
  ["Home, End", "first or last row"],
  ["Space", "mark the row at >, or remove the mark"],
  ["Enter", "take the marked rows, hidden ones too; if none is marked, the row at >"],
  ["/", "filter by words; Enter keeps the filter, Esc clears it"],
  ["Esc, Ctrl-C, Ctrl-D", "cancel"],
  ["Ctrl-Z", "stop sqlock and go to the shell; fg comes back"],
];
const HELP_END = "Press any key to go back to the list.";

/** The names of the keys, and a gap. */
const KEY_WIDTH = 2 + Math.max(...KEY_HELP.map(([keys]) => keys.length));

/** Wider lines are hard to read. */
const MAX_WIDTH = 200;

/** Rows that are not the list: the title, the filter, the keys, and one row that stays free. */
const OTHER_ROWS = 4;

/** How many rows of the list fit on a terminal. */
export function pageOf(rows: number): number {
  return Math.max(1, rows - OTHER_ROWS);
}

/** Fewer lines than the terminal has `rows`, with the cursor among them. */
export function renderPick(title: string, state: PickState, style: Style, rows: number): string[] {
  const width = Math.max(1, Math.min(style.width, MAX_WIDTH) - 1);
  const lines = state.help ? helpLines() : listLines(title, state, rows, width);
  const last = lines.length - 1;
  return lines
    .map((line, i) => {
      const text = cut(line.text, width, style.ellipsis);
      const paint = line.isCurrent ? style.chalk?.bold : i === last ? style.chalk?.dim : undefined;
      return paint?.(text) ?? text;
    })
    .slice(0, Math.max(1, rows - 1));
}

interface Line {
  readonly text: string;
  readonly isCurrent?: boolean;
}

function helpLines(): Line[] {
  return [...KEY_HELP.map(([keys, text]) => ({ text: keys.padEnd(KEY_WIDTH) + text })), { text: HELP_END }];
}

function listLines(title: string, state: PickState, rows: number, width: number): Line[] {
  const shown = shownChoices(state);
  const room = pageOf(rows);
  const from = Math.max(0, Math.min(state.cursor - Math.floor(room / 2), shown.length - room));
  const list = shown.slice(from, from + room).map(({ id, label }, i) => {
    const isCurrent = from + i === state.cursor;
    const text = `${isCurrent ? ">" : " "} ${state.marked.has(id) ? "[x]" : "[ ]"} ${escapeText(label)}`;
    return { text, isCurrent };
  });
  const range = shown.length > room ? [`${from + 1} to ${Math.min(from + room, shown.length)} of ${shown.length}`] : [];
  const filter =
    state.filtering || state.filter !== ""
      ? [{ text: `/${escapeText(state.filter)}${state.filtering ? "_" : ""}` }]
      : [];
  return [
    { text: headText(title, [...range, ...marksTexts(state, shown)], width) },
    ...list,
    ...(shown.length === 0 ? [{ text: "  no match" }] : []),
    ...filter,
    { text: state.filtering ? KEYS_OF_FILTER : KEYS },
  ];
}

/** The notes alone where there is no room for both: the title does not change, and they do. */
function headText(title: string, notes: readonly string[], width: number): string {
  if (notes.length === 0) return title;
  const text = `${title} (${notes.join(", ")})`;
  return widthOf(text) <= width ? text : notes.join(", ");
}

/** Enter takes the marked ones that the filter hides as well. */
function marksTexts({ marked }: PickState, shown: readonly Choice[]): string[] {
  if (marked.size === 0) return [];
  const hidden = marked.size - shown.filter(({ id }) => marked.has(id)).length;
  if (hidden === 0) return [`${marked.size} marked`];
  return [`${marked.size} marked`, `${hidden === marked.size ? "" : `${hidden} of them `}hidden by the filter`];
}
