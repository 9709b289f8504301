/**
 * Vector indexes of libSQL: `CREATE INDEX … ON t (libsql_vector_idx(c))`. Their entries are in a table beside them
 * (`<index>_shadow`), and their own b-tree stays empty, which integrity_check takes for damage.
 */
import type Database from "better-sqlite3";
import { tokensOf } from "../../../recording/sql/solid-tokens.ts";
import type { Requirement } from "../protocol.ts";
import type { Problem } from "../report.ts";
import { readable } from "./schema.ts";
import { isOfEntry } from "./stand-in/dependents.ts";

const FUNCTION = "libsql_vector_idx";

export interface VectorIndex {
  readonly table: string;
  readonly index: string;
}

export function vectorIndexesOf(db: Database.Database): VectorIndex[] {
  const indexes: VectorIndex[] = [];
  const sql =
    "SELECT name AS 'index', tbl_name AS 'table', sql FROM sqlite_schema WHERE type = 'index' AND sql LIKE " +
    `'%${FUNCTION.replaceAll("_", "\\_")}%' ESCAPE '\\'`;
  readable(
    () => db.prepare<[], Record<"index" | "table" | "sql", unknown>>(sql).iterate(),
    ({ index, table, sql: text }) => {
      if (typeof index === "string" && typeof table === "string" && typeof text === "string" && isVectorIndex(text))
        indexes.push({ table, index });
    },
  );
  return indexes;
}

/** Not one whose text only mentions it in a string. */
export function isVectorIndex(sql: string): boolean {
  const tokens = tokensOf(sql);
  return tokens.some(({ word }, i) => word === FUNCTION && tokens[i + 1]?.word === "(");
}

/** It is what makes them vector indexes. */
export function isVectorFunction(indexes: readonly VectorIndex[]): (requirement: Requirement) => boolean {
  return ({ type, name }) => indexes.length > 0 && type === "function" && name.toLowerCase() === FUNCTION;
}

/** Pages of their b-trees can be damaged all the same. */
export function isOfVectorEntries(indexes: readonly VectorIndex[]): (problem: Problem) => boolean {
  const names = new Set(indexes.map(({ index }) => index));
  return ({ index, message }) =>
    index !== null && names.has(index) && (isOfEntry(message) || message.startsWith("wrong # of entries in index "));
}
