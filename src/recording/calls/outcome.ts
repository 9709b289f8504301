/** How a transaction ended with a step of its connection. Pure. */
import { BUSY, DONE, OK, primaryCode, ROW } from "../../sqlite/result-names.ts";
import type { TransactionOutcome } from "../lines.ts";
import type { Held } from "../locks/held.ts";
import { isReadSlot } from "../locks/slots.ts";
import type { TransactionWords } from "../sql/transaction-words.ts";
import type { Connection } from "./connection.ts";
import type { Frame } from "./thread.ts";
import { isFine, type Transaction } from "./transaction.ts";

/** Null: it did not end; `none`: it was none. `words`: of its statement; null: not known. */
export function outcomeOf(
  connection: Connection,
  transaction: Transaction,
  frame: Frame,
  code: number,
  words: TransactionWords | null,
): TransactionOutcome | "none" | null {
  const isDone = code === DONE || code === OK;
  const border = words?.border ?? "none";
  const isBorder = border === "commit" || border === "rollback" || border === "release";
  if (isDone && isBorder && !transaction.isExplicit) {
    // Its BEGIN was not seen: only that it wrote is known, where this step shows it.
    if (transaction.touched.every(({ writeFromMs }) => writeFromMs === null)) return "none";
    transaction.atLeast = true;
  }
  if (isDone && border === "commit") return "commit";
  if (isDone && border === "rollback") return "rollback";
  if (isDone && border === "release" && transaction.release(words?.savepoint ?? null)) return "commit";
  if (code === ROW) return null;
  if (!transaction.isExplicit) {
    // A statement that is refused the lock of one database may have got that of another: it has done nothing.
    const gotThem = transaction.touched.every((each) => !each.isWriting || each.writeStep === frame.id);
    if (primaryCode(code) === BUSY && gotThem) {
      if (transaction.fromMs >= frame.atMs) return "none";
      // It goes on to read: the lock to write was dropped for a stale snapshot.
      for (const each of transaction.touched) if (each.writeStep === frame.id) each.writeFromMs = null;
      return null;
    }
    // What is committed in a statement of its own is no part of a transaction; SHARED may stay after CREATE TABLE.
    const isAlone = transaction.touched.some((each) => each.writeFromMs !== null && each.writeStep === frame.id);
    if (transaction.isWriting() || (!isAlone && !connection.isBorderKnown && readsStill(connection, transaction))) {
      // It goes on: its BEGIN was not seen.
      transaction.isExplicit = true;
      transaction.atLeast = true;
      return null;
    }
    if (!isFine(code)) return "rollback";
    return words === null ? "unknown" : "commit";
  }
  for (const touched of transaction.touched) {
    if (touched.writeFromMs === null || touched.isWriting) continue;
    if (!isFine(code) && touched.writeStep === frame.id) touched.writeFromMs = null;
    else return isFine(code) ? "unknown" : "rollback";
  }
  return isDone && words === null && hasEndedReading(connection, transaction) ? "unknown" : null;
}

/** It has no lock of those that it took to read, and took none to write. */
function hasEndedReading(connection: Connection, transaction: Transaction): boolean {
  const { touched } = transaction;
  const reads = touched.filter(({ readStep }) => readStep !== 0);
  if (reads.length === 0 || reads.some(({ isShared }) => isShared)) return false;
  if (reads.some(({ database: { wal, shm } }) => wal && shm === null)) return false; // locking_mode = EXCLUSIVE
  return touched.every(({ writeFromMs }) => writeFromMs === null) && !readsStill(connection, transaction);
}

/** It has a lock to read that it took in this transaction. */
function readsStill(connection: Connection, { touched }: Transaction): boolean {
  return touched.some(({ database: { file, shm } }) =>
    [shm, file].some((each) =>
      each?.slots.some((list, slot) =>
        list.some((held) => held.connection === connection && isReadSlot(each, slot, held.type) && isOfReader(held)),
      ),
    ),
  );
}

/** In WAL mode a connection has SHARED for as long as it is open. */
function isOfReader({ file }: Held): boolean {
  return file.role === "shm" || !file.database.wal;
}
