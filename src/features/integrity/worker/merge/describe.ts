/** The tables of a schema, and those of their indexes that a merge can compare. */
import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../../text/sql.ts";
import { codeOf } from "../../../../worker/sqlite-error.ts";
import { rowidColumn } from "../rowids.ts";
import type { KeyColumn, OrdinaryIndex } from "./index.ts";

/** A table with a b-tree. */
export interface ListedTable {
  readonly name: string;
  readonly root: number;
  /** Roots, by name. */
  readonly indexes: ReadonlyMap<string, number>;
}

export interface DescribedTable {
  readonly name: string;
  /** All of its indexes, where each is an ordinary one; null: SQLite's own check has to compare them. */
  readonly indexes: readonly OrdinaryIndex[] | null;
}

interface SchemaRow {
  readonly type: unknown;
  readonly name: unknown;
  readonly table: unknown;
  readonly root: unknown;
}

/**
 * Every table of the database, from the rows that SQLite itself reads: no table-valued PRAGMA, which a view of that
 * name could replace. Null where a row is not as SQLite writes it (SQLite takes `TABLE` for `table`, and `T` for `t`):
 * then a table or an index might be missing here that SQLite knows. Errors are SQLite's.
 */
export function listTables(db: Database.Database): ListedTable[] | null {
  const sql = "SELECT type, name, tbl_name AS 'table', rootpage AS root FROM main.sqlite_schema";
  const tables = new Map<string, ListedTable & { readonly indexes: Map<string, number> }>();
  const indexes: { readonly name: string; readonly table: string; readonly root: number }[] = [];
  for (const { type, name, table, root } of db.prepare<[], SchemaRow>(sql).iterate()) {
    if (type === "view" || type === "trigger") continue;
    if (typeof name !== "string" || typeof table !== "string" || typeof root !== "bigint") return null;
    if (name.includes(REPLACEMENT) || table.includes(REPLACEMENT)) return null;
    if (type === "table" && name === table && !tables.has(name))
      tables.set(name, { name, root: Number(root), indexes: new Map() });
    else if (type === "index") indexes.push({ name, table, root: Number(root) });
    else return null;
  }
  for (const { name, table, root } of indexes) {
    const owner = tables.get(table);
    if (owner === undefined || owner.indexes.has(name)) return null;
    owner.indexes.set(name, root);
  }
  return [...tables.values()].filter(({ root }) => root > 0); // a virtual table has none
}

/** What stands for bytes that are no UTF-8: several names may look alike. */
const REPLACEMENT = "\ufffd";

/** Errors are SQLite's. */
export function describeTable(db: Database.Database, { name, root, indexes }: ListedTable): DescribedTable {
  return { name, indexes: ordinaryIndexes(db, name, root, indexes) };
}

interface IndexRow {
  readonly name: unknown;
  readonly unique: bigint;
  readonly partial: bigint;
}

interface ColumnRow {
  /** -1: the rowid; -2: an expression. */
  readonly cid: bigint;
  readonly name: unknown;
  readonly desc: bigint;
  readonly coll: unknown;
  readonly key: bigint;
}

function ordinaryIndexes(
  db: Database.Database,
  table: string,
  tableRoot: number,
  roots: ReadonlyMap<string, number>,
): OrdinaryIndex[] | null {
  const rowid = rowidColumn(db, table);
  if (rowid === null || !hasRowid(db, table, rowid)) return null; // the order of a primary key is checked as well
  if (roots.size === 0) return [];
  const virtual = virtualColumns(db, table);
  const rows = db.prepare<[], IndexRow>(`PRAGMA main.index_list(${sqlQuoted(table)})`).all();
  const found = rows.flatMap(({ name, unique, partial }): OrdinaryIndex[] => {
    const root = typeof name === "string" ? roots.get(name) : undefined;
    if (typeof name !== "string" || root === undefined || partial !== 0n) return [];
    const columns = keyColumns(db, name);
    if (columns === null || columns.some((column) => virtual.has(column.name))) return [];
    return [{ name, root, table, tableRoot, rowid, unique: unique !== 0n, columns }];
  });
  return found.length === rows.length && found.length === roots.size ? found : null;
}

/** False for a table WITHOUT ROWID. */
function hasRowid(db: Database.Database, table: string, rowid: string): boolean {
  try {
    db.prepare(`SELECT ${rowid} FROM main.${sqlQuoted(table)} LIMIT 0`);
    return true;
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return false;
  }
}

/** What they have is in no page of the table, and has no limit by its size. */
function virtualColumns(db: Database.Database, table: string): ReadonlySet<unknown> {
  const rows = db.prepare<[], { name: unknown; hidden: bigint }>(`PRAGMA main.table_xinfo(${sqlQuoted(table)})`).all();
  return new Set(rows.filter(({ hidden }) => hidden === 2n).map(({ name }) => name));
}

/** Null where one of them is no column. */
function keyColumns(db: Database.Database, index: string): KeyColumn[] | null {
  const keys = db
    .prepare<[], ColumnRow>(`PRAGMA main.index_xinfo(${sqlQuoted(index)})`)
    .all()
    .filter(({ key }) => key !== 0n);
  const columns = keys.flatMap(({ cid, name, desc, coll }): KeyColumn[] =>
    cid < 0n || typeof name !== "string" || typeof coll !== "string"
      ? []
      : [{ name, collation: coll, descending: desc !== 0n }],
  );
  return columns.length === keys.length && columns.length > 0 ? columns : null;
}
