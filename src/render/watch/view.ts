/**
 * The screen: a view and its size in, lines out. Pure. Each line fits, and nothing that comes from outside is in it
 * unescaped.
 */
import { basename } from "node:path";
import { occupancy, sparkline } from "../../features/watch/occupancy.ts";
import type { DatabaseView, HolderView, LogEntry, View } from "../../features/watch/state.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { size as sizeText } from "../../text/size.ts";
import { unseenLine } from "../finding.ts";
import { cut } from "../layout.ts";
import { paragraph } from "../paragraph.ts";
import { PLAIN, type Style } from "../style.ts";
import widthOf from "../width.ts";
import { lockText, shortTime, timeOf } from "./lines.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What the person has done with the keys. */
export interface Interaction {
  readonly selected: { readonly path: string; readonly pid: number } | null;
  readonly paused: boolean;
  readonly help: boolean;
}

const KEYS = "q quit  p pause  k kill  j/down up select  ? help";

const HELP = [
  "q, Ctrl-C   end, and print a summary",
  "p           pause: the screen stands still, the watching goes on",
  "j, down, up select a process",
  "k           kill the selected process (asks first)",
  "Ctrl-Z      to the shell; fg comes back",
  "?           this help, and back",
  "",
  "Locks are read from /proc/locks every 2 ms or so: what is shorter may be missed, and a pause that is shorter " +
    "joins two holds to one.",
  "Who has the database open, the findings, and OFD locks, which have no owner in /proc/locks, come from a look " +
    "at all processes every --interval.",
  "HELD is for how long the process has held the strongest of its locks: from when it was seen to take it, or, " +
    "with >=, at least.",
  "The write lock is WRITE in WAL mode, RESERVED and what follows it in rollback mode. One column of its line is " +
    "a second; the last is now.",
];

/** The lowest and highest row of text in which a terminal shows the last column safely: one column is left free. */
const MARGIN = 1;

/** At most `rows` lines of at most `columns` - 1 columns. */
export function render(view: View, interaction: Interaction, size: Size, style: Style): string[] {
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

function helpLines(width: number, style: Style): string[] {
  const lines = HELP.flatMap((line) =>
    paragraph(line, "            ".slice(0, line.startsWith("  ") || /^\S.* {2,}\S/.test(line) ? 12 : 0), {
      ...style,
      width,
    }).split("\n"),
  );
  return ["", ...lines.map((line) => cut(line, width, style.ellipsis))];
}

/** The shares of the rows that holders and findings may take; the rest is for the events. */
const HOLDERS_SHARE = 0.5;
const FINDINGS_SHARE = 0.3;

function bodyLines(view: View, interaction: Interaction, width: number, room: number, style: Style): string[] {
  const each = Math.max(2, Math.floor((room * HOLDERS_SHARE) / view.databases.length));
  const top = view.databases.flatMap((database) => [
    "",
    ...databaseLines(database, view, interaction, width, each, style),
  ]);
  const findings = findingLines(view, width, Math.max(2, Math.floor(room * FINDINGS_SHARE)), style);
  const unseen =
    view.unseen === null
      ? []
      : ["", cut(unseenLine(view.unseen, { ...PLAIN, ellipsis: style.ellipsis }), width, style.ellipsis)];
  const left = room - top.length - findings.length - unseen.length - 2;
  const events = left < 1 ? [] : view.log.slice(-left).map((entry) => logLine(entry, view, width, style));
  return [...top, ...findings, ...unseen, ...(events.length > 0 ? ["", ...events] : [])];
}

function databaseLines(
  database: DatabaseView,
  view: View,
  interaction: Interaction,
  width: number,
  most: number,
  style: Style,
): string[] {
  return [
    databaseLine(database, width, style),
    writingLine(database, view, width, style),
    ...tableLines(database.holders, interaction, width, most, style),
  ];
}

function databaseLine({ path, report, looked }: DatabaseView, width: number, style: Style): string {
  const facts =
    report === null
      ? [looked ? "no such file: waiting for it" : "looking"]
      : [
          report.sizeBytes === null
            ? "deleted"
            : report.journalMode === "wal"
              ? "WAL mode"
              : report.journalMode === "rollback"
                ? "rollback journal"
                : "no journal mode yet",
          ...(report.sizeBytes === null ? [] : [sizeText(report.sizeBytes)]),
          ...(report.wal === null ? [] : [`WAL ${count(report.wal.frames, "frame")}`]),
        ];
  const rest = `: ${facts.join(", ")}`;
  const whole = escapeText(path);
  const name = widthOf(whole + rest) <= width ? whole : escapeText(basename(path));
  const shown = cut(name, Math.max(8, width - widthOf(rest)), style.ellipsis);
  return (style.chalk?.bold(shown) ?? shown) + cut(rest, Math.max(0, width - widthOf(shown)), style.ellipsis);
}

/** A second a column. */
const SLOT_MS = 1000;
const MOST_SLOTS = 60;

function writingLine(
  { writing, holders }: DatabaseView,
  { nowMs, startedMs }: View,
  width: number,
  style: Style,
): string {
  const label = "write lock ";
  const slots = Math.max(5, Math.min(MOST_SLOTS, width - label.length - 24));
  // whole seconds: else each drawing would cut the holds in another way
  const until = Math.ceil(nowMs / SLOT_MS) * SLOT_MS;
  const ended = writing.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? nowMs }));
  const shares = occupancy(ended, until, SLOT_MS, slots);
  const seconds = Math.min(slots, Math.max(1, (nowMs - startedMs) / SLOT_MS));
  const share = Math.min(1, shares.reduce((sum, each) => sum + each, 0) / seconds);
  const writer = holders.find(
    ({ blocks, locks }) => blocks.includes("writers") && /\b(WRITE|RESERVED|PENDING|EXCLUSIVE)\b/.test(locks),
  );
  const tail = ` ${(share * 100).toFixed(0)} % of ${Math.floor(seconds)} s${writer === undefined ? "" : `, now ${writer.pid}`}`;
  const line = sparkline(shares, style.ellipsis === "…");
  return (
    label + (style.chalk?.cyan(line) ?? line) + cut(tail, Math.max(0, width - label.length - slots), style.ellipsis)
  );
}

interface ColumnOfScreen {
  readonly name: string;
  readonly text: (holder: HolderView) => string;
  readonly cut: boolean;
  /** Left out where the screen has fewer columns. */
  readonly from: number;
}

const COLUMNS: readonly ColumnOfScreen[] = [
  { name: "PID", text: ({ pid }) => String(pid), cut: false, from: 0 },
  { name: "COMMAND", text: ({ command }) => escapeText(command), cut: true, from: 0 },
  {
    name: "ACTIVITY",
    text: ({ activity, stale }) => (stale.includes("stopped") ? "stopped" : activity),
    cut: false,
    from: 60,
  },
  { name: "LOCKS", text: ({ locks }) => locks || "-", cut: true, from: 0 },
  { name: "HELD", text: heldText, cut: false, from: 0 },
  {
    name: "BLOCKS",
    text: ({ blocks }) => blocks.filter((block) => block !== "journal-mode").join(", ") || "-",
    cut: true,
    from: 76,
  },
];

function heldText({ heldMs, atLeast, locks }: HolderView): string {
  if (heldMs === null) return locks === "" ? "-" : "?";
  return `${atLeast ? ">= " : ""}${shortTime(Math.floor(heldMs / 100) * 100)}`;
}

const GAP = "  ";
const MARK = "> ";

function tableLines(
  holders: readonly HolderView[],
  { selected }: Interaction,
  width: number,
  most: number,
  style: Style,
): string[] {
  if (holders.length === 0) return ["nobody has it open"];
  const shownColumns = COLUMNS.filter(({ from }) => width >= from);
  const at = holders.findIndex(({ pid, path }) => pid === selected?.pid && path === selected.path);
  const first = Math.max(0, Math.min(at - most + 1, holders.length - most));
  const shown = holders.slice(first, first + most);
  const texts = shownColumns.map((column) => shown.map((holder) => column.text(holder)));
  const widths = widthsOf(shownColumns, texts, width - MARK.length - GAP.length * (shownColumns.length - 1));
  const row = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const text = cut(cell, widths[i] ?? 0, style.ellipsis);
        const space = " ".repeat(Math.max(0, (widths[i] ?? 0) - widthOf(text)));
        return shownColumns[i]?.name === "PID" ? space + text : text + space;
      })
      .join(GAP)
      .trimEnd();
  const head = cut(`  ${row(shownColumns.map(({ name }) => name))}`, width, style.ellipsis);
  const rows = shown.map((holder, i) => {
    const mark = first + i === at ? MARK : "  ";
    return paint(
      cut(mark + row(texts.map((each) => each[i] ?? "")), width, style.ellipsis),
      holder,
      first + i === at,
      style,
    );
  });
  const more = holders.length - shown.length;
  const rest = more > 0 ? [cut(`  ... and ${more} more`, width, style.ellipsis)] : [];
  return [style.chalk?.dim(head) ?? head, ...rows, ...rest];
}

const LEAST_WIDTH = 5;

/** Columns that may be cut give way, the widest first. */
function widthsOf(
  columns: readonly ColumnOfScreen[],
  texts: readonly (readonly string[])[],
  available: number,
): number[] {
  const widths = columns.map(({ name }, i) => Math.max(widthOf(name), ...(texts[i] ?? []).map(widthOf)));
  const sum = () => widths.reduce((all, width) => all + width, 0);
  while (sum() > available) {
    const widest = widths.reduce(
      (best, width, i) => (columns[i]?.cut === true && width > Math.max(LEAST_WIDTH, widths[best] ?? 0) ? i : best),
      -1,
    );
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function paint(line: string, { blocks }: HolderView, selected: boolean, { chalk }: Style): string {
  if (chalk === null) return line;
  const blocking = blocks.includes("readers") || blocks.includes("writers");
  const colour = blocking
    ? chalk.red
    : blocks.includes("commits") || blocks.includes("checkpoints")
      ? chalk.yellow
      : chalk;
  return selected ? colour.inverse(line) : colour(line);
}

function findingLines({ databases }: View, width: number, most: number, style: Style): string[] {
  const all = databases.flatMap(({ findings }) => findings);
  if (all.length === 0) return [];
  const shown = all.length > most ? all.slice(0, most - 1) : all;
  const lines = shown.map(({ severity, id, summary }) => {
    const line = cut(`${severity} ${id}: ${escapeText(summary)}`, width, style.ellipsis);
    const label = `${severity} ${id}`;
    const colour =
      severity === "error" ? style.chalk?.red : severity === "warning" ? style.chalk?.yellow : style.chalk?.dim;
    return colour !== undefined && line.startsWith(label) ? colour(label) + line.slice(label.length) : line;
  });
  return [
    "",
    ...lines,
    ...(all.length > shown.length
      ? [cut(`... and ${count(all.length - shown.length, "more finding")}`, width, style.ellipsis)]
      : []),
  ];
}

/** `12:03:07 4242 took WRITE, held 1.8 s`. */
function logLine({ event, heldMs }: LogEntry, view: View, width: number, style: Style): string {
  const where = view.databases.length > 1 ? `${escapeText(basename(event.path))}: ` : "";
  return cut(`${timeOf(event.at, 0)} ${where}${logSentence(event, heldMs)}`, width, style.ellipsis);
}

function logSentence(event: LogEntry["event"], heldMs: number | null): string {
  const { pid, finding } = event;
  const name = event.name === null ? "" : ` (${escapeText(event.name)})`;
  switch (event.event) {
    case "held":
      return `${pid} has ${lockText(event)}${heldMs === null ? " already" : `, held at least ${shortTime(heldMs)}`}`;
    case "acquired":
    case "released":
      return (
        `${pid} took ${lockText(event)}` +
        (heldMs === null ? "" : `, held ${event.atLeast === true ? "at least " : ""}${shortTime(heldMs)}`)
      );
    case "finding":
      return `${finding?.severity} ${finding?.id}${pid === null ? "" : `: ${pid}`}`;
    case "resolved":
      return `no longer ${finding?.id}${pid === null ? "" : `: ${pid}`}`;
    case "missing":
      return "no such file yet";
    case "created":
    case "deleted":
      return `the database was ${event.event}`;
    case "replaced":
      return "the database was replaced by another file";
    case "closed":
    case "opened":
      return `${pid}${name} ${event.event} it`;
    case "ended":
      return `${pid}${name} has ended`;
    case "open":
    case "watching":
      return event.event;
  }
}
