/**
 * What a holder is doing and what it keeps others from doing, read off its locks. The table that it follows is in
 * docs/architecture.md; sources: https://www.sqlite.org/lockingv3.html and https://www.sqlite.org/wal.html#concurrency.
 */
import { type ByteRange, foreignConflicts, type LockApi, type LockName, type LockType } from "./lock-bytes.ts";
import type { Role } from "./roles.ts";

/** In the order in which they are reported: the first that applies to a holder is its activity. */
export const ACTIVITIES = [
  "exclusive",
  "recovering",
  "checkpointing",
  "committing",
  "writing",
  "reading",
  "idle",
] as const;
export type Activity = (typeof ACTIVITIES)[number];

export const BLOCKS = ["readers", "writers", "commits", "checkpoints", "journal-mode"] as const;
export type Block = (typeof BLOCKS)[number];

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

interface Meaning {
  readonly activity: Activity;
  readonly blocks: readonly Block[];
}

const EVERYBODY: readonly Block[] = ["readers", "writers", "journal-mode"];

/** Activity and blocks of one holder: the union over the locks it holds. */
export function meaningOfLocks(
  locks: readonly DecodedLock[],
  state: ProtocolState,
): { activity: Activity; blocks: Block[] } {
  const held = locks.filter((lock) => !lock.waiting);
  const exclusive = held.some((lock) => lock.name === "EXCLUSIVE");
  const meanings = held.map((lock) => meaningOfLock(lock, state, exclusive));
  return {
    activity: ACTIVITIES.find((activity) => meanings.some((m) => m.activity === activity)) ?? "idle",
    blocks: BLOCKS.filter((block) => meanings.some((m) => m.blocks.includes(block))),
  };
}

function meaningOfLock(lock: DecodedLock, state: ProtocolState, exclusive: boolean): Meaning {
  const wal = state.journalMode === "wal";
  switch (lock.name) {
    case "EXCLUSIVE":
      return { activity: !wal && state.journalValid ? "writing" : "exclusive", blocks: EVERYBODY };
    case "PENDING": // EXCLUSIVE keeps PENDING: only without it is the holder still waiting for readers to leave
      if (lock.type === "read") return { activity: "reading", blocks: [] };
      return { activity: exclusive ? "idle" : "committing", blocks: EVERYBODY };
    case "RESERVED":
      return { activity: exclusive ? "idle" : "writing", blocks: ["writers", "journal-mode"] };
    case "SHARED":
      return wal
        ? { activity: "idle", blocks: ["journal-mode"] }
        : { activity: "reading", blocks: ["commits", "journal-mode"] };
    case "WRITE":
      return { activity: "writing", blocks: ["writers", "checkpoints", "journal-mode"] };
    case "CKPT":
      return { activity: "checkpointing", blocks: ["checkpoints", "journal-mode"] };
    case "RECOVER":
      return { activity: "recovering", blocks: ["readers", "writers", "checkpoints", "journal-mode"] };
    case "READ0":
    case "READ1":
    case "READ2":
    case "READ3":
    case "READ4": {
      if (lock.type === "write") return { activity: "idle", blocks: [] }; // a checkpointer's; CKPT beside it says what it does
      const pins = pinnedFrames(Number(lock.name[4]), state) > 0;
      return { activity: "reading", blocks: pins ? ["checkpoints", "journal-mode"] : ["journal-mode"] };
    }
    case "DMS": // a write lock: the first opener is initialising the wal-index, and every other waits for it
      return lock.type === "write"
        ? { activity: "recovering", blocks: ["readers", "writers"] }
        : { activity: "idle", blocks: [] };
    case "FOREIGN":
      return foreignMeaning(lock, wal);
  }
}

function foreignMeaning(lock: DecodedLock, wal: boolean): Meaning {
  const conflicts = foreignConflicts(lock.role, lock.api, lock.type, lock);
  const blocks = new Set<Block>();
  if (conflicts.has("SHARED") || conflicts.has("DMS")) for (const block of EVERYBODY) blocks.add(block);
  if (conflicts.has("READ")) blocks.add("readers");
  if (conflicts.has("EXCLUSIVE")) blocks.add("journal-mode");
  if (conflicts.has("EXCLUSIVE") && !wal) blocks.add("commits");
  // in WAL mode only a change of the mode takes RESERVED
  if ((conflicts.has("RESERVED") && !wal) || conflicts.has("WRITE")) blocks.add("writers");
  if (conflicts.has("CKPT")) blocks.add("checkpoints");
  return { activity: conflicts.has("SHARED") ? "exclusive" : "idle", blocks: [...blocks] };
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
