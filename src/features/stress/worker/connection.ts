/** A connection of the load, with nothing set but the busy timeout. */
import Database from "better-sqlite3";
import type { Clock } from "./clock.ts";

/** All workers open the database at one moment. */
const OPEN_BUSY_MS = 30_000;

/** The time that is left is measured in steps: setting the timeout takes as long as a small read. */
const STEP_MS = 50;

export function connect(path: string, busyTimeoutMs: number): Database.Database {
  const db = new Database(path, { timeout: OPEN_BUSY_MS, fileMustExist: true });
  db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
  db.pragma(`busy_timeout = ${busyTimeoutMs}`);
  return db;
}

/** Near the end nobody waits beyond it: the timeout becomes what is left. To be called before each attempt. */
export function timeoutBefore(db: Database.Database, busyTimeoutMs: number, { now, endMs }: Clock): () => void {
  let set = busyTimeoutMs;
  return () => {
    const left = Math.max(1, Math.ceil(endMs - now()));
    if (left >= set - (set === busyTimeoutMs ? 0 : STEP_MS) || set <= 1) return;
    set = left;
    db.pragma(`busy_timeout = ${set}`);
  };
}
