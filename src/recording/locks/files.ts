/**
 * Which file is whose. A database is known by /proc. Its -shm is made anew, with another inode or with that of another
 * one before: the sequence of a thread's locks tells (the database's SHARED, then the dead man's switch), or /proc.
 */
import type { FileEvent, LockEvent } from "../source-event.ts";
import { Database } from "./database.ts";
import { LockedFile } from "./file.ts";
import type { HeldListener } from "./held.ts";
import type { LockedRole } from "./slots.ts";

const FIRST_BYTE_OF_DATABASE = 0x40000000;

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
  readonly databases: readonly Database[];
  private readonly byDevice = new Map<number, Map<number, LockedFile>>();
  private readonly listener: HeldListener;
  private last: LockedFile | null = null;

  constructor(paths: readonly string[], listener: HeldListener) {
    this.databases = paths.map((path, index) => new Database(index, path));
    this.listener = listener;
  }

  find(device: number, inode: number): LockedFile | null {
    const { last } = this;
    if (last !== null && last.inode === inode && last.device === device) return last;
    const found = this.byDevice.get(device)?.get(inode) ?? null;
    if (found !== null) this.last = found;
    return found;
  }

  /** The file of an event. A -shm that is locked as databases are was deleted, and its inode is another file's now. */
  of(event: LockEvent): LockedFile | null {
    const found = this.find(event.device, event.inode);
    if (found?.role !== "shm" || event.start < FIRST_BYTE_OF_DATABASE) return found;
    this.abandon(found, event.atMs);
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
    this.rebind(database, event);
    if (role === "shm") {
      database.shmUntilMs = event.untilMs ?? Number.NEGATIVE_INFINITY;
      if (database.shm !== null && inode !== null) database.shm.isConfirmed = true;
    }
    const candidate = role === "shm" && inode !== null ? this.candidates.get(inode) : undefined;
    if (candidate?.database !== database || database.shm === null) return [];
    this.candidates.clear();
    if (candidate.events[0]?.device !== device || candidate.events.length >= MOST_REMEMBERED) return [];
    database.shm.incomplete = candidate.events[0].operation !== "write" || atMs < 0;
    return candidate.events;
  }

  private rebind(database: Database, { role, device, inode, atMs }: FileEvent): void {
    if (role === "shm" && inode !== null) this.decide(database, device, inode, atMs);
    if (role === "shm" && database.isShmInDoubt) {
      database.isShmInDoubt = false;
      if (database.shm?.inode !== inode || database.shm.device !== device) this.abandonShm(database, atMs);
    }
    const before = role === "shm" ? database.shm : database.file;
    if (role === "shm" && inode !== null) database.wal = true;
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
    const found = this.find(event.device, event.inode);
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
    if (known !== null && known.inode !== event.inode && event.atMs <= database.shmUntilMs) return null;
    if (known !== null && known.inode === event.inode && known.device === event.device) {
      // Nobody else has it open. To read, others may: their locks are known once /proc/locks was read.
      if (event.operation === "write") known.incomplete = false;
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
    return file;
  }
}

/** Keeps the sequence of a thread's locks, by each one that is granted. */
export function noteSequence(sequence: Sequence, event: LockEvent, file: LockedFile | null, outerCall: number): void {
  if (event.operation === "unlock") return;
  const isOfDatabase = event.start >= FIRST_BYTE_OF_DATABASE;
  sequence.database = isOfDatabase && file?.role === "database" ? file.database : null;
  sequence.atMs = event.atMs;
  sequence.outerCall = outerCall;
}
