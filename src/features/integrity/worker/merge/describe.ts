/** The tables of a schema, and those of their indexes that a merge can compare. */
import type Database from "better-sqlite3";
import { rowidColumn } from "../rowids.ts";
import { objectsOf } from "../schema.ts";
import type { KeyColumn, OrdinaryIndex } from "./index.ts";

export interface DescribedTable {
  readonly name: string;
  /** All of its indexes, where each is an ordinary one; null: SQLite's own check has to compare them. */
  readonly indexes: readonly OrdinaryIndex[] | null;
}

interface TableRow {
  readonly name: string;
  readonly type: string;
  readonly wr: bigint;
}

interface IndexRow {
  readonly name: string;
  readonly unique: bigint;
  readonly partial: bigint;
}

interface ColumnRow {
  /** -1: the rowid; -2: an expression. */
  readonly cid: bigint;
  readonly name: string | null;
  readonly desc: bigint;
  readonly coll: string;
  readonly key: bigint;
}

/**
 * Tables that have b-trees. `isSmall`: its indexes are not worth a look, and are not described (null). Errors are
 * SQLite's.
 */
export function describeTables(
  db: Database.Database,
  isSmall: (table: string) => boolean = () => false,
): DescribedTable[] {
  const roots = new Map(objectsOf(db).map(({ type, name, root }) => [`${type} ${name}`, root]));
  const tables = db.prepare<[], TableRow>("SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'").all();
  return tables
    .filter(({ name, type }) => (type === "table" || type === "shadow") && roots.has(`table ${name}`))
    .map(({ name, wr }) => ({ name, indexes: wr === 0n && !isSmall(name) ? ordinaryIndexes(db, name, roots) : null }));
}

function ordinaryIndexes(
  db: Database.Database,
  table: string,
  roots: ReadonlyMap<string, number>,
): OrdinaryIndex[] | null {
  const found: OrdinaryIndex[] = [];
  const rowid = rowidColumn(db, table);
  const tableRoot = roots.get(`table ${table}`);
  const rows = db.prepare<[string], IndexRow>('SELECT name, "unique", partial FROM pragma_index_list(?)').all(table);
  for (const { name, unique, partial } of rows) {
    const root = roots.get(`index ${name}`);
    const columns = keyColumns(db, name);
    if (partial !== 0n || columns === null || rowid === null || root === undefined || tableRoot === undefined)
      return null;
    found.push({ name, root, table, tableRoot, rowid, unique: unique !== 0n, columns });
  }
  return found;
}

/** Null where one of them is no column. */
function keyColumns(db: Database.Database, index: string): KeyColumn[] | null {
  const rows = db
    .prepare<[string], ColumnRow>('SELECT cid, name, "desc", coll, key FROM pragma_index_xinfo(?)')
    .all(index);
  const keys = rows.filter(({ key }) => key !== 0n);
  const columns = keys.flatMap(({ cid, name, desc, coll }): KeyColumn[] =>
    cid < 0n || name === null ? [] : [{ name, collation: coll, descending: desc !== 0n }],
  );
  return columns.length === keys.length && columns.length > 0 ? columns : null;
}
