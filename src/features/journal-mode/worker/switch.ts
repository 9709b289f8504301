/**
 * `PRAGMA journal_mode`, until it goes through. SQLite's busy handler is not enough: most of the locks that a change of
 * the mode needs are asked for once (`pager.c`, sqlite3PagerCloseWal; `btree.c`, sqlite3BtreeSetVersion, where the
 * connection reads already).
 *
 * WAL mode is left in exclusive locking mode. In normal locking mode SQLite gives up EXCLUSIVE between deleting the
 * -wal and writing the header (`pager.c`, sqlite3PagerSharedLock, which takes its own lock for that of a hot journal):
 * a program that connects then makes a new -wal, and commits to it. SQLite writes the header into that one, and says
 * that it has left WAL mode, though all are in it.
 */
import Database from "better-sqlite3";
import { sleep } from "../../../time.ts";
import { becomeOpener } from "../../../worker/become.ts";
import { openFiles } from "../../../worker/descriptors.ts";
import { nameFor } from "../../../worker/name.ts";
import type { Channel } from "../../../worker/serve.ts";
import { codeOf, messageOf } from "../../../worker/sqlite-error.ts";
import type { Job, Message, Refusal } from "../protocol.ts";
import { changeCounterOf } from "./change-counter.ts";
import { AnotherFileError, PinnedFiles } from "./pinned.ts";

/**
 * In rollback mode SQLite keeps new readers out while it waits for the old ones (PENDING). So the first attempts do not
 * wait at all. Readers that overlap may leave no moment free: then they are kept out for this long at a time, in ms.
 */
const ATTEMPT_MS = 80;

/** Between two attempts, in ms: readers that were kept out get their lock. */
const PAUSE_MS = 50;

/** This part of the time to wait goes by before readers are kept out. */
const PATIENT_SHARE = 0.3;

/** After leaving WAL mode it waits so long for the one that writes then, in ms. */
const HOLD_WAIT_MS = 5000;

type SwitchJob = Extract<Job, { kind: "switch" }>;

export async function switchMode(job: SwitchJob, { send, ask }: Channel<Message>): Promise<void> {
  const deadline = performance.now() + job.waitMs;
  let db: Database.Database | null = null;
  let switched = false;
  try {
    becomeOpener(job.user);
    const files = new PinnedFiles(job);
    const name = nameFor(job.path, job.folder);
    const opened = await retryWhileBusy(
      () => {
        const attempt = new Database(name, { fileMustExist: true, timeout: 0 });
        try {
          return { db: attempt, mode: modeOf(attempt) };
        } catch (error) {
          attempt.close();
          throw error;
        }
      },
      deadline,
      send,
    );
    if (opened === null) return send({ kind: "refused", refusal: { kind: "busy" } });
    const connection = opened.db;
    db = connection;
    files.check();
    const leaves = opened.mode === "wal" && job.to === "delete";
    if (leaves) {
      checkpoint(connection);
      await ask({ kind: "attached", files: openFiles() });
      connection.pragma("locking_mode = exclusive");
    }
    const patient = deadline - job.waitMs * (1 - PATIENT_SHARE);
    const change = () => {
      files.checkName();
      if (performance.now() > patient && job.waitMs > 0) connection.pragma(`busy_timeout = ${ATTEMPT_MS}`);
      return changeMode(connection, job.to);
    };
    const mode = await retryWhileBusy(change, deadline, send);
    if (mode === null) return send({ kind: "refused", refusal: { kind: "busy" } });
    if (mode !== job.to) return send({ kind: "refused", refusal: { kind: "unchanged", mode } });
    switched = true;
    const counter = leaves ? changeCounterOf(job.database) : null; // under EXCLUSIVE: nobody else has written yet
    if (leaves) endExclusive(connection);
    files.check();
    await ask({ kind: "switched", held: leaves && (await keepWritersOut(connection)), counter });
  } catch (error) {
    send({ kind: "refused", refusal: refusalOf(error, switched) });
  } finally {
    if (db !== null) close(db);
  }
}

function modeOf(db: Database.Database): string {
  db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get(); // opens the -wal, and recovers it where a crash has left it
  return String(db.pragma("journal_mode", { simple: true }));
}

/** All rows are asked for: better-sqlite3 does not tell of an error of the commit that follows the first. */
function changeMode(db: Database.Database, to: string): string {
  const [row] = db.pragma(`journal_mode = ${to}`) as { readonly journal_mode: string }[];
  return String(row?.journal_mode);
}

/** Gives up EXCLUSIVE, and deletes the -journal that exclusive locking mode keeps (no transaction is in it). */
function endExclusive(db: Database.Database): void {
  db.pragma("locking_mode = normal");
  changeMode(db, "truncate");
  changeMode(db, "delete"); // deletes it under the lock; pager.c, sqlite3PagerSetJournalMode
  modeOf(db); // the end of a transaction releases it
}

/** Copies back as much as it can without keeping anybody out, so that the change itself takes less time. */
function checkpoint(db: Database.Database): void {
  try {
    db.pragma("wal_checkpoint(PASSIVE)");
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
}

/** Tries again while the database is busy. Null when the time is up. */
async function retryWhileBusy<T>(act: () => T, deadline: number, send: (message: Message) => void): Promise<T | null> {
  for (;;) {
    try {
      return act();
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    const left = deadline - performance.now();
    if (left <= 0) return null;
    send({ kind: "waiting" });
    await sleep(Math.min(PAUSE_MS, left));
  }
}

async function keepWritersOut(db: Database.Database): Promise<boolean> {
  const begun = await retryWhileBusy(
    () => db.exec("BEGIN IMMEDIATE"),
    performance.now() + HOLD_WAIT_MS,
    () => undefined,
  );
  return begun !== null;
}

function close(db: Database.Database): void {
  if (db.inTransaction) db.exec("ROLLBACK");
  db.close();
}

function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith("SQLITE_BUSY") || codeOf(error) === "SQLITE_PROTOCOL";
}

/** `switched`: the mode has been changed. */
export function refusalOf(error: unknown, switched = false): Refusal {
  if (error instanceof AnotherFileError) return { kind: "another-file", switched };
  const code = codeOf(error);
  if (code === "" && !(error instanceof TypeError) && !isOfSystem(error)) throw error;
  return { kind: "failed", code, message: messageOf(error) };
}

/** The folder for a link is the user's, who may have taken it away. */
function isOfSystem(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall !== undefined;
}
