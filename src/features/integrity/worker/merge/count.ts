/** How many rows tables have, and how long these are. */
import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../../text/sql.ts";
import type { Content } from "./content.ts";
import type { DescribedTable } from "./describe.ts";
import type { CountedTable } from "./plan.ts";

/** So many rows are taken for their length. */
const SAMPLES = 40;

/** Errors are SQLite's. */
export function countRows(
  db: Database.Database,
  tables: readonly DescribedTable[],
  { pageBytes }: Content,
): CountedTable[] {
  return tables.map((table) => {
    const rows = Number(
      db
        .prepare(`SELECT count(*) FROM main.${sqlQuoted(table.name)}`)
        .pluck()
        .get(),
    );
    const wideRows = table.indexes !== null && table.indexes.length > 0 && rows > 0 && meanBytes(db, table) > pageBytes;
    return { ...table, rows, wideRows };
  });
}

/** Of rows at even distances, by their rowids. The values themselves are not read. */
function meanBytes(db: Database.Database, { name, indexes }: DescribedTable): number {
  const rowid = indexes?.[0]?.rowid;
  const columns = db
    .prepare<[string], string>("SELECT name FROM pragma_table_xinfo(?) WHERE hidden IN (0, 3)")
    .pluck()
    .all(name);
  if (rowid === undefined || columns.length === 0) return 0;
  const from = `FROM main.${sqlQuoted(name)}`;
  const [first, last] = db
    .prepare<[], bigint>(`SELECT min(${rowid}), max(${rowid}) ${from}`)
    .raw()
    .get() as unknown as [bigint, bigint];
  const bytes = columns.map((column) => `ifnull(octet_length(${sqlQuoted(column)}), 0)`).join(" + ");
  const sample = db.prepare<[bigint], bigint>(`SELECT ${bytes} ${from} WHERE ${rowid} >= ? LIMIT 1`).pluck();
  const lengths = Array.from({ length: SAMPLES }, (_, i) =>
    Number(sample.get(first + ((last - first) * BigInt(i)) / BigInt(SAMPLES)) ?? 0n),
  );
  return lengths.reduce((sum, length) => sum + length, 0) / SAMPLES;
}
