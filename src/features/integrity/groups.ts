/** Problems by what they are in: a table, an index, or neither. Pure. */
import { groupBy } from "./group-by.ts";
import type { CheckName, Problem } from "./report.ts";

export interface Group {
  readonly check: CheckName;
  readonly table: string | null;
  readonly index: string | null;
  readonly problems: readonly Problem[];
}

/** In the order in which they were found; all of a table after one another. */
export function groupsOf(problems: readonly Problem[]): Group[] {
  return [...groupBy(problems, ({ table }) => table).values()].flatMap((ofTable) =>
    [...groupBy(ofTable, ({ check, index }) => JSON.stringify([check, index])).values()].map((same) => {
      const [{ check, table, index }] = same;
      return { check, table, index, problems: same };
    }),
  );
}

/** `table orders, index orders_by_date`; where nothing is known of it, what was checked. */
export function placeOf({ check, table, index }: Pick<Group, "check" | "table" | "index">): string {
  const parts = [...(table === null ? [] : [`table ${table}`]), ...(index === null ? [] : [`index ${index}`])];
  return parts.length > 0 ? parts.join(", ") : ELSEWHERE[check];
}

const ELSEWHERE: Record<CheckName, string> = {
  header: "the header",
  "companion-files": "the companion files",
  structure: "the file",
  "virtual-tables": "virtual tables",
  "foreign-keys": "foreign keys",
};

/** SQLite's words, with the row and the page where these do not say them. */
export function problemText({ check, message, rowid, page: onPage }: Problem): string {
  const said = new Set(message.match(/-?\d+/g));
  const page = check === "header" ? null : onPage;
  const more = [
    ...(rowid === null || said.has(String(rowid)) ? [] : [`row ${rowid}`]),
    ...(page === null || said.has(String(page)) ? [] : [`page ${page}`]),
  ];
  return more.length === 0 ? message : `${message} (${more.join(", ")})`;
}
