/** The longest transactions, with the share that they spent outside SQLite, and their statements. Pure. */
import type { StatementFact, TransactionLine, TransactionOutcome } from "../../recording/lines.ts";
import { grouped } from "../../text/list.ts";
import type { Style } from "../style.ts";
import { fitted } from "./waits.ts";
import { type Names, percent, shortSql, timeCell, whoText } from "./words.ts";

const OUTCOMES: Readonly<Record<TransactionOutcome, string>> = {
  commit: "commit",
  rollback: "rollback",
  open: "open",
  "process-ended": "ended",
  unknown: "?",
};

/** At the end of the recording, for those that are open. */
export function transactionRows(
  transactions: readonly TransactionLine[],
  durationMs: number,
  names: Names,
  style: Style,
): string[] {
  const heads = ["OPEN FOR", "KIND", "OUTSIDE", "END"];
  const cells = transactions.map((each) => [
    timeCell((each.toMs ?? durationMs) - each.fromMs, each.atLeast || each.toMs === null),
    each.kind,
    outsideCell(each),
    OUTCOMES[each.outcome],
  ]);
  const widths = heads.map((head, i) => Math.max(head.length, ...cells.map((row) => (row[i] ?? "").length)));
  const left = (row: readonly string[]) =>
    `  ${row.map((cell, i) => (i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join("  ")}  `;
  const head = `${left(heads)}PROCESS AND STATEMENTS`;
  return [
    style.chalk?.dim(head) ?? head,
    ...transactions.map((each, i) =>
      fitted(`${left(cells[i] ?? [])}${whoText(each, names, 24)}${statementsTail(each)}`, style),
    ),
  ];
}

/** Of the time that is known. */
function outsideCell({ insideMs, outsideMs }: TransactionLine): string {
  if (insideMs === null || outsideMs === null) return "?";
  const all = insideMs + outsideMs;
  return all === 0 ? "-" : percent(outsideMs / all);
}

/** `: begin immediate; insert into t values(?) x 3,000; commit`. */
function statementsTail({ statements, moreStatements }: TransactionLine): string {
  if (statements.every(({ sql }) => sql === null)) return "";
  const more = moreStatements === 0 ? "" : `; ${grouped(moreStatements)} more`;
  return `: ${statements.map(statementText).join("; ")}${more}`;
}

const MAX_SQL_IN_LIST = 80;

export function statementText({ sql, times = 1 }: StatementFact): string {
  const text = sql === null ? "?" : shortSql(sql, MAX_SQL_IN_LIST).replace(/;$/, "");
  return times === 1 ? text : `${text} x ${grouped(times)}`;
}
