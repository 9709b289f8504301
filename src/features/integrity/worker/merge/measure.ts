/** How large tables and indexes are, and how the keys of an index lie to the rowids: by a few rows of each. */
import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../../text/sql.ts";
import type { DescribedTable } from "./describe.ts";
import type { OrdinaryIndex } from "./index.ts";
import type { MeasuredIndex, MeasuredTable } from "./plan.ts";

/** Of a table with fewer rows, all fits into the caches of a CPU. */
const LEAST_ROWS = 20_000;

/** Errors are SQLite's. */
export function isSmallTable(db: Database.Database, table: string): boolean {
  const sql = `SELECT 1 FROM main.${sqlQuoted(table)} LIMIT 1 OFFSET ${LEAST_ROWS - 1}`;
  return db.prepare(sql).get() === undefined;
}

/** So many rows of a table are read. */
const SAMPLES = 40;

/** Of two rows that follow each other among these, so many have keys in one order: the keys go with the rowids. */
const ORDERED_SHARE = 0.9;

/** Errors are SQLite's. */
export function measureTable(
  db: Database.Database,
  { name, indexes }: DescribedTable,
  pageBytes: number,
): MeasuredTable {
  const rows = Number(
    db
      .prepare(`SELECT count(*) FROM main.${sqlQuoted(name)}`)
      .pluck()
      .get(),
  );
  const [first] = indexes ?? [];
  if (indexes === null || first === undefined || rows === 0)
    return {
      name,
      rows,
      indexes: indexes?.map((index) => ({ index, keyBytes: 0, ordered: true })) ?? null,
      wideRows: false,
    };
  const rowids = rowidsAmong(db, first);
  const bytes = bytesReader(db, first, storedColumns(db, name));
  return {
    name,
    rows,
    indexes: indexes.map((index) => measureIndex(db, index, rowids)),
    wideRows: mean(rowids.map(bytes)) > pageBytes,
  };
}

/** At even distances, from the first to the last. */
function rowidsAmong(db: Database.Database, { table, rowid }: OrdinaryIndex): bigint[] {
  const from = `FROM main.${sqlQuoted(table)}`;
  const edge = (order: string) =>
    db.prepare<[], bigint>(`SELECT ${rowid} ${from} ORDER BY ${rowid} ${order} LIMIT 1`).pluck().get() ?? 0n;
  const [first, last] = [edge("ASC"), edge("DESC")];
  const next = db
    .prepare<[bigint], bigint>(`SELECT ${rowid} ${from} WHERE ${rowid} >= ? ORDER BY ${rowid} LIMIT 1`)
    .pluck();
  const found = Array.from({ length: SAMPLES }, (_, i) =>
    next.get(first + ((last - first) * BigInt(i)) / BigInt(SAMPLES - 1)),
  );
  return [...new Set(found.filter((each) => each !== undefined))];
}

function measureIndex(db: Database.Database, index: OrdinaryIndex, rowids: readonly bigint[]): MeasuredIndex {
  const names = index.columns.map(({ name }) => name);
  const [first = ""] = names;
  const key = db
    .prepare<[bigint], unknown>(
      `SELECT ${sqlQuoted(first)} FROM main.${sqlQuoted(index.table)} WHERE ${index.rowid} = ?`,
    )
    .pluck();
  const keys = rowids.map((rowid) => key.get(rowid));
  const pairs = keys.slice(1).map((each, i) => compare(keys[i], each));
  const share =
    Math.max(...[1, -1].map((way) => pairs.filter((order) => order * way >= 0).length)) / Math.max(1, pairs.length);
  return { index, keyBytes: mean(rowids.map(bytesReader(db, index, names))), ordered: share >= ORDERED_SHARE };
}

/** Of values of one type; others count as equal. */
function compare(one: unknown, other: unknown): number {
  if (typeof one !== typeof other || one === other) return 0;
  return (one as number) < (other as number) ? -1 : 1;
}

/** Of the values of a row. Their lengths alone are read. */
function bytesReader(
  db: Database.Database,
  { table, rowid }: OrdinaryIndex,
  columns: readonly string[],
): (at: bigint) => number {
  const lengths = columns.map((column) => `octet_length(${sqlQuoted(column)})`).join(", ");
  const row = db.prepare<[bigint]>(`SELECT ${lengths || "0"} FROM main.${sqlQuoted(table)} WHERE ${rowid} = ?`).raw();
  return (at) => {
    const values = row.get(at) as readonly unknown[] | undefined;
    return (values ?? []).reduce<number>((sum, value) => sum + Number(value ?? 0n), 0);
  };
}

/** All but the virtual ones. */
function storedColumns(db: Database.Database, table: string): string[] {
  return db
    .prepare<[string], string>("SELECT name FROM pragma_table_xinfo(?) WHERE hidden IN (0, 3)")
    .pluck()
    .all(table);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}
