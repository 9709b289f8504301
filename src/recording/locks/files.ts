/**
 * Which file is whose. A database is known by /proc. Its -shm is made anew, with another inode or with that of another
 * one before: the sequence of a thread's locks tells (the database's SHARED, then the dead man's switch), or /proc.
 */
import type { FileEvent, LockEvent } from "../source-event.ts";
import { Database } from "./database.ts";
import { LockedFile } from "./file.ts";
import type { HeldListener } from "./held.ts";
import { type LockedRole, PENDING_BYTE } from "./slots.ts";

/** As SQLite locks files of that role. */
export function isLockOf(role: LockedRole, { start }: Pick<LockEvent, "start">): boolean {
  return start >= PENDING_BYTE === (role === "database");
}

/** What a thread locked last of a database, for the sequence. */
export interface Sequence {
  /** Whose SHARED the thread got last, and no other lock since; null: of a database that is not recorded. */
  database: Database | null;
  atMs: number;
  /** The outermost call in which that was; 0 for none. */
  outerCall: number;
}

/** Opening a -shm after the SHARED lock takes no longer than this, ms, where no call tells that it is one act. */
const ONE_ACT_MS = 50;

/** Events of a file that may prove to be a -shm of the recording; more are not remembered. */
const MOST_REMEMBERED = 10_000;

const MOST_CANDIDATES = 20;

interface Candidate {
  readonly database: Database;
  readonly events: LockEvent[];
}

export class Files {
  /** By inode: opened right after a database, which is not known to be in WAL mode. /proc will tell. */
  private readonly candidates = new Map<number, Candidate>();
  readonly databases: Database[];
  private readonly byDevice = new Map<number, Map<number, LockedFile>>();
  private readonly listener: HeldListener;
  private last: LockedFile | null = null;
  /** The last event that has shown that the file of a database is that no longer. */
  private left: { readonly event: LockEvent; readonly database: Database } | null = null;
  private unseenUntilMs = Number.NEGATIVE_INFINITY;

  constructor(paths: readonly string[], listener: HeldListener) {
    this.databases = paths.map((path, index) => new Database(index, path));
    this.listener = listener;
  }

  add(path: string): void {
    this.databases.push(new Database(this.databases.length, path));
  }

  find(device: number, inode: number): LockedFile | null {
    const { last } = this;
    if (last !== null && last.inode === inode && last.device === device) return last;
    const found = this.byDevice.get(device)?.get(inode) ?? null;
    if (found !== null) this.last = found;
    return found;
  }

  /** The file of an event. Null also where it shows that the inode is that of another file now. */
  of(event: LockEvent): LockedFile | null {
    const found = this.find(event.device, event.inode);
    if (found === null || !isOnAnother(event, found)) return found;
    this.abandon(found, event.atMs);
    if (found.role === "database") this.left = { event, database: found.database };
    return null;
  }

  *all(): Iterable<LockedFile> {
    for (const byInode of this.byDevice.values()) yield* byInode.values();
  }

  /** /proc says where a path leads. Returns the events of that file which are to be interpreted now. */
  follow(event: FileEvent): readonly LockEvent[] {
    const { database: index, role, device, inode, atMs } = event;
    const database = this.databases[index];
    if (database === undefined) return [];
    if (event.changes === true) {
      database.unseenUntilMs = event.untilMs ?? atMs;
      database.shmUntilMs ??= Number.NEGATIVE_INFINITY;
      this.unseenUntilMs = Math.max(this.unseenUntilMs, database.unseenUntilMs);
      return [];
    }
    if (isOlder(event, database)) return [];
    this.rebind(database, event);
    if (role === "shm") {
      if (event.untilMs !== undefined) database.shmUntilMs = event.untilMs;
      else if (database.shmUntilMs !== null) database.shmUntilMs = Number.NEGATIVE_INFINITY;
      if (database.shm !== null && inode !== null) database.shm.isConfirmed = true;
    }
    const candidate = role === "shm" && inode !== null ? this.candidates.get(inode) : undefined;
    if (candidate?.database !== database || database.shm === null) return [];
    this.candidates.clear();
    if (candidate.events[0]?.device !== device || candidate.events.length >= MOST_REMEMBERED) return [];
    database.shm.incomplete = candidate.events[0].operation !== "write" || atMs < 0;
    return candidate.events;
  }

  /**
   * The databases that the file of this event may have been, for a time so short that it was not seen: it is locked as
   * databases are, and is none that is known; or it was one until this event.
   */
  unseen(event: LockEvent): Database[] {
    const { atMs, device, start, operation, outcome } = event;
    if (this.left?.event === event) return [this.left.database];
    if (atMs > this.unseenUntilMs || start < PENDING_BYTE) return []; // nearly always
    if (operation === "unlock" || outcome !== "granted") return [];
    return this.databases.filter(
      (each) => atMs <= each.unseenUntilMs && (each.device === null || each.device === device),
    );
  }

  private rebind(database: Database, { role, device, inode, atMs }: FileEvent): void {
    if (role === "shm" && inode !== null) this.decide(database, device, inode, atMs);
    if (role === "shm" && database.isShmInDoubt) {
      database.isShmInDoubt = false;
      if (database.shm?.inode !== inode || database.shm.device !== device) this.abandonShm(database, atMs);
    }
    const before = role === "shm" ? database.shm : database.file;
    if (role === "shm" && inode !== null) database.wal = true;
    if (role === "database") {
      database.unseenUntilMs = Number.NEGATIVE_INFINITY;
      if (inode !== null) database.device = device;
    }
    if (before !== null && before.inode === inode && before.device === device) return;
    if (before !== null && (role === "database" || inode !== null)) this.abandon(before, atMs);
    if (role === "database") {
      // A database that is renamed over another one finds the -shm of that one, with its locks.
      database.isShmInDoubt = inode !== null;
      if (inode === null) this.abandonShm(database, atMs);
    }
    if (inode !== null) this.bind(database, role, device, inode, atMs);
  }

  private abandonShm(database: Database, atMs: number): void {
    for (const shm of [database.shm, database.confirmedShm]) if (shm !== null) this.abandon(shm, atMs);
  }

  /** Which of two files is the -shm: /proc shows this one. */
  private decide(database: Database, device: number, inode: number, atMs: number): void {
    const { confirmedShm, shm } = database;
    if (confirmedShm === null) return;
    const stays = confirmedShm.inode === inode && confirmedShm.device === device;
    const other = stays ? shm : confirmedShm;
    if (other !== null) this.abandon(other, atMs);
    if (stays) database.shm = confirmedShm;
    database.confirmedShm = null;
  }

  /** It is no longer the file of its database: its locks are as good as unknown. */
  private abandon(file: LockedFile, atMs: number): void {
    file.former = true;
    file.forget(atMs, () => true);
    if (file.database.file === file) file.database.file = null;
    if (file.database.shm === file) file.database.shm = null;
    if (file.database.confirmedShm === file) file.database.confirmedShm = null;
    this.byDevice.get(file.device)?.delete(file.inode);
    if (this.last === file) this.last = null;
  }

  private bind(database: Database, role: LockedRole, device: number, inode: number, atMs: number): LockedFile {
    let byInode = this.byDevice.get(device);
    if (byInode === undefined) {
      byInode = new Map();
      this.byDevice.set(device, byInode);
    }
    const other = byInode.get(inode);
    if (other !== undefined) this.abandon(other, atMs);
    const file = new LockedFile({ database, role, device, inode }, this.listener);
    byInode.set(inode, file);
    file.sinceMs = atMs;
    database[role === "shm" ? "shm" : "file"] = file;
    return file;
  }

  private suspect(event: LockEvent, database: Database): void {
    const known = this.candidates.get(event.inode);
    // Locked for writing, the switch shows that nobody has the file open.
    if (known?.database === database && event.operation === "read") return;
    if (this.candidates.size >= MOST_CANDIDATES) this.candidates.clear();
    this.candidates.set(event.inode, { database, events: [] });
  }

  /** An event of a file that is none of the recording. */
  remember(event: LockEvent): void {
    if (this.candidates.size === 0) return;
    const events = this.candidates.get(event.inode)?.events;
    if (events !== undefined && events.length < MOST_REMEMBERED) events.push(event);
  }

  /** The file of a dead man's switch that was granted: whose it is shows anew each time. */
  open(event: LockEvent, sequence: Sequence, outerCall: number): LockedFile | null {
    const found = this.of(event);
    const learnt = this.learn(event, sequence, outerCall);
    if (learnt !== null) {
      // Nobody has it open, or the switch could not be locked for writing.
      if (event.operation === "write") learnt.forget(event.atMs, (held) => held.owner !== event.owner);
      return learnt;
    }
    if (found?.role !== "shm") return found;
    // Nobody had that file open: it may be another one now, of another database.
    if (event.operation !== "write" && !found.isEmpty()) return found;
    this.abandon(found, event.atMs);
    return null;
  }

  /**
   * The -shm that a granted dead man's switch shows to be of a database, or null. In WAL mode the first SHARED lock of
   * a connection is followed by that of its -shm. In a call that is one act; without one, only where the database is
   * known to be in WAL mode, and no other lock is between.
   */
  private learn(event: LockEvent, sequence: Sequence, outerCall: number): LockedFile | null {
    const { database } = sequence;
    if (database === null || database.file?.device !== event.device) return null;
    if (outerCall === 0 && sequence.outerCall === 0 && !database.wal && event.atMs - sequence.atMs <= ONE_ACT_MS) {
      this.suspect(event, database);
    }
    const isOneAct =
      outerCall !== 0
        ? sequence.outerCall === outerCall
        : sequence.outerCall === 0 && database.wal && event.atMs - sequence.atMs <= ONE_ACT_MS;
    if (!isOneAct) return null;
    sequence.database = null;
    const known = database.shm;
    if (
      known !== null &&
      known.inode !== event.inode &&
      event.atMs <= (database.shmUntilMs ?? Number.NEGATIVE_INFINITY)
    )
      return null;
    if (known !== null && known.inode === event.inode && known.device === event.device) {
      // Nobody else has it open. To read, others may: their locks are known once /proc/locks was read.
      if (event.operation === "write") known.incomplete = false;
      known.learntMs = event.atMs;
      return known;
    }
    const { confirmedShm } = database;
    if (confirmedShm !== null && confirmedShm.inode === event.inode && confirmedShm.device === event.device)
      return confirmedShm;
    if (known?.isConfirmed === true) database.confirmedShm = known;
    else if (known !== null) this.abandon(known, event.atMs);
    database.wal = true;
    const file = this.bind(database, "shm", event.device, event.inode, event.atMs);
    // Who opens it first finds nobody: it locks the switch for writing.
    file.incomplete = event.operation !== "write";
    file.learntMs = event.atMs;
    return file;
  }
}

/**
 * A -shm that is locked as databases are was deleted, and its inode is another file's now; so was a database that is
 * locked as a -shm is. But another program may lock any bytes of a database: that proves it only where the path has led
 * to another file meanwhile.
 */
function isOnAnother(event: LockEvent, { role, database }: LockedFile): boolean {
  if (isLockOf(role, event)) return false;
  if (role === "shm") return true;
  return event.operation !== "unlock" && event.atMs <= database.unseenUntilMs;
}

/** On a busy machine a look may take longer than a -shm lives: a newer one was learnt meanwhile. */
function isOlder({ role, device, inode, lookedMs }: FileEvent, { shm }: Database): boolean {
  if (role !== "shm" || lookedMs === undefined || shm === null || shm.learntMs <= lookedMs) return false;
  return shm.inode !== inode || shm.device !== device;
}

/** Keeps the sequence of a thread's locks, by each one that is granted. */
export function noteSequence(sequence: Sequence, event: LockEvent, file: LockedFile | null, outerCall: number): void {
  if (event.operation === "unlock") return;
  const isOfDatabase = event.start >= PENDING_BYTE;
  sequence.database = isOfDatabase && file?.role === "database" ? file.database : null;
  sequence.atMs = event.atMs;
  sequence.outerCall = outerCall;
}
