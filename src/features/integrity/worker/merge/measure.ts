/**
 * How large tables and indexes are, and how the keys of an index lie to the rowids: by a few rows of each. This comes
 * before any check: in a damaged tree a count of all rows might not end.
 */
import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../../text/sql.ts";
import type { DescribedTable, ListedTable } from "./describe.ts";
import type { OrdinaryIndex } from "./index.ts";
import type { MeasuredIndex, MeasuredTable } from "./plan.ts";

/** Of a table with fewer rows, all fits into the caches of a CPU. */
const LEAST_ROWS = 20_000;

/** So many rows are counted; of a larger table their number is estimated. */
const MOST_COUNTED = 100_000;

/** Beside its values, of a row in its table, at least. */
const ROW_BYTES = 6;

/** So many rows of a table are read. */
const SAMPLES = 40;

/** Of two rows that follow each other among these, so many have keys in one order: the keys go with the rowids. */
const ORDERED_SHARE = 0.9;

/** Or so many of them have the key of the row that is next in the table: a look-up finds what the last one has read. */
const SAME_SHARE = 0.5;

/** Errors are SQLite's. */
export function isSmall(db: Database.Database, { name }: Pick<ListedTable, "name">): boolean {
  return countUpTo(db, name, LEAST_ROWS) < LEAST_ROWS;
}

function countUpTo(db: Database.Database, table: string, most: number): number {
  const sql = `SELECT count(*) FROM (SELECT 1 FROM main.${sqlQuoted(table)} LIMIT ${most})`;
  return Number(db.prepare(sql).pluck().get());
}

/** `bytes`: of the database. Errors are SQLite's. */
export function measureTable(db: Database.Database, { name, indexes }: DescribedTable, bytes: number): MeasuredTable {
  const counted = countUpTo(db, name, MOST_COUNTED);
  const [first] = indexes ?? [];
  if (indexes === null || first === undefined || counted === 0) {
    const rows = counted < MOST_COUNTED ? counted : bytes / (2 * SAMPLES);
    return {
      name,
      rows,
      rowBytes: 0,
      indexes: indexes?.map((index) => ({ index, keyBytes: 0, ordered: true })) ?? null,
    };
  }
  const rowids = rowidsAmong(db, first);
  const rowBytes = mean(rowids.map(bytesReader(db, first, storedColumns(db, name))));
  const measured = indexes.map((index) => measureIndex(db, index, rowids));
  const [low = 0n, high = 0n] = [rowids[0], rowids.at(-1)];
  const fitting =
    bytes / (rowBytes + ROW_BYTES + measured.reduce((sum, { keyBytes }) => sum + keyBytes + ROW_BYTES, 0));
  const estimated = Math.max(MOST_COUNTED, Math.min(Number(high - low) + 1, fitting));
  return { name, rows: counted < MOST_COUNTED ? counted : estimated, rowBytes, indexes: measured };
}

/** At even distances, from the first to the last. */
function rowidsAmong(db: Database.Database, { table, rowid }: OrdinaryIndex): bigint[] {
  const from = `FROM main.${sqlQuoted(table)} NOT INDEXED`;
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
  const most = Math.max(...[1, -1].map((way) => pairs.filter((order) => order * way >= 0).length));
  const next = db
    .prepare<[bigint], unknown>(
      `SELECT ${sqlQuoted(first)} FROM main.${sqlQuoted(index.table)} NOT INDEXED WHERE ${index.rowid} > ? ` +
        `ORDER BY ${index.rowid} LIMIT 1`,
    )
    .pluck();
  const same = rowids.filter((rowid, i) => next.get(rowid) === keys[i]).length;
  const ordered = most >= ORDERED_SHARE * pairs.length || same >= SAME_SHARE * rowids.length;
  return { index, keyBytes: mean(rowids.map(bytesReader(db, index, names))), ordered };
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
    .prepare<[], { name: string; hidden: bigint }>(`PRAGMA main.table_xinfo(${sqlQuoted(table)})`)
    .all()
    .filter(({ hidden }) => hidden === 0n || hidden === 3n)
    .map(({ name }) => name);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}
