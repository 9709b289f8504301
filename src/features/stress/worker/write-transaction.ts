/** One write transaction of a writer, and how long its statements waited for a lock. */
import type Database from "better-sqlite3";
import { checksumOf, textOf } from "../content.ts";
import type { LoadTask } from "../protocol.ts";
import type { Phase } from "../records.ts";
import type { Operation } from "../sequence.ts";
import { pause, type RoundClock } from "./clock.ts";

/** Filled in while the transaction runs; valid as well when it fails. */
export interface Attempt {
  phase: Phase;
  phaseBeganMs: number;
  waitedMs: number;
  heldMs: number;
}

/**
 * The statements that wait for the lock: BEGIN IMMEDIATE and EXCLUSIVE; in a deferred transaction its first read and
 * its first write.
 */
export class WriteTransaction {
  readonly #settings: LoadTask["settings"];
  readonly #clock: RoundClock;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #read: Database.Statement;
  readonly #insert: Database.Statement;
  readonly #update: Database.Statement;
  readonly #delete: Database.Statement;

  constructor(db: Database.Database, table: string, settings: LoadTask["settings"], clock: RoundClock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#begin = db.prepare(`BEGIN ${settings.transaction}`);
    this.#commit = db.prepare("COMMIT");
    this.#read = db.prepare(`SELECT version FROM ${table} WHERE writer = ? AND number = ?`);
    this.#insert = db.prepare(`INSERT INTO ${table} (writer, number, version, text, checksum) VALUES (?, ?, ?, ?, ?)`);
    this.#update = db.prepare(
      `UPDATE ${table} SET version = version + 1, text = ?, checksum = ? WHERE writer = ? AND number = ?`,
    );
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE writer = ? AND number = ?`);
  }

  /** @throws the error of SQLite; `attempt` then has the phase that failed */
  run(operations: readonly Operation[], attempt: Attempt): void {
    const { transaction, readThenWrite, holdMs } = this.#settings;
    const isDeferred = transaction === "deferred";
    this.#execute(attempt, !isDeferred, () => this.#begin.run());
    if (readThenWrite) {
      this.#enter(attempt, "read");
      this.#execute(attempt, isDeferred, () => {
        for (const { writer, number } of operations) this.#read.get(writer, number);
      });
    }
    this.#enter(attempt, "write");
    for (const [i, operation] of operations.entries())
      this.#execute(attempt, isDeferred && i === 0, () => this.#write(operation));
    if (holdMs > 0) {
      const before = this.#clock.now();
      pause(holdMs, this.#clock);
      attempt.heldMs = this.#clock.now() - before;
    }
    this.#enter(attempt, "commit");
    this.#commit.run();
  }

  #enter(attempt: Attempt, phase: Phase): void {
    attempt.phase = phase;
    attempt.phaseBeganMs = this.#clock.now();
  }

  #execute(attempt: Attempt, waitsForLock: boolean, statement: () => void): void {
    const before = this.#clock.now();
    statement();
    if (waitsForLock) attempt.waitedMs += this.#clock.now() - before;
  }

  #write(operation: Operation): void {
    const { kind, writer, number, version } = operation;
    if (kind === "delete") {
      this.#delete.run(writer, number);
      return;
    }
    const text = textOf(this.#settings.seed, operation);
    const checksum = checksumOf(operation, text);
    if (kind === "insert") this.#insert.run(writer, number, version, text, checksum);
    else this.#update.run(text, checksum, writer, number);
  }
}
