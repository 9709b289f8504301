/**
 * One database on the screen: whether it is locked, what it is, how much the write lock was held, and its processes.
 * Pure.
 */
import { basename } from "node:path";
import type { HolderView } from "../../features/watch/holder-view.ts";
import { type Interaction, isSelected } from "../../features/watch/interaction.ts";
import { occupancy } from "../../features/watch/occupancy.ts";
import type { DatabaseView, View } from "../../features/watch/view.ts";
import { blocksSomebody, keepsOthersOut } from "../../model/blockers.ts";
import { isWriteLock } from "../../sqlite/locks.ts";
import { escapeText } from "../../text/escape.ts";
import { hiddenHolderClause } from "../../text/hidden.ts";
import { size as sizeText } from "../../text/size.ts";
import { cut } from "../layout.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";
import { SCREEN_COLUMNS } from "./columns.ts";
import { fixedTable } from "./fixed-table.ts";
import type { Rows } from "./rows.ts";
import { sparkline } from "./sparkline.ts";
import { verdictText } from "./verdict.ts";
import { walText } from "./wal.ts";

/** As many lines for each part as `rows` has for it. `holderRows`: of the processes of this database. */
export function databaseLines(
  database: DatabaseView,
  view: View,
  interaction: Interaction,
  width: number,
  rows: Rows,
  holderRows: number,
  style: Style,
): string[] {
  return [
    ...verdictLines(database, width, rows.verdict, style),
    fileLine(database, width, style),
    ...(rows.showsWal && database.most.wal ? [walLine(database, width, style)] : []),
    ...(rows.showsWriting ? [writingLine(database, view, width, style)] : []),
    ...(holderRows > 0 ? holderLines(database, interaction, width, holderRows, style) : []),
  ];
}

function verdictLines({ verdict }: DatabaseView, width: number, rows: number, style: Style): string[] {
  const text = escapeText(verdictText(verdict));
  const [first = "", ...rest] = rows === 1 ? [text] : paragraph(text, "  ", { width }).split("\n");
  const lines = rest.length < rows ? [first, ...rest] : [first, `  ${rest.map((line) => line.trim()).join(" ")}`];
  return filled(lines, rows).map((line) => {
    const shown = cut(line, width, style.ellipsis);
    return style.chalk?.bold(shown) ?? shown;
  });
}

function fileLine({ path, report, looked }: DatabaseView, width: number, style: Style): string {
  const hidden = hiddenHolderClause(report?.unownedLocks ?? []);
  const facts =
    report === null
      ? [looked ? "no such file" : "not inspected yet"]
      : [
          report.sizeBytes === null
            ? "deleted"
            : report.journalMode === "wal"
              ? "WAL mode"
              : report.journalMode === "rollback"
                ? "rollback journal"
                : "no journal mode yet",
          ...(report.sizeBytes === null ? [] : [sizeText(report.sizeBytes)]),
          ...(hidden === null ? [] : [hidden]),
        ];
  const rest = `: ${facts.join(", ")}`;
  const whole = escapeText(path);
  const name = widthOf(whole + rest) <= width ? whole : escapeText(basename(path));
  const shown = cut(name, Math.max(8, width - widthOf(rest)), style.ellipsis);
  return shown + cut(rest, Math.max(0, width - widthOf(shown)), style.ellipsis);
}

function walLine({ wal, report }: DatabaseView, width: number, style: Style): string {
  return wal === null ? "" : cut(walText(wal, report?.wal ?? null), width, style.ellipsis);
}

/** A second a column. */
const SLOT_MS = 1000;
const MAX_SLOTS = 60;

function writingLine(
  { writing, holders }: DatabaseView,
  { nowMs, startedMs }: View,
  width: number,
  style: Style,
): string {
  const label = "write lock ";
  const slots = Math.max(5, Math.min(MAX_SLOTS, width - label.length - 24));
  // whole seconds: else each drawing would cut the holds in another way
  const until = Math.ceil(nowMs / SLOT_MS) * SLOT_MS;
  const ended = writing.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? nowMs }));
  const shares = occupancy(ended, until, SLOT_MS, slots);
  const seconds = Math.min(slots, Math.max(1, (nowMs - startedMs) / SLOT_MS));
  const share = Math.min(1, shares.reduce((sum, each) => sum + each, 0) / seconds);
  const writer = holders.find(
    ({ blocks, locks }) => blocks.includes("writers") && locks.some((lock) => !lock.waiting && isWriteLock(lock)),
  );
  const now = writer === undefined ? "" : `, now ${writer.pid}`;
  const tail = ` ${(share * 100).toFixed(0)} % of ${Math.floor(seconds)} s${now}`;
  const line = sparkline(shares, style.ellipsis === "…");
  return (
    label + (style.chalk?.cyan(line) ?? line) + cut(tail, Math.max(0, width - label.length - slots), style.ellipsis)
  );
}

const MARK = "> ";
const NO_MARK = "  ";

/** The header, and `rows` lines: with the selected process among them, and how many more there are. */
function holderLines(
  { holders }: DatabaseView,
  { selected }: Interaction,
  width: number,
  rows: number,
  style: Style,
): string[] {
  const { shown, more } = shownHolders(holders, selected, rows);
  const table = fixedTable(SCREEN_COLUMNS, shown, { width: width - MARK.length, ellipsis: style.ellipsis });
  const moreText = `... and ${more} more`;
  // a single row has no line below it
  const aside = more > 0 && rows === 1 ? `  ${moreText}` : "";
  const room = Math.max(0, width - widthOf(aside));
  const header = cut(
    cut(NO_MARK + table.header, room, style.ellipsis).padEnd(aside === "" ? 0 : room) + aside,
    width,
    style.ellipsis,
  );
  const lines = shown.map((holder, i) => {
    const isCurrent = isSelected(holder, selected);
    const line = cut((isCurrent ? MARK : NO_MARK) + table.lines[i], width, style.ellipsis);
    return painted(line, holder, isCurrent, style);
  });
  const moreLine = more > 0 && rows > 1 ? [cut(NO_MARK + moreText, width, style.ellipsis)] : [];
  return [style.chalk?.dim(header) ?? header, ...filled([...lines, ...moreLine], rows)];
}

/** Where there is no room for all, those that have gone give way first. */
function shownHolders(
  holders: readonly HolderView[],
  selected: Interaction["selected"],
  rows: number,
): { readonly shown: readonly HolderView[]; readonly more: number } {
  const isHere = (holder: HolderView) => holder.gone === null || isSelected(holder, selected);
  const here = holders.filter(isHere);
  if (here.length <= rows) {
    const gone = holders.filter((holder) => !isHere(holder)).sort((a, b) => goneMs(b) - goneMs(a));
    const last = new Set(gone.slice(0, rows - here.length));
    return { shown: holders.filter((holder) => isHere(holder) || last.has(holder)), more: 0 };
  }
  const room = Math.max(1, rows - 1);
  const at = here.findIndex((holder) => isSelected(holder, selected));
  const first = Math.max(0, Math.min(at - room + 1, here.length - room));
  const window = here.slice(first, first + room);
  const [top] = here;
  // the process that the verdict names stays in sight
  const isHidden = first > 0 && room > 1 && top !== undefined && keepsOthersOut(top);
  return { shown: isHidden ? [top, ...window.slice(1)] : window, more: here.length - room };
}

function goneMs({ gone }: HolderView): number {
  return gone?.atMs ?? 0;
}

function painted(line: string, holder: HolderView, isCurrent: boolean, { chalk }: Style): string {
  if (chalk === null) return line;
  const colour =
    holder.gone !== null
      ? chalk.dim
      : keepsOthersOut(holder)
        ? chalk.red
        : blocksSomebody(holder)
          ? chalk.yellow
          : chalk;
  return isCurrent ? colour.inverse(line) : colour(line);
}

/** Exactly so many lines. */
export function filled(lines: readonly string[], rows: number): string[] {
  return [...lines.slice(0, rows), ...Array.from({ length: Math.max(0, rows - lines.length) }, () => "")];
}
