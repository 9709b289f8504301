/** What a holder is doing and what it keeps others from doing, read off its locks (locks.ts). Pure. */
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

/** The part of a lock that its meaning depends on. */
export interface DecodedLock extends ByteRange {
  readonly name: LockName;
  readonly role: Role;
  readonly type: LockType;
  readonly api: LockApi;
  /** Asked for in F_SETLKW and not granted yet: it is not held, so it blocks nobody. */
  readonly waiting: boolean;
}

/** What the files say, beside the locks. */
export interface ProtocolState {
  readonly journalMode: "wal" | "rollback" | "unknown";
  /** A `-journal` with a valid header lies beside the database. */
  readonly journalValid: boolean;
  /** From the wal-index; null where there is none to be trusted. */
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
  // A writer that has got EXCLUSIVE keeps PENDING and RESERVED: they no longer say what it does.
  if (exclusive && lock.name !== "EXCLUSIVE" && isWriteLock(lock) && lock.role === "database") return "idle";
  return effectOfLock(lock, wal)?.activity ?? "idle";
}

/** What others cannot do because of this lock alone. */
export function blocksOfLock(lock: DecodedLock, state: ProtocolState): readonly Block[] {
  const wal = state.journalMode === "wal";
  if (lock.name === "FOREIGN") return blocksOfForeignLock(lock.role, lock.api, lock.type, lock, wal);
  const blocks = effectOfLock(lock, wal)?.keepsOut ?? [];
  const mark = readMarkPinned(lock);
  return mark === null || pinnedFrames(mark, state) > 0 ? blocks : blocks.filter((block) => block !== "checkpoints");
}

/** The frame that READ*k* pins a snapshot at: its mark, and 0 on READ0, which reads the database file alone. */
export function markOfReadLock(k: number, state: ProtocolState): number | null {
  return k === 0 ? 0 : (state.wal?.readMarks[k] ?? null);
}

/**
 * How many frames of the WAL a reader on READ*k* keeps from being copied back: mxFrame − max(mark, nBackfill), 0 or
 * more.
 */
export function pinnedFrames(k: number, state: ProtocolState): number {
  const mark = markOfReadLock(k, state);
  if (state.wal === null || mark === null) return 0;
  return Math.max(0, state.wal.mxFrame - Math.max(mark, state.wal.nBackfill));
}
