/** Locks, handles and processes put together: the holders of one database. Pure. */

import { type KernelLock, ownerOf } from "../proc/locks.ts";
import { markOfReadLock, meaningOfLocks, type ProtocolState } from "../sqlite/activity.ts";
import { namesOfLock } from "../sqlite/lock-bytes.ts";
import { ACTIVITIES, BLOCKS, type Block, isWriteLock, LOCK_NAMES, readMarkPinned } from "../sqlite/locks.ts";
import type { Role } from "../sqlite/roles.ts";
import type { DatabaseReport, Handle, Holder, Lock, Stale } from "./report.ts";
import type { DatabaseSnapshot, HandleSeen, ProcessSeen, Snapshot } from "./snapshot.ts";

/** The database with its holders; who blocks whom and the findings are the next step's. */
export type Related = Omit<DatabaseReport, "summary" | "findings">;

/** `staleAfterMs`: from when on a transaction whose process does not run counts as forgotten. */
export function relate(database: DatabaseSnapshot, snapshot: Snapshot, staleAfterMs: number): Related {
  const { target, facts } = database;
  const owned = new Map<number, Lock[]>();
  const unowned: Lock[] = [];
  for (const [pid, handles] of database.handles) owned.set(pid, distinct(handles.flatMap(locksOfHandle)));
  for (const { role, lock } of database.systemLocks) {
    const owner = ownerOf(lock);
    const locks = decode(role, lock);
    if (owner === null) unowned.push(...locks);
    else owned.set(owner, distinct([...(owned.get(owner) ?? []), ...locks]));
  }
  const all = [...[...owned.values()].flat(), ...unowned];
  const state: ProtocolState = {
    journalMode:
      facts.journalMode === "unknown" && all.some((lock) => lock.role === "shm" && lock.name !== "FOREIGN")
        ? "wal"
        : facts.journalMode,
    journalValid: facts.journal?.header === "valid",
    wal:
      facts.wal?.live === true
        ? { mxFrame: facts.wal.frames, nBackfill: facts.wal.checkpointedFrames, readMarks: facts.wal.readMarks }
        : null,
  };
  const holders = [...owned].flatMap(([pid, locks]) => {
    const process = snapshot.processes.get(pid);
    const handles = database.handles.get(pid) ?? [];
    return process === undefined
      ? []
      : [
          withWhatIsKnown(
            toHolder(
              process,
              handles,
              locks,
              target.files.length > 0 ? locksOnLostFiles(handles) : new Set(),
              state,
              staleAfterMs,
            ),
            snapshot,
          ),
        ];
  });
  return {
    path: target.path,
    givenAs: target.givenAs,
    journalMode: facts.journalMode,
    sizeBytes: sizeOf(database),
    pageSize: facts.pageSize,
    pageCount: facts.pageCount,
    fileSystem: target.fileSystem,
    files: target.files.map(({ role, path, sizeBytes, inode }) => ({
      role,
      path,
      sizeBytes: Number(sizeBytes),
      inode,
    })),
    wal:
      facts.wal === null || facts.journalMode === "rollback"
        ? null
        : {
            frames: facts.wal.frames,
            checkpointedFrames: facts.wal.checkpointedFrames,
            readMarks: facts.wal.readMarks,
          },
    journal:
      facts.journal === null
        ? null
        : { hot: isHot(database, all, snapshot), header: facts.journal.header, sizeBytes: facts.journal.sizeBytes },
    lockDirectory:
      target.lockDirectorySince === null ? null : { path: `${target.path}.lock`, since: target.lockDirectorySince },
    holders: holders.sort(blockersFirst),
    unownedLocks: distinct(unowned),
  };
}

function sizeOf({ target }: DatabaseSnapshot): number | null {
  const file = target.files.find((each) => each.role === "database");
  return file === undefined ? null : Number(file.sizeBytes);
}

/** Without knowledge of its locks, "idle" would be a wrong answer. */
function withWhatIsKnown(holder: Holder, { source }: Snapshot): Holder {
  return source === "proc" ? holder : { ...holder, activity: "unknown" };
}

/** `lost`: locks on files that are no longer the database's; they keep out nobody of this database. */
function toHolder(
  process: ProcessSeen,
  seen: readonly HandleSeen[],
  locks: readonly Lock[],
  lost: ReadonlySet<string>,
  state: ProtocolState,
  staleAfterMs: number,
): Holder {
  const { activity } = meaningOfLocks(locks, state);
  const { blocks } = meaningOfLocks(
    locks.filter((lock) => !lost.has(keyOf(lock))),
    state,
  );
  const handles = seen.map(toHandle);
  const held = locks.filter((lock) => !lock.waiting);
  const shared = seen.some((handle) =>
    handle.info?.locks.some((lock) => lock.api === "posix" && lock.pid !== process.pid),
  ); // one file table, several processes
  const provable = process.idleProvesLocks && !shared && held.length > 0 && held.every((lock) => lock.api === "posix");
  const stale: Stale[] = [];
  if (activity !== "idle" && process.idleMs !== null && process.idleMs >= staleAfterMs)
    stale.push("idle-in-transaction");
  if (process.state === "stopped" || process.state === "traced") stale.push("stopped");
  if (process.orphaned) stale.push("orphaned");
  if (handles.some((handle) => handle.deleted)) stale.push("deleted-file");
  const marks = state.journalMode === "wal" ? readMarksOf(held, state) : [];
  return {
    pid: process.pid,
    parentPid: process.parentPid,
    user: process.user,
    uid: process.uid,
    name: process.name,
    commandLine: process.commandLine,
    state: process.state,
    startedAt: process.startedAt,
    startTicks: process.state === null ? null : process.startTicks,
    terminal: process.terminal,
    unit: process.unit,
    container: process.container,
    openFiles: process.openFiles,
    openFilesLimit: process.openFilesLimit,
    handles,
    locks,
    activity,
    blocks,
    readMark: marks.length > 0 ? Math.min(...marks) : null,
    idleMs: process.idleMs,
    heldAtLeastMs: provable ? process.idleMs : null,
    stale,
    complete: process.complete,
  };
}

function toHandle({ fd, role, path, info, deleted, moved, lockLetter }: HandleSeen): Handle {
  const handle = { fd, role, path, access: info?.access ?? null, deleted, moved };
  return lockLetter === undefined ? handle : { ...handle, lock: lockLetter };
}

/** The frames that its snapshots are pinned at. */
function readMarksOf(locks: readonly Lock[], state: ProtocolState): number[] {
  return locks.flatMap((lock) => {
    const k = readMarkPinned(lock);
    return k === null ? [] : (markOfReadLock(k, state) ?? []);
  });
}

function locksOfHandle(handle: HandleSeen): Lock[] {
  return (handle.info?.locks ?? []).flatMap((lock) => decode(handle.role, lock));
}

/** Those that no handle on a file of the database shows as well. */
function locksOnLostFiles(handles: readonly HandleSeen[]): Set<string> {
  const isLost = (handle: HandleSeen) => handle.deleted || handle.moved;
  const kept = new Set(
    handles.filter((handle) => !isLost(handle)).flatMap((handle) => locksOfHandle(handle).map(keyOf)),
  );
  return new Set(
    handles
      .filter(isLost)
      .flatMap((handle) => locksOfHandle(handle).map(keyOf))
      .filter((key) => !kept.has(key)),
  );
}

function keyOf(lock: Lock): string {
  return Object.values(lock).join(" ");
}

function decode(role: Role, lock: KernelLock): Lock[] {
  return namesOfLock(role, lock.api, lock.type, lock).map((name) => ({
    name,
    role,
    type: lock.type,
    api: lock.api,
    start: lock.start,
    end: lock.end,
    waiting: lock.waiting,
  }));
}

/** Each lock once, in the order of their names. */
function distinct(locks: readonly Lock[]): Lock[] {
  const each = new Map(locks.map((lock) => [keyOf(lock), lock]));
  return [...each.values()].sort((a, b) => LOCK_NAMES.indexOf(a.name) - LOCK_NAMES.indexOf(b.name));
}

/**
 * Null where the one who writes it might be out of sight, or may be one of those whose locks are not known, or the
 * journal cannot be read.
 */
function isHot(database: DatabaseSnapshot, locks: readonly Lock[], { source, partialView }: Snapshot): boolean | null {
  const journal = database.facts.journal;
  if (journal === null || locks.some((lock) => !lock.waiting && lock.role === "database" && isWriteLock(lock)))
    return false;
  if (journal.header === "unreadable") return null;
  if (journal.header !== "valid" || journal.committedBySuperJournal === true) return false;
  if (source === "lsof" && database.handles.size > 0) return null;
  return partialView || journal.committedBySuperJournal === null ? null : true;
}

/** Who keeps the most others from working comes first. */
function blockersFirst(a: Holder, b: Holder): number {
  return strongest(a) - strongest(b) || rankOf(a) - rankOf(b) || a.pid - b.pid;
}

function rankOf({ activity }: Holder): number {
  return activity === "unknown" ? ACTIVITIES.length : ACTIVITIES.indexOf(activity);
}

function strongest(holder: Holder): number {
  const at = holder.blocks.map((block: Block) => BLOCKS.indexOf(block));
  return at.length > 0 ? Math.min(...at) : BLOCKS.length;
}
