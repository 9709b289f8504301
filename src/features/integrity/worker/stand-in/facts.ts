/** The tables and indexes as SQLite has read them, to see what depends on a stand-in. */
import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../../text/sql.ts";
import { codeOf } from "../../../../worker/sqlite-error.ts";
import { readable } from "../schema.ts";
import type { IndexFacts, TableFacts } from "./dependents.ts";

/** It is not among its own rows. */
const SCHEMA_TABLE = { name: "sqlite_master", sql: "" };

/** Of table_xinfo: computed when it is read. */
const VIRTUAL = 2n;

export function tableFactsOf(db: Database.Database): TableFacts[] {
  const sqlOf = new Map<string, string>();
  const tables: { name: string; sql: string | null }[] = [SCHEMA_TABLE];
  const sql = "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('table', 'index')";
  readable(
    () => db.prepare<[], { type: unknown; name: unknown; sql: unknown }>(sql).iterate(),
    (row) => {
      if (typeof row.name !== "string") return;
      const text = typeof row.sql === "string" ? row.sql : null;
      if (row.type === "table") tables.push({ name: row.name, sql: text });
      else if (text !== null) sqlOf.set(row.name, text);
    },
  );
  return tables.map((table) => ({
    ...table,
    columns: (rowsOf<ListedColumn>(db, "table_xinfo", table.name) ?? []).map(({ name, hidden }) => ({
      name,
      isVirtual: hidden === VIRTUAL,
    })),
    indexes: (rowsOf<ListedIndex>(db, "index_list", table.name) ?? []).map((index) => indexFactsOf(db, index, sqlOf)),
  }));
}

interface ListedColumn {
  readonly name: string;
  readonly hidden: bigint;
}

interface ListedIndex {
  readonly name: string;
  /** `c`: CREATE INDEX. */
  readonly origin: string;
  readonly partial: bigint;
}

function indexFactsOf(
  db: Database.Database,
  { name, origin, partial }: ListedIndex,
  sqlOf: ReadonlyMap<string, string>,
): IndexFacts {
  const columns = rowsOf<{ cid: bigint; name: string | null; coll: string }>(db, "index_xinfo", name);
  return {
    name,
    sql: sqlOf.get(name) ?? null,
    isAutomatic: origin !== "c",
    isPartial: partial !== 0n,
    columns:
      columns === null || columns.length === 0
        ? null
        : columns.map(({ cid, name: column, coll }) => ({
            name: cid === EXPRESSION ? null : (column ?? ""),
            collation: coll,
          })),
  };
}

/** Of index_xinfo: `cid`. -1 is the rowid, which has no name. */
const EXPRESSION = -2n;

/** Null of what SQLite cannot read. */
function rowsOf<T>(db: Database.Database, pragma: string, name: string): T[] | null {
  try {
    return db.prepare<[], T>(`PRAGMA ${pragma}(${sqlQuoted(name)})`).all();
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return null;
  }
}
