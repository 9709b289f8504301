/** One reader of the load: looks up rows, in its own transactions. */
import type Database from "better-sqlite3";
import { codeOf } from "../../../worker/sqlite-error.ts";
import type { LoadTask } from "../protocol.ts";
import { isTransient, type Phase } from "../records.ts";
import { ReaderSequence } from "../sequence.ts";
import { pause, type RoundClock } from "./clock.ts";
import { busyTimeoutLimiter } from "./connection.ts";
import type { RecordWriter } from "./record-writer.ts";

/** Between a failure and the next attempt. */
const RETRY_PAUSE_MS = 1;

export function runReader(
  db: Database.Database,
  { table, settings, writersToRead }: LoadTask,
  worker: number,
  clock: RoundClock,
  records: RecordWriter,
): void {
  const { seed, rows, holdMs, thinkMs, busyTimeoutMs } = settings;
  const sequence = new ReaderSequence(seed, worker, writersToRead, rows);
  const begin = db.prepare("BEGIN");
  const commit = db.prepare("COMMIT");
  const select = db.prepare(
    `SELECT text FROM ${table} WHERE (writer, number) >= (?, ?) ORDER BY writer, number LIMIT 1`,
  );
  const limitBusyTimeout = busyTimeoutLimiter(db, busyTimeoutMs, clock);
  for (let number = 1; clock.now() < clock.endMs; number++) {
    const keys = sequence.next();
    for (let retries = 0; ; retries++) {
      if (clock.now() >= clock.endMs) return;
      limitBusyTimeout();
      const began = clock.now();
      const record = { role: "reader", worker, number, retries } as const;
      let phase: Phase = "begin";
      let waitedMs = 0;
      let heldMs = 0;
      try {
        begin.run();
        phase = "read";
        for (const [i, key] of keys.entries()) {
          select.get(key.writer, key.number);
          if (i === 0) waitedMs = clock.now() - began;
        }
        if (holdMs > 0) {
          const before = clock.now();
          pause(holdMs, clock);
          heldMs = clock.now() - before;
        }
        phase = "commit";
        commit.run();
        const atMs = clock.now();
        const workingUs = (atMs - began - waitedMs - heldMs) * 1000;
        records.writeLater({ ...record, kind: "read", atMs, waitingUs: waitedMs * 1000, workingUs });
        break;
      } catch (error) {
        const atMs = clock.now();
        const code = codeOf(error);
        if (db.inTransaction) db.exec("ROLLBACK");
        if (!isTransient(code)) throw error;
        const waitingUs = (atMs - began - heldMs) * 1000;
        if (atMs >= clock.endMs) {
          records.writeLater({ ...record, kind: "cut-off", atMs, waitingUs }); // no failure: the end caused it
          return;
        }
        records.writeLater({ ...record, kind: "failure", atMs, waitingUs, workingUs: waitingUs, phase, code });
        pause(RETRY_PAUSE_MS, clock);
      }
    }
    if (thinkMs > 0) pause(thinkMs, clock);
  }
}
