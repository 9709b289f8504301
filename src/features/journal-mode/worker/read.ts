/** Reads the database in another process: its mode, and the first row of every table. */
import Database from "better-sqlite3";
import { sqlQuoted } from "../../../text/sql.ts";
import { becomeOpener } from "../../../worker/become.ts";
import { nameFor } from "../../../worker/name.ts";
import type { Channel } from "../../../worker/serve.ts";
import { codeOf } from "../../../worker/sqlite-error.ts";
import type { Job, Message } from "../protocol.ts";
import { PinnedFiles } from "./pinned.ts";
import { refusalOf } from "./switch.ts";

export async function read(job: Extract<Job, { kind: "read" }>, { send }: Channel<Message>): Promise<void> {
  let db: Database.Database | null = null;
  try {
    becomeOpener(job.user);
    const files = new PinnedFiles(job);
    db = new Database(nameFor(job.path, job.folder), { fileMustExist: true, timeout: Math.ceil(job.waitMs) });
    // Virtual tables need modules that the program registers; their data is in ordinary tables, which are read.
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")
      .pluck()
      .all();
    files.check();
    for (const table of tables) firstRow(db, table);
    const mode = db.pragma("journal_mode", { simple: true });
    send({ kind: "read", mode: String(mode), tables: tables.length });
  } catch (error) {
    send({ kind: "refused", refusal: codeOf(error).startsWith("SQLITE_BUSY") ? { kind: "busy" } : refusalOf(error) });
  } finally {
    db?.close();
  }
}

function firstRow(db: Database.Database, table: string): void {
  try {
    db.prepare(`SELECT 1 FROM ${sqlQuoted(table)} LIMIT 1`).get();
  } catch (error) {
    if (codeOf(error) !== "SQLITE_ERROR") throw error; // a missing function or collation: the pages are whole
  }
}
