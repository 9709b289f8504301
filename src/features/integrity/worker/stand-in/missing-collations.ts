/** Collations that the schema names and this SQLite does not have. */
import type Database from "better-sqlite3";
import { codeOf } from "../../../../worker/sqlite-error.ts";
import type { Job } from "../../protocol.ts";
import { missingRequirement } from "../requirement.ts";
import { readable } from "../schema.ts";
import { collationsIn, isMissingCollation } from "./collate.ts";

/** A hostile schema names any number of them. */
const MAX_NAMES = 10;

/** In the letters of the schema, each once; the first ones. */
export function missingCollationsOf(db: Database.Database): string[] {
  const sql = "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql LIKE '%collate%'";
  const found = new Map<string, string>();
  readable(
    () => db.prepare<[], unknown>(`${sql} AND sql NOT LIKE 'create virtual%'`).pluck().iterate(),
    (text) => {
      for (const name of typeof text === "string" ? collationsIn(text) : [])
        if (isMissingCollation(name) && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), name);
    },
  );
  return [...found.values()].slice(0, MAX_NAMES);
}

/** They keep SQLite's check from being run: it fails before it begins. */
export function blockingCollationsOf(db: Database.Database, { quick }: Pick<Job, "quick">): string[] {
  const names = missingCollationsOf(db);
  if (names.length === 0) return [];
  try {
    db.prepare(`PRAGMA ${quick ? "quick_check" : "integrity_check"}`);
    return [];
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return missingRequirement(error) === null ? [] : names;
  }
}
