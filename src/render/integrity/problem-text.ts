/** The words for a problem and for where it is. Pure. */
import type { FoundProblem } from "../../features/integrity/protocol.ts";
import type { CheckName, Problem } from "../../features/integrity/report.ts";
import { headerFaultText } from "./header-fault-text.ts";

/** The message of a problem in the report: SQLite's, where there is one. */
export function messageOf({ cause, table, rowid, parent }: FoundProblem): string {
  switch (cause.kind) {
    case "sqlite":
      return cause.message;
    case "header":
      return headerFaultText(cause.fault);
    case "foreign-key": {
      const row = rowid === null ? "a row" : `row ${rowid}`;
      return cause.noParent === true
        ? `${row} of ${table} refers to ${parent}, and there is no such table${columnsText(cause)}`
        : `${row} of ${table} refers to a row of ${parent} that does not exist${columnsText(cause)}`;
    }
  }
}

/** ` (customer → id)`; "" where the columns are not known. */
function columnsText({ from, to }: Extract<FoundProblem["cause"], { kind: "foreign-key" }>): string {
  if (from.length === 0) return "";
  return ` (${from.join(", ")} → ${to.length === 0 ? "its primary key" : to.join(", ")})`;
}

/** `table orders, index orders_by_date`; where nothing is known of it, what was checked. */
export function locationText({ check, table, index }: Pick<Problem, "check" | "table" | "index">): string {
  const parts = [...(table === null ? [] : [`table ${table}`]), ...(index === null ? [] : [`index ${index}`])];
  return parts.length > 0 ? parts.join(", ") : CHECKED[check];
}

const CHECKED: Record<CheckName, string> = {
  header: "the header",
  "companion-files": "the companion files",
  structure: "the file",
  "virtual-tables": "virtual tables",
  "foreign-keys": "foreign keys",
};

/** Sentences of ours, which name all there is: see {@link messageOf}. */
const OUR_WORDS: readonly CheckName[] = ["header", "foreign-keys"];

/** The message, with the row and the page where SQLite's words have no such number. */
export function problemText({ check, message, rowid, page }: Problem): string {
  if (OUR_WORDS.includes(check)) return message;
  const numbers = new Set(message.match(/-?\d+/g));
  const more = [
    ...(rowid === null || numbers.has(String(rowid)) ? [] : [`row ${rowid}`]),
    ...(page === null || numbers.has(String(page)) ? [] : [`page ${page}`]),
  ];
  return more.length === 0 ? message : `${message} (${more.join(", ")})`;
}
