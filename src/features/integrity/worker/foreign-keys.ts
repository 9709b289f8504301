/** foreign_key_check, a table at a time: a mistake in the declaration of one does not hide the rows of the others. */

import type Database from "better-sqlite3";
import { isDamage, missingOf } from "../../../safe-open/worker/errors.ts";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf, messageOf } from "../../../worker/sqlite-error.ts";
import { tablesWithKeysOf } from "./schema.ts";
import { Course, type Teller } from "./teller.ts";

/** `damaged`: the structure has problems already, and that a table cannot be read is none more. */
export function foreignKeys(db: Database.Database, teller: Teller, damaged: boolean, schema: string | null): void {
  const course = new Course("foreign-keys", teller);
  if (schema !== null) course.leave("failed", schema);
  const tables = tablesWithKeysOf(db);
  for (const [done, table] of tables.entries()) {
    teller.send({ kind: "stage", stage: "foreign-keys", done, total: tables.length });
    try {
      violations(db, table, course, teller);
    } catch (error) {
      if (codeOf(error) === "") throw error;
      if (!isDamage(error))
        course.leave(missingOf(error) === null ? "failed" : "missing", `${table}: ${messageOf(error)}`);
      else if (damaged) course.leave("failed", `${table} is damaged`);
      else course.problem({ message: messageOf(error), table });
    }
  }
  course.end();
}

interface Violation {
  readonly rowid: bigint | null;
  readonly parent: string;
  readonly fkid: bigint;
}

/** As many as are wanted. */
function violations(db: Database.Database, table: string, course: Course, teller: Teller): void {
  const most = teller.wanted;
  let found = 0;
  let keys: ReadonlyMap<bigint, string> | null = null;
  for (const { rowid, parent, fkid } of db
    .prepare<[], Violation>(`PRAGMA foreign_key_check(${sqlQuoted(table)})`)
    .iterate()) {
    keys ??= keysOf(db, table);
    const which = keys.get(fkid) ?? "";
    const message =
      `${rowid === null ? "a row" : `row ${rowid}`} of ${table} refers to a row of ${parent} that does not exist` +
      which;
    course.problem({ message, table, rowid, parent });
    found++;
    if (found >= most) break;
  }
}

interface Key {
  readonly id: bigint;
  readonly from: string;
  readonly to: string | null;
}

/** By the number of the key: ` (customer → id)`. */
function keysOf(db: Database.Database, table: string): ReadonlyMap<bigint, string> {
  const byId = new Map<bigint, { from: string[]; to: string[] }>();
  for (const { id, from, to } of db.prepare<[], Key>(`PRAGMA foreign_key_list(${sqlQuoted(table)})`).all()) {
    const key = byId.get(id) ?? { from: [], to: [] };
    key.from.push(from);
    if (to !== null) key.to.push(to);
    byId.set(id, key);
  }
  return new Map(
    [...byId].map(([id, { from, to }]) => [
      id,
      ` (${from.join(", ")} → ${to.length === 0 ? "its primary key" : to.join(", ")})`,
    ]),
  );
}
