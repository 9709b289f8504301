/** SQLITE_BUSY without any refused attempt, and SQLITE_LOCKED: why. */
import { BUSY, BUSY_SNAPSHOT, LOCKED, primaryCode, resultName } from "../../sqlite/result-names.ts";
import type { RefusalLine, RefusalReason } from "../lines.ts";
import type { Database } from "../locks/database.ts";
import type { LockedFile } from "../locks/file.ts";
import type { Held } from "../locks/held.ts";
import { isWriteSlot, PENDING, READ0, READ4, RESERVED, SHARED, WRITE } from "../locks/slots.ts";
import { sqlFacts } from "../sql-facts.ts";
import { NO_CALL_SITE, type State } from "../state.ts";
import type { Connection } from "./connection.ts";
import type { Frame, Thread } from "./thread.ts";

interface Reason {
  readonly database: Database;
  readonly why: RefusalReason;
  readonly sure: RefusalLine["sure"];
  readonly pathIs?: RefusalLine["pathIs"];
}

/** SQLite's first sleep is 1 ms. */
const SLEPT_MS = 1;

/** Of an outermost call that returns BUSY or LOCKED without having been refused a lock. */
export function refusalOf(state: State, frame: Frame, thread: Thread, code: number, nowMs: number): RefusalLine | null {
  const { connection } = frame;
  if (connection === null || frame.call === "close") return null;
  const reason = reasonOf(state, frame, connection, code, nowMs);
  return reason === null ? null : lineOf(state, frame, connection, thread.tid, code, nowMs, reason);
}

/**
 * Of a connection whose process has a database of the recording open, without a lock of it that was seen: a child of a
 * fork believes that it has its parent's locks, and some VFS lock without the kernel.
 */
export function unprovedRefusalOf(
  state: State,
  frame: Frame,
  thread: Thread,
  code: number,
  nowMs: number,
): RefusalLine | null {
  const { connection } = frame;
  if (connection === null || frame.call === "close" || primaryCode(code) !== BUSY) return null;
  if (connection.databases.length > 0) return null;
  const { databases } = state.files;
  const written = databases.filter(({ file, shm }) =>
    [file, shm].some((each) => isWrittenByOther(each, connection.pid, frame.atMs)),
  );
  // Where nobody ever locks a database, its VFS locks without the kernel.
  const candidates =
    written.length > 0 ? written : databases.filter(({ file, shm }) => !file?.wasLocked && !shm?.wasLocked);
  const [database] = candidates;
  if (database === undefined) return null;
  const pathIs = candidates.length === 1 ? "likely" : "unknown";
  const reason = { database, why: "unknown", sure: "likely", pathIs } as const;
  return lineOf(state, frame, connection, thread.tid, code, nowMs, reason);
}

/**
 * Connections that share a cache share its locks: the one that took them is told. Another one that is refused a table
 * is refused by a transaction of one of these.
 */
export function sharedCacheRefusalOf(
  state: State,
  frame: Frame,
  thread: Thread,
  code: number,
  nowMs: number,
): RefusalLine | null {
  const { connection } = frame;
  if (connection === null || primaryCode(code) !== LOCKED || connection.databases.length > 0) return null;
  const others = [...(state.processes.get(connection.pid)?.connections.values() ?? [])];
  const candidates = state.files.databases.filter((database) =>
    others.some((each) => each.transaction?.touched.some((touched) => touched.database === database) === true),
  );
  const [database] = candidates;
  if (database === undefined) return null;
  const pathIs = candidates.length === 1 ? "likely" : "unknown";
  return lineOf(state, frame, connection, thread.tid, code, nowMs, {
    ...({ database, why: "inside-process", sure: "likely", pathIs } as const),
  });
}

/** Without such a lock in the call, it would not have been BUSY. */
function isWrittenByOther(file: LockedFile | null, pid: number, sinceMs: number): boolean {
  if (file === null) return false;
  if (file.releasedWrites.some((held) => held.pid !== pid && (held.toMs ?? 0) > sinceMs)) return true;
  return file.slots.some((list, slot) => list.some((held) => held.pid !== pid && isWriteSlot(file, slot, held.type)));
}

function lineOf(
  state: State,
  frame: Frame,
  connection: Connection,
  tid: number,
  code: number,
  nowMs: number,
  reason: Reason,
): RefusalLine {
  const callMs = nowMs - frame.atMs;
  return {
    type: "refusal",
    ...state.who(connection.pid, tid),
    path: reason.database.path,
    connection: connection.number,
    atMs: nowMs,
    callMs,
    ...(reason.why === "same-process" && callMs >= SLEPT_MS ? { waitedMs: callMs } : {}),
    ...(reason.pathIs === undefined ? {} : { pathIs: reason.pathIs }),
    result: resultName(code),
    why: reason.why,
    sure: reason.sure,
    ...sqlFacts(frame.innerSql),
    callSite: NO_CALL_SITE,
  };
}

function reasonOf(state: State, frame: Frame, connection: Connection, code: number, nowMs: number): Reason | null {
  const { databases } = connection;
  const first = databases[0];
  if (primaryCode(code) === LOCKED) {
    return first === undefined ? null : { database: first, why: "inside-process", sure: "proved" };
  }
  const { dropped } = frame;
  if (code === BUSY_SNAPSHOT || dropped !== null) {
    const database = dropped?.file.database ?? first;
    if (database === undefined) return null;
    if (code === BUSY_SNAPSHOT && dropped === null) return { database, why: "snapshot", sure: "proved" };
    const touched = connection.transaction?.touched.find((each) => each.database === database);
    if (touched !== undefined && touched.readStep !== 0 && touched.readStep < frame.id) {
      return { database, why: "snapshot", sure: "proved" };
    }
    // It may have begun to read before its statements were seen, or with another connection of its process.
    const isMaybeReading = hasOlderReadLock(database, connection.pid, frame.atMs);
    if (isMaybeReading) return { database, why: "snapshot", sure: "likely" };
    return { database, why: "committed-in-between", sure: connection.isBorderKnown ? "proved" : "likely" };
  }
  const others = first === undefined ? state.files.databases : databases;
  for (const database of others) {
    const held = writeLockOf(database, connection.pid) ?? lastWriteLockOf(database, connection, nowMs);
    if (held === null || held.connection === connection) continue;
    const isProved = first !== undefined && held.connection !== null && held.fromMs <= frame.atMs;
    return { database, why: "same-process", sure: isProved ? "proved" : "likely" };
  }
  if (first === undefined) return null;
  for (const database of databases) {
    // A commit in rollback mode waits for the other readers of its process without a system call.
    const other = [...(state.processes.get(connection.pid)?.connections.values() ?? [])].find(
      (each) => each !== connection && each.transaction?.touched.some((touched) => touched.database === database),
    );
    if (other !== undefined) return { database, why: "same-process", sure: "likely" };
  }
  return { database: first, why: "unknown", sure: "likely" };
}

function hasOlderReadLock({ shm }: Database, pid: number, beforeMs: number): boolean {
  for (let slot = READ0; slot <= READ4; slot += 1) {
    if (shm?.slots[slot]?.some((held) => held.pid === pid && held.type === "read" && held.fromMs < beforeMs))
      return true;
  }
  return false;
}

/** One that the process dropped just now: the last try of the call came before that. */
function lastWriteLockOf({ file, shm }: Database, { pid }: Connection, nowMs: number): Held | null {
  const released = [...(file?.releasedWrites ?? []), ...(shm?.releasedWrites ?? [])];
  return released.find((held) => held.pid === pid && (held.toMs ?? 0) > nowMs - SLEPT_MS) ?? null;
}

/** A write lock that a process has, for any of its connections. */
function writeLockOf(database: Database, pid: number) {
  const { file, shm } = database;
  const inWal = shm?.slots[WRITE]?.find((held) => held.pid === pid && held.type === "write");
  if (inWal !== undefined) return inWal;
  for (const slot of [RESERVED, PENDING, SHARED]) {
    const held = file?.slots[slot]?.find((each) => each.pid === pid && each.type === "write");
    if (held !== undefined) return held;
  }
  return null;
}
