/** What a holder is doing, and what it keeps other connections from, by its locks (locks.ts). Pure. */
import { type ByteRange, blocksOfForeignLock } from "./lock-bytes.ts";
import {
  ACTIVITIES,
  type Activity,
  BLOCKS,
  type Block,
  effectOfLock,
  isWriteLock,
  type LockApi,
  type LockName,
  type LockType,
  readMarkPinned,
} from "./locks.ts";
import type { Role } from "./roles.ts";

/** The part of a lock on which its meaning depends. */
export interface DecodedLock extends ByteRange {
  readonly name: LockName;
  readonly role: Role;
  readonly type: LockType;
  readonly api: LockApi;
  /** Requested with F_SETLKW, not granted yet: it is not held, so it blocks no one. */
  readonly waiting: boolean;
}

/** What the files show, beside the locks. */
export interface ProtocolState {
  readonly journalMode: "wal" | "rollback" | "unknown";
  /** There is a `-journal` with a valid header beside the database. */
  readonly journalValid: boolean;
  /** From the wal-index; null where there is none that is up to date. */
  readonly wal: {
    readonly mxFrame: number;
    readonly nBackfill: number;
    readonly readMarks: readonly (number | null)[];
  } | null;
}

/** Activity and blocks of one holder: the union over the locks it holds. */
export function meaningOfLocks(
  locks: readonly DecodedLock[],
  state: ProtocolState,
): { activity: Activity; blocks: Block[] } {
  const held = locks.filter((lock) => !lock.waiting);
  const exclusive = held.some((lock) => lock.name === "EXCLUSIVE");
  const activities = new Set(held.map((lock) => activityOfLock(lock, state, exclusive)));
  const blocks = new Set(held.flatMap((lock) => blocksOfLock(lock, state)));
  return {
    activity: ACTIVITIES.find((activity) => activities.has(activity)) ?? "idle",
    blocks: BLOCKS.filter((block) => blocks.has(block)),
  };
}

function activityOfLock(lock: DecodedLock, state: ProtocolState, exclusive: boolean): Activity {
  const wal = state.journalMode === "wal";
  if (lock.name === "FOREIGN") {
    return lock.role === "database" && blocksOfLock(lock, state).includes("readers") ? "exclusive" : "idle";
  }
  if (lock.name === "EXCLUSIVE" && !wal && state.journalValid) return "writing";
  // A writer with EXCLUSIVE keeps PENDING and RESERVED: they no longer determine its activity.
  if (exclusive && lock.name !== "EXCLUSIVE" && isWriteLock(lock) && lock.role === "database") return "idle";
  return effectOfLock(lock, wal)?.activity ?? "idle";
}

/** What other connections cannot do because of this lock alone. */
export function blocksOfLock(lock: DecodedLock, state: ProtocolState): readonly Block[] {
  const wal = state.journalMode === "wal";
  if (lock.name === "FOREIGN") return blocksOfForeignLock(lock.role, lock.api, lock.type, lock, wal);
  const blocks = effectOfLock(lock, wal)?.keepsOut ?? [];
  const mark = readMarkPinned(lock);
  return mark === null || pinnedFrames(mark, state) > 0 ? blocks : blocks.filter((block) => block !== "checkpoints");
}

/** The frame at which READ*k* pins a snapshot: its mark; 0 for READ0, whose readers use the database file alone. */
export function markOfReadLock(k: number, state: ProtocolState): number | null {
  return k === 0 ? 0 : (state.wal?.readMarks[k] ?? null);
}

/** How many frames of the WAL a reader on READ*k* keeps from being copied back: mxFrame − max(mark, nBackfill). */
export function pinnedFrames(k: number, state: ProtocolState): number {
  const mark = markOfReadLock(k, state);
  if (state.wal === null || mark === null) return 0;
  return Math.max(0, state.wal.mxFrame - Math.max(mark, state.wal.nBackfill));
}
