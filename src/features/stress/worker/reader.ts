/** One reader: looks rows up, in transactions of its own. */
import type Database from "better-sqlite3";
import { codeOf } from "../../../worker/sqlite-error.ts";
import type { Task } from "../protocol.ts";
import { isTransient, type Phase } from "../records.ts";
import { ReaderSequence } from "../sequence.ts";
import { type Clock, pause } from "./clock.ts";
import { timeoutBefore } from "./connection.ts";
import type { RecordsOut } from "./records-out.ts";

/** Before it tries again. */
const PAUSE_MS = 1;

export function runReader(
  db: Database.Database,
  { table, settings, writersToRead }: Task,
  worker: number,
  clock: Clock,
  out: RecordsOut,
): void {
  const { seed, rows, holdMs, thinkMs, busyTimeoutMs } = settings;
  const sequence = new ReaderSequence(seed, worker, writersToRead, rows);
  const begin = db.prepare("BEGIN");
  const commit = db.prepare("COMMIT");
  const select = db.prepare(
    `SELECT text FROM ${table} WHERE (writer, number) >= (?, ?) ORDER BY writer, number LIMIT 1`,
  );
  const setTimeout = timeoutBefore(db, busyTimeoutMs, clock);
  for (let number = 1; clock.now() < clock.endMs; number++) {
    const places = sequence.next();
    for (let retries = 0; ; retries++) {
      if (clock.now() >= clock.endMs) return;
      setTimeout();
      const began = clock.now();
      let phase: Phase = "begin";
      let waitedMs = 0;
      let heldMs = 0;
      try {
        begin.run();
        phase = "read";
        for (const [i, place] of places.entries()) {
          select.get(place.writer, place.number);
          if (i === 0) waitedMs = clock.now() - began;
        }
        if (holdMs > 0) {
          const before = clock.now();
          pause(holdMs, clock);
          heldMs = clock.now() - before;
        }
        phase = "commit";
        commit.run();
        const ended = clock.now();
        const workingUs = (ended - began - waitedMs - heldMs) * 1000;
        out.sendLater({
          kind: "read",
          role: "reader",
          worker,
          number,
          atMs: ended,
          waitingUs: waitedMs * 1000,
          workingUs,
          retries,
        });
        break;
      } catch (error) {
        const failed = clock.now();
        const code = codeOf(error);
        if (db.inTransaction) db.exec("ROLLBACK");
        if (!isTransient(code)) throw error;
        if (failed >= clock.endMs) return;
        const waitingUs = (failed - began - heldMs) * 1000;
        out.sendLater({
          kind: "failure",
          role: "reader",
          worker,
          number,
          atMs: failed,
          waitingUs,
          workingUs: waitingUs,
          retries,
          phase,
          code,
        });
        pause(PAUSE_MS, clock);
      }
    }
    if (thinkMs > 0) pause(thinkMs, clock);
  }
}
