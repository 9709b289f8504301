/** What a merge of an index with its table asks, as SQL. Pure. */
import { sqlQuoted } from "../../../../text/sql.ts";
import type { KeyColumn, OrdinaryIndex } from "./index.ts";

const collated = ({ name, collation }: KeyColumn) => `${sqlQuoted(name)} COLLATE ${sqlQuoted(collation)}`;

/** Texts that it takes for equal are the same bytes. */
export const isBinary = ({ collation }: KeyColumn) => collation.toUpperCase() === "BINARY";

/**
 * The first row of the table that the index does not have at its place; no row: the index has all of them, in their
 * order. SQLite sorts the rows of the table, and reads the index as it is.
 *
 * Rows are compared as integrity_check does: by the index's collations and the rowid; text whose collation takes
 * different texts for equal, byte by byte as well; 1 and 1.0 are equal.
 */
export function differenceSql({ name, table, rowid, columns }: OrdinaryIndex): string {
  const exact = columns
    .filter((column) => !isBinary(column))
    .map(({ name: column }) => `${sqlQuoted(column)} COLLATE BINARY`);
  const fields = [...columns.map(collated), rowid, ...exact].join(", ");
  const order = [
    ...columns.map(({ descending }, i) => `${i + 1}${descending ? " DESC" : ""}`),
    ...[rowid, ...exact].map((_, i) => String(columns.length + 1 + i)),
  ].join(", ");
  const from = `FROM main.${sqlQuoted(table)}`;
  return (
    `SELECT ${fields} ${from} NOT INDEXED EXCEPT SELECT ${fields} ${from} INDEXED BY ${sqlQuoted(name)} ` +
    `ORDER BY ${order} LIMIT 1`
  );
}

/** A row where a unique index has the same key twice; keys with a NULL in them are never the same. */
export function duplicateSql({ name, table, columns }: OrdinaryIndex): string {
  const whole = columns.map((column) => `${sqlQuoted(column.name)} IS NOT NULL`).join(" AND ");
  return (
    `SELECT 1 FROM main.${sqlQuoted(table)} INDEXED BY ${sqlQuoted(name)} WHERE ${whole} ` +
    `GROUP BY ${columns.map(collated).join(", ")} HAVING count(*) > 1 LIMIT 1`
  );
}
