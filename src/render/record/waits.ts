/** The waits, longest first: who waited for what, and behind whom. Pure. */

import type { BlockerFact, SqlFacts, WaitLine, WaitOutcome } from "../../recording/lines.ts";
import { grouped } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { twoLines } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { atText, whoAtText } from "./call-site.ts";
import { whereText } from "./places.ts";
import { lockCell, type Names, sqlText, time, timeCell, whoText } from "./words.ts";

const OUTCOMES: Readonly<Record<WaitOutcome, string>> = {
  granted: "got it",
  "gave-up": "gave up",
  killed: "killed",
  still: "waiting",
  unknown: "unknown",
};

/** In a sentence, where no heading says what it is. */
export function outcomeText(outcome: WaitOutcome): string {
  return outcome === "unknown" ? "outcome unknown" : OUTCOMES[outcome];
}

/** From this width on a wait has two lines: what waited, and what was in the way. Below it has three. */
const WIDE = 110;

const HEADS = ["WAITED", "FOR", "TRIES", "OUTCOME"];

/** Of reports: when it began. */
export const WHEN = "AT";

/** `whenOf`: the text of a moment of the recording; left out: that is not shown. */
export function waitRows(
  waits: readonly WaitLine[],
  databases: readonly { readonly path: string }[],
  names: Names,
  atLeast: boolean,
  style: Style,
  whenOf?: (atMs: number) => string,
): string[] {
  if (waits.length === 0) return [];
  const when = whenOf === undefined ? [] : [WHEN];
  const heads = [...when, ...HEADS];
  const isWide = style.width >= WIDE;
  const shown = folded(waits, names);
  const rows = shown.map(({ wait }) => [
    ...(whenOf === undefined ? [] : [whenOf(wait.fromMs)]),
    isAtOnce(wait) ? "at once" : timeCell(wait.waitedMs, atLeast && wait.outcome === "still"),
    lockCell(wait.lock, wait.lockType),
    wait.attempts === 0 ? "-" : grouped(wait.attempts),
    OUTCOMES[wait.outcome],
  ]);
  const left = leftColumns(heads, rows, heads.length - 2);
  const head = `${left(heads)}${isWide ? "PROCESS, AND ITS BLOCKER" : "PROCESS, STATEMENT, AND BLOCKER"}`;
  const indent = " ".repeat(left(isWide ? heads : heads.slice(0, 1)).length);
  return [
    style.chalk?.dim(head) ?? head,
    ...shown.flatMap(({ wait, times }, i) => {
      const several = times === 1 ? "" : ` x ${grouped(times)}`;
      const where = whereText(wait.path, databases);
      const at = atText(wait.callSite, names.folder);
      const who = `${left(rows[i] ?? [])}${where}${whoText(wait, names)}${isWide ? at : ""}${several}`;
      const more = wait.perhapsSeveralCalls === true ? "; perhaps several calls" : "";
      const behind = times === 1 ? blockersText(wait, names) : blockerNames(wait, names, true);
      const isTold = wait.blockers.some(({ callSite }) => callSite !== null);
      const lines = isTold
        ? twoLines(`${indent}${behind}${more}`, `${indent}  `, style)
        : [`${indent}${behind}${more}`];
      const blockers = lines.map((line) => fitted(line, style));
      const paint = wait.outcome === "gave-up" && style.chalk !== null ? style.chalk.red : (text: string) => text;
      if (isWide) return [paint(fitted(`${who}${sqlTail(wait)}`, style)), ...blockers];
      const text = sqlText(wait);
      const parts = [at.trimStart(), text ?? ""].filter((part) => part !== "");
      const sql = parts.length === 0 ? [] : [fitted(`${indent}${parts.join(": ")}`, style)];
      return [paint(fitted(who, style)), ...sql, ...blockers];
    }),
  ];
}

/** Refused with one attempt, and no second one: there was no wait. */
export function isAtOnce({ attempts, outcome, waitedMs }: WaitLine): boolean {
  return attempts === 1 && outcome === "gave-up" && waitedMs < 1;
}

interface Folded {
  readonly wait: WaitLine;
  readonly times: number;
}

/** Refusals at once that read the same are one row. */
function folded(waits: readonly WaitLine[], names: Names): Folded[] {
  const rows = new Map<string, Folded>();
  for (const [i, wait] of waits.entries()) {
    const key = isAtOnce(wait) ? keyOf(wait, names) : String(i);
    rows.set(key, { wait: rows.get(key)?.wait ?? wait, times: (rows.get(key)?.times ?? 0) + 1 });
  }
  return [...rows.values()];
}

function keyOf(wait: WaitLine, names: Names): string {
  const { path, lock, lockType, sql, callSite } = wait;
  const at = atText(callSite, names.folder);
  return JSON.stringify([path, whoText(wait, names), lock, lockType, sql, at, blockerNames(wait, names, true)]);
}

/** `behind 4242 (python import.py) and 1 more`; escaped. `withSite`: with its line of code. */
export function blockerNames(wait: WaitLine, names: Names, withSite = false): string {
  const [first, ...others] = wait.blockers;
  if (first === undefined) return "blocker not known";
  const at = withSite ? atText(first.callSite, names.folder) : "";
  const name = `${isOwn(first, wait) ? OWN : whoText(first, names)}${at}`;
  return `behind ${name}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

const OWN = "another connection of its own process (likely)";

/** The kernel refuses a process no lock that it has itself: SQLite does that. */
export function isOwn(blocker: BlockerFact, { pid, withinProcess }: WaitLine): boolean {
  return withinProcess === true || blocker.pid === pid;
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
export function blockersText(wait: WaitLine, names: Names): string {
  const { blockers, oversleptMs, waitedMs } = wait;
  const [first, ...others] = blockers;
  const free =
    oversleptMs > waitedMs / 10 && oversleptMs >= 1 ? `; free for ${time(oversleptMs)} before it looked` : "";
  if (first === undefined) return `blocker not known${free}`;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  if (isOwn(first, wait)) {
    const thread = first.tid === null || first.tid === first.pid ? "" : `, thread ${first.tid}`;
    const other = others.find((each) => !isOwn(each, wait));
    const also = other === undefined ? more : `${thread === "" ? "" : ","} and ${blockerText(other, names)}`;
    return `behind ${OWN}${thread}${atText(first.callSite, names.folder)}${also}${free}${sqlTail(first)}`;
  }
  return `behind ${blockerText(first, names)}${more}${free}${sqlTail(first)}`;
}

function blockerText(blocker: BlockerFact, names: Names): string {
  const lock = lockCell(blocker.lock, blocker.lockType);
  return `${whoAtText(blocker, names)}, ${lock} for ${time(blocker.heldMs, blocker.atLeast)}`;
}

export function sqlTail(facts: SqlFacts): string {
  const text = sqlText(facts);
  return text === null ? "" : `: ${text}`;
}

export function fitted(line: string, { width, ellipsis }: Pick<Style, "width" | "ellipsis">): string {
  return cut(line, width, ellipsis).trimEnd();
}
