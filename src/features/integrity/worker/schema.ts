/** What can be read of the schema, in a damaged one as well. */
import type Database from "better-sqlite3";
import { codeOf } from "../../../worker/sqlite-error.ts";
import type { SchemaObject } from "../messages.ts";

/** The rows that come before the first damage. */
export function readable<T>(rows: () => Iterable<T>, take: (row: T) => void): void {
  try {
    for (const row of rows()) take(row);
  } catch (error) {
    if (codeOf(error) === "") throw error;
  }
}

interface SchemaRow {
  readonly type: unknown;
  readonly name: unknown;
  readonly table: unknown;
  readonly root: unknown;
}

/** Tables and indexes that have a b-tree. */
export function objectsOf(db: Database.Database): (SchemaObject & { readonly root: number })[] {
  const objects: (SchemaObject & { root: number })[] = [];
  const sql =
    "SELECT type, name, tbl_name AS 'table', rootpage AS root FROM sqlite_schema WHERE type IN ('table', " +
    "'index') AND rootpage > 0";
  readable(
    () => db.prepare<[], SchemaRow>(sql).iterate(),
    ({ type, name, table, root }) => {
      if (typeof name !== "string" || typeof table !== "string" || typeof root !== "bigint") return;
      objects.push({ type: type === "index" ? "index" : "table", name, table, root: Number(root) });
    },
  );
  return objects;
}

export interface VirtualTable {
  readonly name: string;
  /** Null where the text of the table does not say it. */
  readonly module: string | null;
  readonly sql: string;
}

const MODULE = /^\s+(?:"((?:[^"]|"")+)"|'((?:[^']|'')+)'|`((?:[^`]|``)+)`|\[([^\]]+)\]|([^\s("'`[]+))/;

/** No module has a longer name; a hostile schema has what it likes. */
const MAX_NAME = 1000;

/** Of the text behind the name of the table. */
export function moduleIn(text: string): string | null {
  const using = /\bUSING(?=\s)/i.exec(text);
  const end = using === null ? text.length : using.index + using[0].length;
  const groups = MODULE.exec(text.slice(end, end + MAX_NAME))?.slice(1) ?? [];
  return groups.find((group) => group !== undefined) ?? null;
}

export function virtualTablesOf(db: Database.Database): VirtualTable[] {
  const tables: VirtualTable[] = [];
  const sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'create virtual%'";
  readable(
    () => db.prepare<[], { name: unknown; sql: unknown }>(sql).iterate(),
    ({ name, sql }) => {
      if (typeof name !== "string" || typeof sql !== "string") return;
      tables.push({ name, module: moduleIn(sql.slice(sql.indexOf(name) + name.length)), sql });
    },
  );
  return tables;
}

/** Tables whose text names a foreign key. */
export function tablesWithKeysOf(db: Database.Database): string[] {
  const tables: string[] = [];
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%references%'";
  readable(
    () => db.prepare<[], unknown>(sql).pluck().iterate(),
    (name) => {
      if (typeof name === "string") tables.push(name);
    },
  );
  return tables;
}
