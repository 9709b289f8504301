/**
 * The schema of a private copy, with a collation that is there in place of each that is not. In a transaction that is
 * rolled back: the copy stays as it was. `damaged`: it can be read only with `writable_schema`.
 */
import type Database from "better-sqlite3";
import { codeOf, messageOf } from "../../../../worker/sqlite-error.ts";
import { readable } from "../schema.ts";
import { withStandIns } from "./collate.ts";

/** @returns SQLite's message where it could not be done; null: it is done. */
export function editSchema(db: Database.Database, damaged: boolean): string | null {
  try {
    // A query that met damage may have left its cursor, which would end the first write (`btree.c`, saveAllCursors).
    if (db.inTransaction) db.exec("ROLLBACK");
    db.exec("BEGIN");
    db.unsafeMode(true);
    db.pragma("query_only = OFF");
    db.pragma("writable_schema = ON");
    const update = db.prepare("UPDATE sqlite_schema SET sql = CAST(? AS TEXT) WHERE rowid = ?");
    for (const { rowid, bytes } of editsOf(db)) update.run(bytes, rowid);
    readAgain(db, damaged);
    return null;
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return messageOf(error);
  }
}

/** @throws SQLite's error where the schema cannot be read as it was before */
export function restoreSchema(db: Database.Database, damaged: boolean): void {
  if (db.inTransaction) db.exec("ROLLBACK");
  db.exec("BEGIN");
  readAgain(db, damaged);
}

function readAgain(db: Database.Database, damaged: boolean): void {
  db.pragma("writable_schema = RESET");
  if (damaged) db.pragma("writable_schema = ON");
  db.pragma("query_only = ON");
  db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
}

interface Edit {
  readonly rowid: bigint;
  /** In the encoding of the database. */
  readonly bytes: Buffer;
}

const SQL =
  "SELECT rowid, CAST(sql AS BLOB) AS bytes FROM sqlite_schema WHERE type IN ('table', 'index') AND " +
  "typeof(sql) = 'text' AND sql LIKE '%collate%' AND sql NOT LIKE 'create virtual%'";

function editsOf(db: Database.Database): Edit[] {
  const coding = codingOf(String(db.pragma("encoding", { simple: true })));
  const edits: Edit[] = [];
  readable(
    () => db.prepare<[], { rowid: bigint; bytes: Buffer }>(SQL).iterate(),
    ({ rowid, bytes }) => {
      const before = coding.decode(bytes);
      const after = coding.encode(withStandIns(before));
      if (after.length === bytes.length && !after.equals(bytes)) edits.push({ rowid, bytes: after });
    },
  );
  return edits;
}

interface Coding {
  readonly decode: (bytes: Buffer) => string;
  readonly encode: (text: string) => Buffer;
}

/** Each byte of a text in UTF-8 is a character here, as it is for SQLite's tokenizer: none is lost, valid or not. */
function codingOf(encoding: string): Coding {
  if (encoding === "UTF-8") {
    return {
      decode: (bytes) => bytes.toString("latin1"),
      encode: (text) => Buffer.from(text, "latin1"),
    };
  }
  const inOrder = (bytes: Buffer) => (encoding === "UTF-16be" ? Buffer.from(bytes).swap16() : bytes);
  const even = (bytes: Buffer) => bytes.subarray(0, bytes.length - (bytes.length % 2));
  return {
    decode: (bytes) => inOrder(even(bytes)).toString("utf16le"),
    encode: (text) => inOrder(Buffer.from(text, "utf16le")),
  };
}
