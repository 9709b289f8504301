/**
 * Which of integrity_check's messages no stand-in can have caused: with another collation or function than the
 * program's, an index seems to lack rows, and a CHECK constraint to fail. Pure.
 */
import { unquoted } from "../../../../recording/sql/solid-tokens.ts";
import { Tokens } from "../../../../recording/sql/tokens.ts";
import { oneLine } from "../../messages.ts";
import type { Problem } from "../../report.ts";
import { collationsIn, isMissingCollation } from "./collate.ts";

export interface IndexFacts {
  readonly name: string;
  /** Of CREATE INDEX; null: of a constraint of its table, or not found. */
  readonly sql: string | null;
  /** It belongs to a constraint of its table. */
  readonly isAutomatic: boolean;
  readonly isPartial: boolean;
  /** `name`: null of an expression. Null: they could not be read. */
  readonly columns: readonly { readonly name: string | null; readonly collation: string }[] | null;
}

export interface TableFacts {
  readonly name: string;
  readonly sql: string | null;
  /** `isVirtual`: generated, and computed when it is read. */
  readonly columns: readonly { readonly name: string; readonly isVirtual: boolean }[];
  readonly indexes: readonly IndexFacts[];
}

/** What needs nothing that is missing, by the names in SQLite's messages. What is not known is not among it. */
export interface Independent {
  readonly tables: ReadonlySet<string>;
  /** `table.column` */
  readonly columns: ReadonlySet<string>;
  readonly indexes: ReadonlySet<string>;
}

/** Of a text that is not known, everything may be true. */
function uses(sql: string | null, functions: ReadonlySet<string>): boolean {
  if (sql === null) return true;
  if (collationsIn(sql).some(isMissingCollation)) return true;
  if (functions.size === 0) return false;
  const tokens = new Tokens(sql);
  while (tokens.nextSolid()) {
    const { kind, start, end } = tokens;
    if (kind !== "word" && kind !== "quoted" && kind !== "bracketed") continue;
    if (functions.has(unquoted(tokens.text.slice(start, end)).toLowerCase())) return true;
  }
  return false;
}

/** `functions`: those that are missing, in lower case. */
export function independentOf(tables: readonly TableFacts[], functions: ReadonlySet<string>): Independent {
  const free = { tables: new Set<string>(), columns: new Set<string>(), indexes: new Set<string>() };
  for (const table of tables) {
    const tableUses = uses(table.sql, functions);
    if (!tableUses) free.tables.add(table.name);
    for (const { name, isVirtual } of table.columns)
      if (!tableUses || !isVirtual) free.columns.add(oneLine(`${table.name}.${name}`));
    for (const index of table.indexes) if (!indexUses(index, table, tableUses, functions)) free.indexes.add(index.name);
  }
  return free;
}

function indexUses(
  index: IndexFacts,
  { columns }: TableFacts,
  tableUses: boolean,
  functions: ReadonlySet<string>,
): boolean {
  if (!index.isAutomatic && uses(index.sql, functions)) return true;
  if (index.columns === null || index.columns.some(({ collation }) => isMissingCollation(collation))) return true;
  if (!tableUses) return false;
  if (index.isPartial) return true; // its condition compares by the collations of the columns
  const virtual = new Set(columns.flatMap(({ name, isVirtual }) => (isVirtual ? [name] : [])));
  return index.columns.some(({ name }) => name === null || virtual.has(name));
}

const OF_ENTRY = new RegExp(
  [
    "^row \\d+ (?:missing from|values differ from) index ",
    "^rowid not at end-of-record for row ",
    "^non-unique entry in index ",
    "^index .* stores an imprecise floating-point value for row ",
  ].join("|"),
  "s",
);
const OF_TABLE = /^(?:row not in PRIMARY KEY order for|CHECK constraint failed in) /;
const OF_COLUMN = /^(?:NULL|NUMERIC|TEXT|non-\w+) value in (?<column>.*)$/s;

/** It is about an entry of an index, and not about its pages or the number of its entries. */
export function isOfEntry(message: string): boolean {
  return OF_ENTRY.test(message);
}

/** Pages, the free list and the number of entries need no collation and no function. */
export function isTrusted({ message, table, index }: Problem, { tables, columns, indexes }: Independent): boolean {
  if (isOfEntry(message)) return index !== null && indexes.has(index);
  if (OF_TABLE.test(message)) return table !== null && tables.has(table);
  const column = OF_COLUMN.exec(message)?.groups?.["column"];
  return column === undefined || columns.has(column);
}
