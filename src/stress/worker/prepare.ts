/** The database before the load, and the table after it. */
import { constants, copyFileSync } from "node:fs";
import Database from "better-sqlite3";
import { codeOf, messageOf } from "../../worker/sqlite-error.ts";
import { type Job, type Message, TABLE } from "../protocol.ts";

type Send = (message: Message) => void;
type Prepare = Extract<Job, { kind: "prepare" }>;

const CREATE = `CREATE TABLE ${TABLE} (writer INTEGER NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL,
  text TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (writer, number))`;

/** Killed workers may leave a transaction to roll back; the other ones are gone when it is dropped. */
const DROP_BUSY_MS = 10_000;

export function prepare({ path, from, journalMode, inPlace, create, busyMs }: Prepare, send: Send): void {
  let db: Database.Database | null = null;
  try {
    if (from !== null) copyFileSync(from, path, constants.COPYFILE_FICLONE);
    db = new Database(path, { timeout: busyMs, fileMustExist: inPlace });
    const before = String(db.pragma("journal_mode", { simple: true })).toLowerCase();
    const goal = journalMode ?? (before === "wal" ? "wal" : "delete");
    if (!inPlace) db.pragma(`journal_mode = ${goal}`);
    const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(TABLE) !== undefined;
    if (inPlace && (before === "wal") !== (goal === "wal")) send({ kind: "refused", refusal: { kind: "other-mode", mode: before } });
    else if (exists) send({ kind: "refused", refusal: { kind: "table-exists" } });
    else {
      if (create) db.exec(CREATE);
      send({ kind: "prepared", journalMode: goal, pageSize: Number(db.pragma("page_size", { simple: true })) });
    }
  } catch (error) {
    refuse(error, send);
  } finally {
    db?.close();
  }
}

export function drop({ path }: Extract<Job, { kind: "drop" }>, send: Send): void {
  try {
    dropTable(path);
    send({ kind: "dropped" });
  } catch (error) {
    refuse(error, send);
  }
}

export function dropTable(path: string): void {
  const db = new Database(path, { timeout: DROP_BUSY_MS, fileMustExist: true });
  try {
    db.exec(`DROP TABLE IF EXISTS ${TABLE}`);
  } finally {
    db.close();
  }
}

/** What SQLite or the file system says; anything else is a fault of ours. */
export function refuse(error: unknown, send: Send): void {
  const code = codeOf(error) || String((error as { code?: unknown }).code ?? "");
  if (!/^(?:SQLITE_|E[A-Z]+$)/.test(code)) throw error;
  send({ kind: "refused", refusal: { kind: "sqlite", code, message: messageOf(error) } });
}
