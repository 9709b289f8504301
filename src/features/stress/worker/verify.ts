/** Reads the table back, a writer at a time. */
import Database from "better-sqlite3";
import type { Job, Message } from "../protocol.ts";
import { add, type Compared, compareUnknown, compareWriter, NOTHING_COMPARED, type Row } from "../verify.ts";
import { refuse } from "./prepare.ts";

const BUSY_MS = 30_000;

export function verify(
  { path, table, seed, rows, accounts }: Extract<Job, { kind: "verify" }>,
  send: (message: Message) => void,
): void {
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { timeout: BUSY_MS, fileMustExist: true });
    const own = db.prepare<[number], Row>(
      `SELECT writer, number, version, text, checksum FROM ${table} WHERE writer = ? ORDER BY number`,
    );
    let compared: Compared = NOTHING_COMPARED;
    for (const account of accounts)
      compared = add(compared, compareWriter(seed, rows, account, own.all(account.writer)));
    const known = new Set(accounts.map(({ writer }) => writer));
    const all = db
      .prepare<[], { writer: number; count: number }>(
        `SELECT writer, count(*) AS count FROM ${table} NOT INDEXED GROUP BY writer`,
      )
      .all();
    for (const { writer, count } of all)
      if (!known.has(writer)) compared = add(compared, compareUnknown(writer, count));
    send({ kind: "verified", compared });
  } catch (error) {
    refuse(error, send);
  } finally {
    db?.close();
  }
}
