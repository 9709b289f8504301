/** A connection of the load. Nothing is set on it but the busy timeout. */
import type Database from "better-sqlite3";
import type { FileIdentity } from "../protocol.ts";
import type { RoundClock } from "./clock.ts";
import { openFile } from "./opened-file.ts";

/** All workers open the database at the same moment. */
const OPEN_BUSY_MS = 30_000;

/** Near the end the timeout is set only when it is this much too long: setting it costs as much as a small read. */
const STEP_MS = 50;

/** @throws OtherFile */
export function connect(path: string, file: FileIdentity, busyTimeoutMs: number): Database.Database {
  const { db } = openFile(path, file, { timeout: OPEN_BUSY_MS, fileMustExist: true });
  db.pragma(`busy_timeout = ${busyTimeoutMs}`);
  return db;
}

/**
 * Near the end of the round the busy timeout becomes the remaining time, so that no connection waits beyond the end.
 * @returns a function to be called before each attempt
 */
export function busyTimeoutLimiter(
  db: Database.Database,
  busyTimeoutMs: number,
  { now, endMs }: RoundClock,
): () => void {
  let currentMs = busyTimeoutMs;
  return () => {
    const remainingMs = Math.max(1, Math.ceil(endMs - now()));
    const toleranceMs = currentMs === busyTimeoutMs ? 0 : STEP_MS;
    if (remainingMs >= currentMs - toleranceMs || currentMs <= 1) return;
    currentMs = remainingMs;
    db.pragma(`busy_timeout = ${currentMs}`);
  };
}
