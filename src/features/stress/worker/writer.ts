/** One writer of the load: its transactions in order, each repeated until it is committed and acknowledged. */
import type Database from "better-sqlite3";
import { codeOf } from "../../../worker/sqlite-error.ts";
import type { LoadTask } from "../protocol.ts";
import { Random } from "../random.ts";
import { isTransient } from "../records.ts";
import { WriterSequence } from "../sequence.ts";
import { pause, type RoundClock } from "./clock.ts";
import { busyTimeoutLimiter } from "./connection.ts";
import type { RecordWriter } from "./record-writer.ts";
import { type Attempt, WriteTransaction } from "./write-transaction.ts";

/**
 * Between a failure and the next attempt: programs pause as well, and with a random pause two that failed together do
 * not meet again.
 */
const MIN_RETRY_PAUSE_MS = 1;
const MAX_RETRY_PAUSE_MS = 10;

/** The pauses have random numbers of their own, apart from those of the sequence. */
const PAUSE_STREAM = 0x2000_0000;

export function runWriter(
  db: Database.Database,
  { table, settings }: LoadTask,
  worker: number,
  clock: RoundClock,
  records: RecordWriter,
): void {
  const { seed, rows, thinkMs, busyTimeoutMs } = settings;
  const sequence = new WriterSequence(seed, worker, rows);
  const pauses = new Random(seed, PAUSE_STREAM + worker);
  const transaction = new WriteTransaction(db, table, settings, clock);
  const limitBusyTimeout = busyTimeoutLimiter(db, busyTimeoutMs, clock);
  for (let number = 1; clock.now() < clock.endMs; number++) {
    const operations = sequence.next();
    for (let retries = 0; ; retries++) {
      if (clock.now() >= clock.endMs) return;
      limitBusyTimeout();
      const began = clock.now();
      const record = { role: "writer", worker, number, retries } as const;
      const attempt: Attempt = { phase: "begin", phaseBeganMs: began, waitedMs: 0, heldMs: 0 };
      try {
        transaction.run(operations, attempt);
        const atMs = clock.now();
        const { waitedMs, heldMs } = attempt;
        const workingUs = (atMs - began - waitedMs - heldMs) * 1000;
        records.write({ ...record, kind: "commit", atMs, waitingUs: waitedMs * 1000, workingUs });
        break;
      } catch (error) {
        const atMs = clock.now();
        const code = codeOf(error);
        if (db.inTransaction) db.exec("ROLLBACK");
        if (!isTransient(code)) throw error;
        const { phase, phaseBeganMs, heldMs } = attempt;
        const waitingUs = (atMs - began - heldMs) * 1000;
        if (atMs >= clock.endMs) {
          records.write({ ...record, kind: "cut-off", atMs, waitingUs }); // no failure: the end caused it
          return;
        }
        const workingUs = (atMs - phaseBeganMs) * 1000;
        records.write({ ...record, kind: "failure", atMs, waitingUs, workingUs, phase, code });
        pause(pauses.int(MIN_RETRY_PAUSE_MS, MAX_RETRY_PAUSE_MS), clock);
      }
    }
    if (thinkMs > 0) pause(thinkMs, clock);
  }
}
