/** The database and its table before the load; the table after it. */
import { constants, copyFileSync } from "node:fs";
import type Database from "better-sqlite3";
import type { FileIdentity, Job, Message } from "../protocol.ts";
import { openFile } from "./opened-file.ts";
import { sendRefusal } from "./refusal.ts";

type Send = (message: Message) => void;
type PrepareJob = Extract<Job, { kind: "prepare" }>;
type DropJob = Extract<Job, { kind: "drop" }>;

const COLUMNS = `(writer INTEGER NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL,
  text TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (writer, number))`;

export function prepare(
  { path, file, from, table, journalMode, inPlace, createTable, busyMs }: PrepareJob,
  send: Send,
): void {
  let db: Database.Database | null = null;
  try {
    if (from !== null) copyFileSync(from, path, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    const opened = openFile(path, file, { timeout: busyMs, fileMustExist: inPlace });
    db = opened.db;
    const before = String(db.pragma("journal_mode", { simple: true })).toLowerCase();
    const wanted = journalMode ?? (before === "wal" ? "wal" : "delete");
    const mode = inPlace ? before : String(db.pragma(`journal_mode = ${wanted}`, { simple: true })).toLowerCase();
    if (inPlace && (before === "wal") !== (wanted === "wal"))
      send({ kind: "refused", refusal: { kind: "other-mode", mode: before } });
    else {
      if (createTable) db.exec(`CREATE TABLE ${table} ${COLUMNS}`);
      const pageSize = Number(db.pragma("page_size", { simple: true }));
      send({ kind: "prepared", journalMode: mode === "wal" ? "wal" : "delete", pageSize, file: opened.file });
    }
  } catch (error) {
    sendRefusal(error, send);
  } finally {
    db?.close();
  }
}

export function drop({ path, file, table, busyMs }: DropJob, send: Send): void {
  try {
    dropTable(path, file, table, busyMs);
    send({ kind: "dropped" });
  } catch (error) {
    sendRefusal(error, send);
  }
}

/** The checkpoint gives a full disk its room back. @throws OtherFile */
export function dropTable(path: string, file: FileIdentity, table: string, busyMs: number): void {
  const { db } = openFile(path, file, { timeout: busyMs, fileMustExist: true });
  try {
    db.exec(`DROP TABLE IF EXISTS ${table}`);
    if (String(db.pragma("journal_mode", { simple: true })) === "wal") db.pragma("wal_checkpoint(PASSIVE)");
  } finally {
    db.close();
  }
}
