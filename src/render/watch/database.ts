/** One database on the screen: what it is, how much the write lock was held, and its holders. Pure. */
import { basename } from "node:path";
import type { HolderView } from "../../features/watch/holder-view.ts";
import { type Interaction, isSelected } from "../../features/watch/interaction.ts";
import { occupancy } from "../../features/watch/occupancy.ts";
import type { DatabaseView, View } from "../../features/watch/state.ts";
import { blocksSomebody, keepsOthersOut } from "../../model/blockers.ts";
import { hasUsersOutOfSight } from "../../model/out-of-sight.ts";
import { isWriteLock } from "../../sqlite/locks.ts";
import { escapeText } from "../../text/escape.ts";
import { framesText } from "../../text/frames.ts";
import { hiddenHolderClause } from "../../text/hidden.ts";
import { size as sizeText } from "../../text/size.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";
import { SCREEN_COLUMNS } from "./columns.ts";
import { sparkline } from "./sparkline.ts";
import { tableLines } from "./table.ts";

export function databaseLines(
  database: DatabaseView,
  view: View,
  interaction: Interaction,
  width: number,
  maxHolders: number,
  style: Style,
): string[] {
  return [
    databaseLine(database, width, style),
    writingLine(database, view, width, style),
    ...holderLines(database, interaction, width, maxHolders, style),
  ];
}

function databaseLine({ path, report, looked }: DatabaseView, width: number, style: Style): string {
  const hidden = hiddenHolderClause(report?.unownedLocks ?? []);
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
          ...(report.wal === null ? [] : [`WAL ${framesText(report.wal)}`]),
          ...(hidden === null ? [] : [hidden]),
        ];
  const rest = `: ${facts.join(", ")}`;
  const whole = escapeText(path);
  const name = widthOf(whole + rest) <= width ? whole : escapeText(basename(path));
  const shown = cut(name, Math.max(8, width - widthOf(rest)), style.ellipsis);
  return (style.chalk?.bold(shown) ?? shown) + cut(rest, Math.max(0, width - widthOf(shown)), style.ellipsis);
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

function isAllSeen(report: DatabaseView["report"]): boolean {
  return report === null || (hiddenHolderClause(report.unownedLocks) === null && !hasUsersOutOfSight(report));
}

/** `maxHolders`: with the selected one among them. */
function holderLines(
  { holders, report }: DatabaseView,
  { selected }: Interaction,
  width: number,
  maxHolders: number,
  style: Style,
): string[] {
  if (holders.length === 0) return [isAllSeen(report) ? "nobody has it open" : "nobody visible has it open"];
  const at = holders.findIndex((holder) => isSelected(holder, selected));
  const first = Math.max(0, Math.min(at - maxHolders + 1, holders.length - maxHolders));
  const shown = holders.slice(first, first + maxHolders);
  const table = tableLines(SCREEN_COLUMNS, shown, { width: width - MARK.length, ellipsis: style.ellipsis });
  const header = cut(NO_MARK + table.header, width, style.ellipsis);
  const lines = shown.map((holder, i) => {
    const isCurrent = first + i === at;
    const line = cut((isCurrent ? MARK : NO_MARK) + table.lines[i], width, style.ellipsis);
    return painted(line, holder, isCurrent, style);
  });
  const more = holders.length - shown.length;
  return [
    style.chalk?.dim(header) ?? header,
    ...lines,
    ...(more > 0 ? [cut(`${NO_MARK}... and ${more} more`, width, style.ellipsis)] : []),
  ];
}

function painted(line: string, holder: HolderView, isCurrent: boolean, { chalk }: Style): string {
  if (chalk === null) return line;
  const colour = keepsOthersOut(holder) ? chalk.red : blocksSomebody(holder) ? chalk.yellow : chalk;
  return isCurrent ? colour.inverse(line) : colour(line);
}
