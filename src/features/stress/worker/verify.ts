/** Reads the table back and compares it with the acknowledged transactions, one writer at a time. */
import type Database from "better-sqlite3";
import {
  addComparisons,
  type Comparison,
  compareUnknownWriter,
  compareWriter,
  EMPTY_COMPARISON,
  type Row,
} from "../compare.ts";
import type { Job, Message } from "../protocol.ts";
import { openFile } from "./opened-file.ts";
import { sendRefusal } from "./refusal.ts";

const BUSY_MS = 30_000;

export function verify(
  { path, file, table, seed, rows, writers }: Extract<Job, { kind: "verify" }>,
  send: (message: Message) => void,
): void {
  let db: Database.Database | null = null;
  try {
    db = openFile(path, file, { timeout: BUSY_MS, fileMustExist: true }).db;
    const select = db.prepare<[number], Row>(
      `SELECT writer, number, version, text, checksum FROM ${table} WHERE writer = ? ORDER BY number`,
    );
    let comparison: Comparison = EMPTY_COMPARISON;
    for (const each of writers)
      comparison = addComparisons(comparison, compareWriter(seed, rows, each, select.all(each.writer)));
    const known = new Set(writers.map(({ writer }) => writer));
    const counts = db
      .prepare<[], { writer: number; count: number }>(
        `SELECT writer, count(*) AS count FROM ${table} NOT INDEXED GROUP BY writer`,
      )
      .all();
    for (const { writer, count } of counts)
      if (!known.has(writer)) comparison = addComparisons(comparison, compareUnknownWriter(writer, count));
    send({ kind: "verified", comparison });
  } catch (error) {
    sendRefusal(error, send);
  } finally {
    db?.close();
  }
}
