/** One lock of SQLite that one owner has or had. */
import type { LockApi, LockName, LockType } from "../../sqlite/locks.ts";
import type { Connection } from "../calls/connection.ts";
import type { SqlText } from "../source-event.ts";
import type { LockedFile } from "./file.ts";

/** The owner of a lock that was found in /proc/locks, which names the process alone. */
export const UNKNOWN_OWNER = -1;

/** Is told of each lock when it is taken, or found to be held (then `atLeast` is set), and when it is released. */
export interface HeldListener {
  readonly taken?: (held: Held) => void;
  readonly released: (held: Held) => void;
  /** Once of each lock: it was in somebody's way, or may have been. It may be released already. */
  readonly inTheWay?: (held: Held) => void;
}

export class Held {
  toMs: number | null = null;
  /** It was held before `fromMs`, or maybe after `toMs`. */
  atLeast = false;
  /** So many connections of the process are known to have had it together. */
  sharedBy = 1;
  /** The others of these that took it by reading, as their steps show. */
  private sharers: Set<Connection> | null = null;
  /** The outermost call in which it was taken; 0 for none. */
  outerCall = 0;
  private wasInTheWay = false;

  readonly file: LockedFile;
  readonly slot: number;
  readonly start: number;
  readonly end: number;
  readonly name: LockName;
  readonly type: LockType;
  owner: number;
  readonly pid: number;
  /** Null where /proc/locks tells of it. */
  readonly tid: number | null;
  readonly api: LockApi;
  readonly fromMs: number;
  readonly sql: SqlText | null;
  /** In whose call it was taken; null where that is not known. */
  readonly connection: Connection | null;
  /** Other processes that have the same open file: whoever of them unlocks it, unlocks it for all. */
  sharedWith: readonly number[] | null = null;

  /** A wait may name it. */
  noteInTheWay(): void {
    if (this.wasInTheWay) return;
    this.wasInTheWay = true;
    this.file.noteInTheWay(this);
  }

  share(connection: Connection): void {
    if (connection === this.connection) return;
    this.sharers ??= new Set();
    this.sharers.add(connection);
    this.sharedBy = Math.max(this.sharedBy, this.sharers.size + 1);
  }

  constructor(
    file: LockedFile,
    range: { readonly slot: number; readonly start: number; readonly end: number; readonly name: LockName },
    type: LockType,
    by: { readonly owner: number; readonly pid: number; readonly tid: number | null; readonly api: LockApi },
    fromMs: number,
    sql: SqlText | null,
    connection: Connection | null,
  ) {
    this.file = file;
    this.slot = range.slot;
    this.start = range.start;
    this.end = range.end;
    this.name = range.name;
    this.type = type;
    this.owner = by.owner;
    this.pid = by.pid;
    this.tid = by.tid;
    this.api = by.api;
    this.fromMs = fromMs;
    this.sql = sql;
    this.connection = connection;
  }
}
