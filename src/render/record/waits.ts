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

/** Two lines each: the one that waited, and the one that it waited for. */
export function waitRows(waits: readonly WaitLine[], names: Names, atLeast: boolean, style: Style): string[] {
  const cells = waits.map((wait) => [
    timeCell(wait.waitedMs, atLeast && wait.outcome === "still"),
    lockCell(wait.lock, wait.lockType),
    grouped(wait.attempts),
    OUTCOMES[wait.outcome],
  ]);
  const heads = ["WAITED", "FOR", "TRIES", "OUTCOME"];
  const widths = heads.map((head, i) => Math.max(head.length, ...cells.map((row) => (row[i] ?? "").length)));
  const left = (row: readonly string[]) =>
    `  ${row.map((cell, i) => (i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join("  ")}  `;
  const blank = left(["", "", "", ""]);
  const head = `${left(heads)}WHO, AND WHO WAS IN THE WAY`;
  return [
    style.chalk?.dim(head) ?? head,
    ...waits.flatMap((wait, i) => [
      fitted(`${left(cells[i] ?? [])}${whoText(wait, names)}${sqlTail(wait.sql)}`, style),
      fitted(`${blank}${blockersText(wait, names)}`, style),
    ]),
  ];
}

/** `behind 4242 (python import.py), WRITE for 5.8 s: begin immediate`; escaped. */
export function blockersText({ blockers, oversleptMs, waitedMs }: WaitLine, names: Names): string {
  const [first, ...others] = blockers;
  const free =
    oversleptMs > waitedMs / 10 && oversleptMs >= 1 ? `; free for ${time(oversleptMs)} before it looked` : "";
  if (first === undefined) return `behind whom is not known${free}`;
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
