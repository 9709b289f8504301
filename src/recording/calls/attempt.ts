/** A lock that a call tried to get and was refused, once or again and again. */
import type { LockApi, LockName, LockType } from "../../sqlite/locks.ts";
import type { LockedFile } from "../locks/file.ts";
import type { Held } from "../locks/held.ts";
import { CKPT, DMS, FOREIGN_SLOT, RECOVER, RESERVED, SHARED, WRITE } from "../locks/slots.ts";
import type { SqlText } from "../source-event.ts";
import type { Connection } from "./connection.ts";

/**
 * What a call wants, over the steps in which it takes it: to read a database, PENDING and then SHARED; to write it,
 * PENDING and then EXCLUSIVE; in WAL mode, whichever mark is free.
 */
export type Aim =
  | "read"
  | "reserve"
  | "exclusive"
  | "write"
  | "checkpoint"
  | "recover"
  | "mark"
  | "read-in-wal"
  | "open-shm"
  | "foreign";

export function aimOf(file: LockedFile, slot: number, type: LockType): Aim {
  if (slot === FOREIGN_SLOT) return "foreign";
  if (file.role === "database") {
    if (slot === RESERVED) return "reserve";
    return type === "read" ? "read" : "exclusive";
  }
  if (slot === WRITE) return "write";
  if (slot === CKPT) return "checkpoint";
  if (slot === RECOVER) return "recover";
  if (slot === DMS) return "open-shm";
  return type === "write" ? "mark" : "read-in-wal";
}

/** Whether a lock that was granted is what the call was after; PENDING is got before SHARED or EXCLUSIVE is refused. */
export function isReached(aim: Aim, file: LockedFile, slot: number): boolean {
  if (file.role === "database" && (aim === "read" || aim === "exclusive")) return slot === SHARED;
  return true;
}

/** One that was in the way, over all locks of this name that it had meanwhile. */
export interface Blocking {
  /** The one in the way now. */
  held: Held;
  /** The longest. */
  longest: Held;
  longestMs: number;
  /** Of the wait, over those before `held`. */
  blockedMs: number;
}

/** Different ones in the way; more are not remembered. */
const MOST_BLOCKERS = 32;

export class Attempt {
  times = 0;
  /** Refusals in a row, between which the thread did nothing else with locks. */
  inARow = 0;
  mostInARow = 0;
  lastMs: number;
  /** The last time it was granted, after which it was not refused. */
  grantedMs: number | null = null;
  /** F_SETLKW: the kernel lets it wait. */
  isQueued = false;
  /** Of its attempts, those that the kernel let wait. */
  queued = 0;
  /** The last refusal has nobody in its way who is known. */
  isUnexplained = false;
  readonly blockers: Blocking[] = [];

  readonly file: LockedFile;
  readonly aim: Aim;
  readonly slot: number;
  readonly name: LockName;
  readonly type: LockType;
  readonly start: number;
  readonly end: number;
  readonly owner: number;
  readonly api: LockApi;
  readonly pid: number;
  readonly tid: number;
  fromMs: number;
  readonly sql: SqlText | null;
  readonly connection: Connection | null;
  /** No call was seen around it. */
  readonly isRun: boolean;
  /** The connection had the lock to read when it tried this one: SQLite does not wait then. */
  readonly whileReading: boolean;

  constructor(facts: {
    readonly file: LockedFile;
    readonly aim: Aim;
    readonly slot: number;
    readonly name: LockName;
    readonly type: LockType;
    readonly start: number;
    readonly end: number;
    readonly owner: number;
    readonly api: LockApi;
    readonly pid: number;
    readonly tid: number;
    readonly fromMs: number;
    readonly sql: SqlText | null;
    readonly connection: Connection | null;
    readonly isRun: boolean;
    readonly whileReading: boolean;
  }) {
    this.file = facts.file;
    this.aim = facts.aim;
    this.slot = facts.slot;
    this.name = facts.name;
    this.type = facts.type;
    this.start = facts.start;
    this.end = facts.end;
    this.owner = facts.owner;
    this.api = facts.api;
    this.pid = facts.pid;
    this.tid = facts.tid;
    this.fromMs = facts.fromMs;
    this.lastMs = facts.fromMs;
    this.sql = facts.sql;
    this.connection = facts.connection;
    this.isRun = facts.isRun;
    this.whileReading = facts.whileReading;
  }

  block(held: Held): void {
    held.noteInTheWay();
    const known = this.blockers.find(
      ({ held: other }) =>
        other === held || (other.pid === held.pid && other.name === held.name && other.type === held.type),
    );
    if (known === undefined) {
      if (this.blockers.length < MOST_BLOCKERS) {
        this.blockers.push({ held, longest: held, longestMs: 0, blockedMs: 0 });
      }
      return;
    }
    if (known.held === held) return;
    settle(known, this.fromMs, known.held.toMs ?? held.fromMs);
    known.held = held;
  }

  /** Another one of the same wait: for the lock to read, which SQLite takes anew for each try of the lock to write. */
  absorb(other: Attempt): void {
    this.fromMs = Math.min(this.fromMs, other.fromMs);
    this.lastMs = Math.max(this.lastMs, other.lastMs);
    this.times += other.times;
    this.queued += other.queued;
    for (const each of other.blockers) {
      const isKnown = this.blockers.some(
        ({ held: { pid, name, type } }) => pid === each.held.pid && name === each.held.name && type === each.held.type,
      );
      if (!isKnown && this.blockers.length < MOST_BLOCKERS) this.blockers.push(each);
    }
    if (this.blockers.length > 0) this.isUnexplained = false;
  }

  /** Those in the way now, of a wait that goes on: by what they hold now, whatever they held before. */
  blockersNow(nowMs: number): readonly Blocking[] {
    const now = this.blockers.filter(({ held }) => held.toMs === null);
    return inOrder(now.map((each) => settled({ ...each, longest: each.held, longestMs: 0 }, this.fromMs, nowMs)));
  }

  /** Those in the way, up to the end of the wait. */
  settledBlockers(endMs: number): readonly Blocking[] {
    return inOrder(this.blockers.map((each) => settled({ ...each }, this.fromMs, endMs)));
  }
}

/** The one that was in the way longest first. */
function inOrder(blockers: Blocking[]): readonly Blocking[] {
  return blockers.sort((a, b) => b.blockedMs - a.blockedMs);
}

function settled(blocking: Blocking, fromMs: number, endMs: number): Blocking {
  settle(blocking, fromMs, endMs);
  return blocking;
}

function settle(blocking: Blocking, fromMs: number, endMs: number): void {
  const { held } = blocking;
  const toMs = Math.min(held.toMs ?? endMs, endMs);
  blocking.blockedMs += Math.max(0, toMs - Math.max(fromMs, held.fromMs));
  const heldMs = toMs - held.fromMs;
  if (heldMs < blocking.longestMs) return;
  blocking.longest = held;
  blocking.longestMs = heldMs;
}
