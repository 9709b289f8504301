/** The waits, longest first: who waited for what, and behind whom. Pure. */
import type { BlockerFact, WaitLine, WaitOutcome } from "../../recording/lines.ts";
import { grouped } from "../../text/list.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import { lockCell, type Names, shortSql, time, timeCell, whoText } from "./words.ts";

export const OUTCOMES: Readonly<Record<WaitOutcome, string>> = {
  granted: "got it",
  "gave-up": "gave up",
  killed: "killed",
  still: "waiting",
  unknown: "unknown",
};

/** From this width on a wait has two lines: what waited, and what was in the way. Below it has three. */
const WIDE = 110;

const HEADS = ["WAITED", "FOR", "TRIES", "OUTCOME"];

export function waitRows(waits: readonly WaitLine[], names: Names, atLeast: boolean, style: Style): string[] {
  if (waits.length === 0) return [];
  const rows = waits.map((wait) => [
    timeCell(wait.waitedMs, atLeast && wait.outcome === "still"),
    lockCell(wait.lock, wait.lockType),
    grouped(wait.attempts),
    OUTCOMES[wait.outcome],
  ]);
  const left = leftColumns(HEADS, rows, 2);
  const isWide = style.width >= WIDE;
  const head = `${left(HEADS)}${isWide ? "PROCESS, AND ITS BLOCKER" : "PROCESS, STATEMENT, AND BLOCKER"}`;
  const indent = " ".repeat(isWide ? left(HEADS).length : left(HEADS.slice(0, 1)).length);
  return [
    style.chalk?.dim(head) ?? head,
    ...waits.flatMap((wait, i) => {
      const who = `${left(rows[i] ?? [])}${whoText(wait, names)}`;
      const blockers = fitted(`${indent}${blockersText(wait, names)}`, style);
      const paint = wait.outcome === "gave-up" && style.chalk !== null ? style.chalk.red : (text: string) => text;
      if (isWide) return [paint(fitted(`${who}${sqlTail(wait.sql)}`, style)), blockers];
      const sql = wait.sql === null ? [] : [fitted(`${indent}${shortSql(wait.sql)}`, style)];
      return [paint(fitted(who, style)), ...sql, blockers];
    }),
  ];
}

/** The columns before the text: a function that makes them of the cells of a row. `right`: the one of numbers. */
export function leftColumns(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  right: number,
): (cells: readonly string[]) => string {
  const widths = heads.map((head, i) => rows.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), head.length));
  return (cells) =>
    cells.reduce((text, cell, i) => {
      const width = widths[i] ?? 0;
      return `${text}${i === right ? cell.padStart(width) : cell.padEnd(width)}  `;
    }, "  ");
}

/** `behind 4242 (python import.py), WRITE for 5.8 s: begin immediate`; escaped. */
export function blockersText({ blockers, oversleptMs, waitedMs }: WaitLine, names: Names): string {
  const [first, ...others] = blockers;
  const free =
    oversleptMs > waitedMs / 10 && oversleptMs >= 1 ? `; free for ${time(oversleptMs)} before it looked` : "";
  if (first === undefined) return `blocker not known${free}`;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `behind ${blockerText(first, names)}${more}${free}${sqlTail(first.sql)}`;
}

function blockerText(blocker: BlockerFact, names: Names): string {
  const lock = lockCell(blocker.lock, blocker.lockType);
  return `${whoText(blocker, names)}, ${lock} for ${time(blocker.heldMs, blocker.atLeast)}`;
}

export function sqlTail(sql: string | null): string {
  return sql === null ? "" : `: ${shortSql(sql)}`;
}

export function fitted(line: string, { width, ellipsis }: Pick<Style, "width" | "ellipsis">): string {
  return cut(line, width, ellipsis).trimEnd();
}
