/** The database and its table before the load; the table after it. */
import { constants, copyFileSync } from "node:fs";
import Database from "better-sqlite3";
import type { Job, Message } from "../protocol.ts";
import { sendRefusal } from "./refusal.ts";

type Send = (message: Message) => void;
type PrepareJob = Extract<Job, { kind: "prepare" }>;
type DropJob = Extract<Job, { kind: "drop" }>;

const COLUMNS = `(writer INTEGER NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL,
  text TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (writer, number))`;

export function prepare(
  { path, from, table, journalMode, inPlace, createTable, busyMs }: PrepareJob,
  send: Send,
): void {
  let db: Database.Database | null = null;
  try {
    if (from !== null) copyFileSync(from, path, constants.COPYFILE_FICLONE);
    db = new Database(path, { timeout: busyMs, fileMustExist: inPlace });
    const before = String(db.pragma("journal_mode", { simple: true })).toLowerCase();
    const wanted = journalMode ?? (before === "wal" ? "wal" : "delete");
    if (!inPlace) db.pragma(`journal_mode = ${wanted}`);
    if (inPlace && (before === "wal") !== (wanted === "wal"))
      send({ kind: "refused", refusal: { kind: "other-mode", mode: before } });
    else {
      if (createTable) db.exec(`CREATE TABLE ${table} ${COLUMNS}`);
      send({ kind: "prepared", journalMode: wanted, pageSize: Number(db.pragma("page_size", { simple: true })) });
    }
  } catch (error) {
    sendRefusal(error, send);
  } finally {
    db?.close();
  }
}

export function drop({ path, table, busyMs }: DropJob, send: Send): void {
  try {
    dropTable(path, table, busyMs);
    send({ kind: "dropped" });
  } catch (error) {
    sendRefusal(error, send);
  }
}

/** The checkpoint gives a full disk its room back. */
export function dropTable(path: string, table: string, busyMs: number): void {
  const db = new Database(path, { timeout: busyMs, fileMustExist: true });
  try {
    db.exec(`DROP TABLE IF EXISTS ${table}`);
    if (String(db.pragma("journal_mode", { simple: true })) === "wal") db.pragma("wal_checkpoint(PASSIVE)");
  } finally {
    db.close();
  }
}
