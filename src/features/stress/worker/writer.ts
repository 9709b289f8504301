/** One writer: its transactions in their order, each until it is committed and told. */
import type Database from "better-sqlite3";
import { codeOf } from "../../../worker/sqlite-error.ts";
import { checksumOf, textOf } from "../content.ts";
import type { Task } from "../protocol.ts";
import { Random } from "../random.ts";
import { isTransient, type Phase } from "../records.ts";
import { type Operation, WriterSequence } from "../sequence.ts";
import { type Clock, pause } from "./clock.ts";
import { timeoutBefore } from "./connection.ts";
import type { RecordsOut } from "./records-out.ts";

/** Before it tries again, in ms: programs pause as well, and two that failed together do not meet again. */
const LEAST_PAUSE_MS = 1;
const MOST_PAUSE_MS = 10;

/** Its numbers have nothing to do with those of the sequence. */
const PAUSES = 0x2000_0000;

interface Attempt {
  phase: Phase;
  /** When the phase began. */
  since: number;
  waitedMs: number;
  heldMs: number;
}

export function runWriter(
  db: Database.Database,
  { table, settings }: Task,
  worker: number,
  clock: Clock,
  out: RecordsOut,
): void {
  const { seed, rows, thinkMs, busyTimeoutMs } = settings;
  const sequence = new WriterSequence(seed, worker, rows);
  const pauses = new Random(seed, PAUSES + worker);
  const transact = transactions(db, table, settings, seed, clock);
  const setTimeout = timeoutBefore(db, busyTimeoutMs, clock);
  for (let number = 1; clock.now() < clock.endMs; number++) {
    const operations = sequence.next();
    for (let retries = 0; ; retries++) {
      if (clock.now() >= clock.endMs) return;
      setTimeout();
      const began = clock.now();
      const attempt: Attempt = { phase: "begin", since: began, waitedMs: 0, heldMs: 0 };
      try {
        transact(operations, attempt);
        const ended = clock.now();
        const workingUs = (ended - began - attempt.waitedMs - attempt.heldMs) * 1000;
        out.send({
          kind: "commit",
          role: "writer",
          worker,
          number,
          atMs: ended,
          waitingUs: attempt.waitedMs * 1000,
          workingUs,
          retries,
        });
        break;
      } catch (error) {
        const failed = clock.now();
        const code = codeOf(error);
        if (db.inTransaction) db.exec("ROLLBACK");
        if (!isTransient(code)) throw error;
        if (failed >= clock.endMs) return; // cut off by the end, not by others
        const waitingUs = (failed - began - attempt.heldMs) * 1000;
        const workingUs = (failed - attempt.since) * 1000;
        out.send({
          kind: "failure",
          role: "writer",
          worker,
          number,
          atMs: failed,
          waitingUs,
          workingUs,
          retries,
          phase: attempt.phase,
          code,
        });
        pause(pauses.int(LEAST_PAUSE_MS, MOST_PAUSE_MS), clock);
      }
    }
    if (thinkMs > 0) pause(thinkMs, clock);
  }
}

/**
 * What waits for the lock: BEGIN IMMEDIATE and EXCLUSIVE; of a deferred transaction its first read and its first write.
 */
function transactions(
  db: Database.Database,
  table: string,
  { transaction, readThenWrite, holdMs }: Task["settings"],
  seed: number,
  clock: Clock,
) {
  const begin = db.prepare(`BEGIN ${transaction}`);
  const commit = db.prepare("COMMIT");
  const read = db.prepare(`SELECT version FROM ${table} WHERE writer = ? AND number = ?`);
  const insert = db.prepare(`INSERT INTO ${table} (writer, number, version, text, checksum) VALUES (?, ?, ?, ?, ?)`);
  const update = db.prepare(
    `UPDATE ${table} SET version = version + 1, text = ?, checksum = ? WHERE writer = ? AND number = ?`,
  );
  const remove = db.prepare(`DELETE FROM ${table} WHERE writer = ? AND number = ?`);
  const write = (operation: Operation) => {
    const { kind, writer, number, version } = operation;
    if (kind === "delete") return remove.run(writer, number);
    const text = textOf(seed, operation);
    const checksum = checksumOf(operation, text);
    return kind === "insert"
      ? insert.run(writer, number, version, text, checksum)
      : update.run(text, checksum, writer, number);
  };
  const waits = (attempt: Attempt, statement: () => unknown) => {
    const before = clock.now();
    statement();
    attempt.waitedMs += clock.now() - before;
  };
  const enter = (attempt: Attempt, phase: Phase) => {
    attempt.phase = phase;
    attempt.since = clock.now();
  };
  return (operations: readonly Operation[], attempt: Attempt): void => {
    const deferred = transaction === "deferred";
    if (deferred) begin.run();
    else waits(attempt, () => begin.run());
    if (readThenWrite) {
      enter(attempt, "read");
      const readAll = () => operations.map(({ writer, number }) => read.get(writer, number));
      if (deferred) waits(attempt, readAll);
      else readAll();
    }
    enter(attempt, "write");
    const [first, ...more] = operations;
    if (first !== undefined) {
      if (deferred) waits(attempt, () => write(first));
      else write(first);
    }
    for (const operation of more) write(operation);
    if (holdMs > 0) {
      const before = clock.now();
      pause(holdMs, clock);
      attempt.heldMs = clock.now() - before;
    }
    enter(attempt, "commit");
    commit.run();
  };
}
