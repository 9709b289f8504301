/** The longest transactions, with the share that they spent outside SQLite, and their statements. Pure. */

import type { StatementFact, TransactionLine, TransactionOutcome } from "../../recording/lines.ts";
import { grouped } from "../../text/list.ts";
import { twoLines } from "../paragraph.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";
import { lineText, pauseText, siteText } from "./call-site.ts";
import { whereText } from "./places.ts";
import { fitted, leftColumns, WHEN } from "./waits.ts";
import { type Names, percent, sqlText, timeCell, whoText } from "./words.ts";

const OUTCOMES: Readonly<Record<TransactionOutcome, string>> = {
  commit: "commit",
  rollback: "rollback",
  open: "open",
  "process-ended": "ended",
  unknown: "?",
};

const WIDE = 110;

/** `durationMs`: of the recording, until whose end some are open. `whenOf`: as of the waits. */
export function transactionRows(
  transactions: readonly TransactionLine[],
  databases: readonly { readonly path: string }[],
  durationMs: number,
  names: Names,
  style: Style,
  whenOf?: (atMs: number) => string,
): string[] {
  if (transactions.length === 0) return [];
  // Without calls, as in samples, it is known of none.
  const isOutsideKnown = transactions.some(({ outsideMs }) => outsideMs !== null);
  const heads = [
    ...(whenOf === undefined ? [] : [WHEN]),
    "OPEN FOR",
    "KIND",
    ...(isOutsideKnown ? ["OUTSIDE"] : []),
    "END",
  ];
  const rows = transactions.map((each) => [
    ...(whenOf === undefined ? [] : [whenOf(each.fromMs)]),
    timeCell((each.toMs ?? durationMs) - each.fromMs, each.atLeast || each.toMs === null),
    each.kind,
    ...(isOutsideKnown ? [outsideCell(each)] : []),
    OUTCOMES[each.outcome],
  ]);
  const left = leftColumns(heads, rows, heads.length - 2);
  const isWide = style.width >= WIDE;
  const head = `${left(heads)}${isWide ? "PROCESS AND STATEMENTS" : "PROCESS"}`;
  const indent = " ".repeat(left(heads.slice(0, 1)).length);
  return [
    style.chalk?.dim(head) ?? head,
    ...transactions.flatMap((each, i) => {
      const who = `${left(rows[i] ?? [])}${whereText(each.path, databases)}${whoText(each, names)}`;
      const sites = siteTexts(each, names.folder);
      const joined = `${indent}${sites.join("; ")}`;
      const lines =
        widthOf(joined) <= style.width
          ? [joined]
          : sites.flatMap((text) =>
              twoLines(`${indent}${text}`, `${indent}  `, style).map((line) => fitted(line, style)),
            );
      const at = sites.length === 0 ? [] : lines;
      const statements = statementsText(each);
      if (statements === "") return [fitted(who, style), ...at];
      if (isWide && widthOf(`${who}: ${statements}`) <= style.width) return [`${who}: ${statements}`, ...at];
      return [fitted(who, style), ...at, fitted(`${indent}${statements}`, style)];
    }),
  ];
}

/** What a cell does not say by itself; null: there is none. */
export function transactionLegend(transactions: readonly TransactionLine[]): string | null {
  return transactions.some(({ outcome }) => outcome === "unknown")
    ? "END ?: committed or rolled back, not known."
    : null;
}

/** Of the time that is known. */
function outsideCell({ insideMs, outsideMs }: TransactionLine): string {
  if (insideMs === null || outsideMs === null) return "?";
  const all = insideMs + outsideMs;
  return all === 0 ? "-" : percent(outsideMs / all);
}

/** A shorter pause says nothing. */
const NOTICED_MS = 10;

/** `begun at views.py:40 in save, ended at views.py:47`; `nothing for 2.1 s after views.py:42 (before line 45)` */
function siteTexts({ callSite, program }: TransactionLine, folder: string | null): string[] {
  const { endedAt, pause, leftOpenBy, endedBy } = program ?? {};
  const how = endedBy === "close" ? "closed" : endedBy === "collected" ? "dropped" : "ended";
  const ends = [
    ...(callSite === null ? [] : [`begun at ${siteText(callSite, folder)}`]),
    ...(endedAt === undefined ? [] : [`${how} at ${lineText(endedAt, folder)}`]),
  ].join(", ");
  return [
    ...(ends === "" ? [] : [ends]),
    ...(leftOpenBy === undefined ? [] : [`left open by its ${leftOpenBy}`]),
    ...(pause === undefined || pause.ms < NOTICED_MS ? [] : [pauseText(pause, folder)]),
  ];
}

/** `begin immediate; insert into t values(?) x 3,000; commit`; empty where none is known. */
function statementsText({ statements, moreStatements }: TransactionLine): string {
  if (statements.every(({ sql }) => sql === null)) return "";
  const more = moreStatements === 0 ? "" : `; ${grouped(moreStatements)} more`;
  return `${statements.map(statementText).join("; ")}${more}`;
}

const MAX_SQL_IN_LIST = 80;

export function statementText(statement: StatementFact): string {
  const { times = 1 } = statement;
  const text = sqlText(statement, MAX_SQL_IN_LIST)?.replace(/;$/, "") ?? "?";
  return times === 1 ? text : `${text} x ${grouped(times)}`;
}
