/** What was done to each of several databases. Pure. */
import type { MetaLine } from "../../recording/lines.ts";
import type { DatabaseSummary } from "../../recording/summary-line.ts";
import { grouped } from "../../text/list.ts";
import type { Column } from "../watch/table.ts";
import { databaseName } from "./places.ts";
import { percent, timeCell } from "./words.ts";

export interface DatabaseRow extends DatabaseSummary {
  /** Escaped. */
  readonly name: string;
}

const NONE = "-";

export const DATABASE_COLUMNS: readonly Column<DatabaseRow>[] = [
  { name: "DATABASE", value: ({ name }) => name, cut: true },
  { name: "WRITES", value: ({ writeHolds }) => grouped(writeHolds), right: true },
  {
    name: "HELD",
    value: ({ writeHolds, writeHeldMs }) => (writeHolds === 0 ? NONE : timeCell(writeHeldMs)),
    right: true,
  },
  {
    name: "SHARE",
    value: ({ writeHolds, writeHeldShare }) => (writeHolds === 0 ? NONE : percent(writeHeldShare)),
    right: true,
    minTableWidth: 60,
  },
  { name: "WAITS", value: ({ waits }) => grouped(waits), right: true },
  { name: "WAITED", value: ({ waits, waitedMs }) => (waits === 0 ? NONE : timeCell(waitedMs)), right: true },
  { name: "BUSY", value: ({ gaveUp, refusals }) => grouped(gaveUp + refusals), right: true },
];

/** Of samples: without what they cannot see. */
export const SAMPLED_DATABASE_COLUMNS = DATABASE_COLUMNS.filter(
  ({ name }) => !["WAITS", "WAITED", "BUSY"].includes(name),
);

/** Without the calls of SQLite it is not known what they returned: programs may tell of some. */
const TOLD_BUSY: Column<DatabaseRow> = {
  ...{ name: "BUSY", right: true },
  value: ({ refusals, gaveUp }) => (refusals + gaveUp === 0 ? "?" : `>= ${grouped(refusals + gaveUp)}`),
};

/** Beside samples, the programs of the command tell of their refused calls. */
export const TOLD_DATABASE_COLUMNS: readonly Column<DatabaseRow>[] = [...SAMPLED_DATABASE_COLUMNS, TOLD_BUSY];

export const UNCOUNTED_DATABASE_COLUMNS: readonly Column<DatabaseRow>[] = DATABASE_COLUMNS.map((column) =>
  column.name === "BUSY" ? TOLD_BUSY : column,
);

/** What is known of databases depends on the source. */
export function databaseColumns({ statements, callSites }: MetaLine, exact: boolean): readonly Column<DatabaseRow>[] {
  if (exact) return statements ? DATABASE_COLUMNS : UNCOUNTED_DATABASE_COLUMNS;
  return callSites === true ? TOLD_DATABASE_COLUMNS : SAMPLED_DATABASE_COLUMNS;
}

/** Those that were used: waited for longest first. `recorded`: all, also those that nobody used. */
export function databaseRows(
  databases: readonly DatabaseSummary[],
  recorded: readonly { readonly path: string }[],
): DatabaseRow[] {
  return databases
    .filter(({ writeHolds, waits, gaveUp, refusals }) => writeHolds + waits + gaveUp + refusals > 0)
    .map((each) => ({ ...each, name: databaseName(each.path, recorded) }))
    .sort((a, b) => b.waitedMs - a.waitedMs || b.writeHeldMs - a.writeHeldMs);
}
