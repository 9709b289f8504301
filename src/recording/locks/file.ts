/**
 * The locks on one file, as the kernel's events tell of them. They fire after the kernel has dropped its own lock: a
 * grant can stand before the unlock that made it possible, and a refusal after the unlock of what was in its way.
 */
import type { LockType } from "../../sqlite/locks.ts";
import type { Connection } from "../calls/connection.ts";
import type { LockEvent, SqlText } from "../source-event.ts";
import type { Database } from "./database.ts";
import { Held, type HeldListener, UNKNOWN_OWNER } from "./held.ts";
import { FOREIGN_SLOT, isWriteSlot, type LockedRole, type Segment, SLOTS, segmentsOf } from "./slots.ts";

/** Released locks that are remembered, for refusals that are told of late. */
const REMEMBERED = 16;
/** No event is told of later than this, ms. */
export const LATE_MS = 50;

type Owner = Pick<LockEvent, "owner" | "pid" | "api"> & Partial<Pick<LockEvent, "closes">>;

/** What a lock belongs to: whose call took it. */
export interface Taker {
  readonly sql: SqlText | null;
  readonly connection: Connection | null;
  readonly outerCall: number;
}

export class LockedFile {
  readonly database: Database;
  readonly role: LockedRole;
  readonly device: number;
  readonly inode: number;
  /** Another file has its path now: whoever has locks here blocks no user of that. */
  former = false;
  /** Locks may be held that are not in the table: events were lost, or the file was not followed from the start. */
  incomplete = true;
  /**
   * /proc has shown that the path leads to it. What a sequence of locks has shown may be the work of a program that
   * imitates SQLite: there only those who have the database locked are users of it.
   */
  isConfirmed = false;
  /** Somebody was seen to have a lock on it. */
  wasLocked = false;
  /**
   * Of a database: processes that were seen to lock it, or of a -shm while it was known to be that. Whoever locks a
   * -shm has locked its database before, and keeps that lock, unless it has lost it by the close trap.
   */
  readonly users = new Set<number>();
  /** Of a -shm: a sequence of locks has last shown then that it is that of its database. */
  learntMs = Number.NEGATIVE_INFINITY;
  /** Its events are known since then. */
  sinceMs = Number.NEGATIVE_INFINITY;
  readonly slots: Held[][] = Array.from({ length: SLOTS }, () => []);
  /** The last ones released, as a ring. */
  private readonly released: (Held | undefined)[] = new Array(REMEMBERED).fill(undefined);
  private next = 0;
  /** The last locks to write that were released, the oldest first. */
  readonly releasedWrites: Held[] = [];
  private readonly listener: HeldListener;

  constructor(
    file: { readonly database: Database; readonly role: LockedRole; readonly device: number; readonly inode: number },
    listener: HeldListener,
  ) {
    this.database = file.database;
    this.role = file.role;
    this.device = file.device;
    this.inode = file.inode;
    this.listener = listener;
  }

  /** A lock was granted. What others had of it is gone, whether its unlock was told of or not. */
  grant(event: LockEvent, type: LockType, taker: Taker): void {
    for (const segment of segmentsOf(this.role, type, event.start, event.end)) {
      if (this.take(event, type, segment)) {
        const held = new Held(this, segment, type, event, event.atMs, taker.sql, taker.connection);
        held.outerCall = taker.outerCall;
        this.add(held);
      }
    }
  }

  /** Makes room for a lock; false where its owner has it already. */
  private take(event: LockEvent, type: LockType, segment: Segment): boolean {
    let isNew = true;
    const first = this.firstList(segment.slot);
    for (let list: Held[] | undefined = first; list !== undefined; list = this.nextList(segment.slot, list)) {
      for (let i = list.length - 1; i >= 0; i -= 1) {
        const held = list[i];
        if (held === undefined || held.start > segment.end || held.end < segment.start) continue;
        if (isOf(held, event)) {
          const isSame = held.slot === segment.slot && held.type === type;
          if (isSame && held.start <= segment.start && held.end >= segment.end) {
            adopt(held, event);
            isNew = false;
          } else this.cut(list, i, segment.start, segment.end, event.atMs);
        } else if (type === "write" || held.type === "write") this.remove(list, i, event.atMs);
      }
    }
    return isNew;
  }

  /** Locks that may overlap with those of a slot: of that slot, and of ranges that are none of SQLite's. */
  private firstList(slot: number): Held[] | undefined {
    return this.slots[slot === FOREIGN_SLOT ? 0 : slot];
  }

  private nextList(slot: number, list: Held[]): Held[] | undefined {
    const foreign = this.slots[FOREIGN_SLOT];
    if (list === foreign) return undefined;
    if (slot === FOREIGN_SLOT) return this.slots[this.slots.indexOf(list) + 1];
    return foreign?.length === 0 ? undefined : foreign;
  }

  /** An unlock, a close, or the end of a process. */
  unlock(event: LockEvent): void {
    for (const list of this.slots) {
      for (let i = list.length - 1; i >= 0; i -= 1) {
        const held = list[i];
        if (held === undefined || held.start > event.end || held.end < event.start || !isOf(held, event)) continue;
        adopt(held, event);
        this.cut(list, i, event.start, event.end, event.atMs);
      }
    }
  }

  /** Releases a part of a lock. */
  private cut(list: Held[], index: number, start: number, end: number, atMs: number): void {
    const held = list[index];
    if (held === undefined) return;
    const rests: Held[] = [];
    if (held.start < start) rests.push(rest(held, held.start, start - 1));
    if (held.end > end) rests.push(rest(held, end + 1, held.end));
    this.remove(list, index, atMs);
    for (const part of rests) this.add(part);
  }

  private remove(list: Held[], index: number, atMs: number): void {
    const held = list[index];
    const last = list.pop();
    if (held === undefined || last === undefined) return;
    if (index < list.length) list[index] = last;
    held.toMs = atMs;
    this.released[this.next] = held;
    this.next = (this.next + 1) % REMEMBERED;
    if (isWriteSlot(this, held.slot, held.type)) {
      if (this.releasedWrites.length >= REMEMBERED) this.releasedWrites.shift();
      this.releasedWrites.push(held);
    }
    this.listener.released(held);
  }

  /** Releases what `which` names, at a time that is not proved. */
  forget(atMs: number, which: (held: Held) => boolean): void {
    for (const list of this.slots) {
      for (let i = list.length - 1; i >= 0; i -= 1) {
        const held = list[i];
        if (held === undefined || !which(held)) continue;
        held.atLeast = true;
        this.remove(list, i, Math.max(atMs, held.fromMs));
      }
    }
  }

  /** The locks in the way of an attempt. */
  conflicts(event: Owner & Pick<LockEvent, "start" | "end">, type: LockType): Held[] {
    const found: Held[] = [];
    for (const { slot, start, end } of segmentsOf(this.role, type, event.start, event.end)) {
      const first = this.firstList(slot);
      for (let list: Held[] | undefined = first; list !== undefined; list = this.nextList(slot, list)) {
        for (const held of list) {
          if (held.start <= end && held.end >= start && isInTheWay(held, event, type)) found.push(held);
        }
      }
    }
    return found;
  }

  /** The lock that was in the way of an attempt told of late: the last one released after `sinceMs`. */
  lateConflict(event: LockEvent, type: LockType, sinceMs: number): Held | null {
    let found: Held | null = null;
    for (const held of this.released) {
      // Before `this.sinceMs` it was not released, but forgotten.
      if (
        held?.toMs == null ||
        held.toMs < Math.max(sinceMs, this.sinceMs) ||
        held.start > event.end ||
        held.end < event.start
      )
        continue;
      if (isInTheWay(held, event, type) && (found === null || held.toMs > (found.toMs ?? 0))) found = held;
    }
    return found;
  }

  add(held: Held): void {
    this.wasLocked = true;
    this.slots[held.slot]?.push(held);
    this.listener.taken?.(held);
  }

  noteInTheWay(held: Held): void {
    this.listener.inTheWay?.(held);
  }

  isEmpty(): boolean {
    return this.slots.every((list) => list.length === 0);
  }

  *all(): Iterable<Held> {
    for (const list of this.slots) yield* list;
  }

  /**
   * Whether a process uses it as SQLite does. A file that is deleted leaves its inode's number to another one at once,
   * and whoever locks that is a stranger: between two looks at the path those alone are users that were before.
   */
  isUsedBy({ pid, atMs, closes }: Pick<LockEvent, "pid" | "atMs" | "closes">): boolean {
    const { database } = this;
    const users = database.file?.users;
    if (this.role === "database" ? atMs > database.unseenUntilMs : this.isProvedAt(atMs)) {
      if (!closes) users?.add(pid);
      return true;
    }
    return users?.has(pid) === true;
  }

  /** Of a -shm: /proc shows that it is that of its database then, or is not asked. */
  isProvedAt(atMs: number): boolean {
    const { shmUntilMs } = this.database;
    return this.isConfirmed && (shmUntilMs === null || atMs <= shmUntilMs);
  }

  /** Whether a process has a write lock in this slot. */
  heldBy(pid: number, slot: number): Held | null {
    return this.slots[slot]?.find((held) => held.pid === pid) ?? null;
  }
}

function isInTheWay(held: Held, event: Owner, type: LockType): boolean {
  return (type === "write" || held.type === "write") && !isOf(held, event);
}

function isOf(held: Held, event: Owner): boolean {
  if (held.owner === UNKNOWN_OWNER && held.api === "ofd") return isOfOpenFile(held, event);
  if (held.api !== event.api) return false;
  return held.owner === event.owner || (held.owner === UNKNOWN_OWNER && held.pid === event.pid);
}

/**
 * The lock of an open file that /proc has shown. Which of the files of a process is closed is not known: a lock that is
 * taken for released has no name where it is in the way, and one that is taken for held would have a wrong one.
 */
function isOfOpenFile({ pid, sharedWith }: Held, event: Owner): boolean {
  if (pid === event.pid) return event.api === "ofd" || event.closes === true;
  return event.api === "ofd" && event.closes !== true && sharedWith?.includes(event.pid) === true;
}

/** /proc/locks names no owner: the first event of that process tells. */
function adopt(held: Held, event: Owner): void {
  if (held.owner === UNKNOWN_OWNER && held.api === "posix") held.owner = event.owner;
}

function rest(held: Held, start: number, end: number): Held {
  const part = new Held(
    held.file,
    { slot: held.slot, start, end, name: held.name },
    held.type,
    held,
    held.fromMs,
    held.sql,
    held.connection,
  );
  part.atLeast = held.atLeast;
  part.sharedWith = held.sharedWith;
  part.outerCall = held.outerCall;
  return part;
}
