/** The database before the load, and the table after it. */
import { constants, copyFileSync } from "node:fs";
import Database from "better-sqlite3";
import { codeOf, isFolderGone, messageOf } from "../../../worker/sqlite-error.ts";
import type { Job, Message } from "../protocol.ts";

type Send = (message: Message) => void;
type Prepare = Extract<Job, { kind: "prepare" }>;

const COLUMNS = `(writer INTEGER NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL,
  text TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (writer, number))`;

export function prepare({ path, from, table, journalMode, inPlace, create, busyMs }: Prepare, send: Send): void {
  let db: Database.Database | null = null;
  try {
    if (from !== null) copyFileSync(from, path, constants.COPYFILE_FICLONE);
    db = new Database(path, { timeout: busyMs, fileMustExist: inPlace });
    const before = String(db.pragma("journal_mode", { simple: true })).toLowerCase();
    const goal = journalMode ?? (before === "wal" ? "wal" : "delete");
    if (!inPlace) db.pragma(`journal_mode = ${goal}`);
    if (inPlace && (before === "wal") !== (goal === "wal"))
      send({ kind: "refused", refusal: { kind: "other-mode", mode: before } });
    else {
      if (create) db.exec(`CREATE TABLE ${table} ${COLUMNS}`);
      send({ kind: "prepared", journalMode: goal, pageSize: Number(db.pragma("page_size", { simple: true })) });
    }
  } catch (error) {
    refuse(error, send);
  } finally {
    db?.close();
  }
}

export function drop({ path, table, busyMs }: Extract<Job, { kind: "drop" }>, send: Send): void {
  try {
    dropTable(path, table, busyMs);
    send({ kind: "dropped" });
  } catch (error) {
    refuse(error, send);
  }
}

/** Nobody else's: no other table has that name. A full disk has room again when the -wal has been copied back. */
export function dropTable(path: string, table: string, busyMs: number): void {
  const db = new Database(path, { timeout: busyMs, fileMustExist: true });
  try {
    db.exec(`DROP TABLE IF EXISTS ${table}`);
    if (String(db.pragma("journal_mode", { simple: true })) === "wal") db.pragma("wal_checkpoint(PASSIVE)");
  } finally {
    db.close();
  }
}

/** What SQLite or the file system says; anything else is a fault of ours. */
export function refuse(error: unknown, send: Send): void {
  const code =
    codeOf(error) || (isFolderGone(error) ? "ENOENT" : "") || String((error as { code?: unknown }).code ?? "");
  if (!/^(?:SQLITE_|E[A-Z]+$)/.test(code)) throw error;
  send({ kind: "refused", refusal: { kind: "sqlite", code, message: messageOf(error) } });
}
