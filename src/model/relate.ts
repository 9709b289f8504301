/** Locks, handles and processes put together: the holders of one database. Pure. */
import type { ProtocolState } from "../sqlite/activity.ts";
import type { JournalMode } from "../sqlite/header.ts";
import { ACTIVITIES, BLOCKS } from "../sqlite/locks.ts";
import { beyondHeader } from "./beyond-header.ts";
import { blockersOfHolder, unknownBlockers, withWaits } from "./blockers.ts";
import type { FileFacts } from "./file-facts.ts";
import { type HolderParts, maskUnknownActivity, readMarkOf, toHolder } from "./holder.ts";
import { isHotInLook } from "./hot-journal.ts";
import { transactionOnFile } from "./likely-age.ts";
import {
  companionsOfOtherName,
  decode,
  distinct,
  keyOf,
  keysOfLocks,
  locksBesideRollback,
  locksOfHandle,
  locksOnLostFiles,
  ownerOf,
} from "./lock.ts";
import { lockDirectoryOf } from "./lock-directory.ts";
import type { Blocker, DatabaseReport, Holder, Lock } from "./report.ts";
import type { DatabaseSnapshot, Snapshot } from "./snapshot.ts";
import { knowsLocks } from "./source.ts";
import { useWithoutLocks } from "./use-without-locks.ts";
import { partyOf, waitsOf } from "./waits.ts";

/** The database with its holders; the verdict, the sentences and the findings are the next steps'. */
export type Related = Omit<DatabaseReport, "verdict" | "summary" | "findings">;

/** `staleAfterMs`: from when on a transaction whose process does not run counts as forgotten. */
export function relate(database: DatabaseSnapshot, snapshot: Snapshot, staleAfterMs: number): Related {
  const { target, facts } = database;
  const { owned, unowned } = locksByOwner(database);
  const all = [...[...owned.values()].flat(), ...unowned];
  const journalMode = modeOf(database, all);
  const state = protocolState({ ...facts, journalMode }, all);
  const transaction = transactionOnFile({ target, facts: { ...facts, journalMode } }, snapshot);
  const parts = [...owned].flatMap(([pid, locks]): HolderParts[] => {
    const process = snapshot.processes.get(pid);
    if (process === undefined) return [];
    const handles = database.handles.get(pid) ?? [];
    const lost = locksOnLostFiles(handles, target);
    const elsewhere = keysOfLocks(companionsOfOtherName(handles, target));
    const beside = locksBesideRollback(handles, target, journalMode);
    return [{ process, handles, locks, lost: new Set([...lost, ...beside, ...elsewhere]) }];
  });
  const holders = parts
    .map((each) => {
      const known = toHolder(each, state, staleAfterMs, transaction);
      const holder = knowsLocks(snapshot.source) ? known : maskUnknownActivity(known);
      return { holder, blockers: blockersOfHolder(holder, each, state, transaction) };
    })
    .sort((a, b) => blockersFirst(a.holder, b.holder));
  const lockDirectory = lockDirectoryOf(
    target,
    holders.map(({ holder }) => holder),
  );
  const use = useWithoutLocks({ holders: holders.map(({ holder }) => holder), unownedLocks: unowned, lockDirectory });
  const beyond = beyondHeader(
    database,
    holders.map(({ holder }) => holder),
    unowned,
    snapshot,
  );
  const parties = parts.map((each) => partyOf(each, readMarkOf(each.locks, state)));
  const waits = waitsOf(parties, unowned, state.journalMode === "wal", state.wal?.mxFrame ?? null);
  const blockers: Blocker[] = [...holders.flatMap((each) => each.blockers), ...unknownBlockers(unowned, state)];
  return {
    path: target.path,
    givenAs: target.givenAs,
    ...(target.descriptor === undefined ? {} : { descriptor: target.descriptor }),
    journalMode,
    header: facts.header,
    sizeBytes: sizeOf(database),
    pageSize: facts.pageSize,
    pageCount: facts.pageCount,
    fileSystem: target.fileSystem,
    files: target.files.map(({ role, path, sizeBytes, device, inode }) => ({
      role,
      path,
      sizeBytes: Number(sizeBytes),
      device,
      inode,
    })),
    wal: journalMode === "rollback" ? null : walOf(facts),
    journal:
      facts.journal === null
        ? null
        : {
            hot: isHotInLook(database, all, use, snapshot, new Set(parts.flatMap(lostLocks))),
            header: facts.journal.header,
            ...(facts.journal.begun ? { begun: true } : {}),
            sizeBytes: facts.journal.sizeBytes,
            ...(facts.journal.missingSuperJournal === undefined
              ? {}
              : { missingSuperJournal: facts.journal.missingSuperJournal }),
          },
    ...(beyond === null ? {} : { beyondHeader: beyond }),
    ...(facts.otherNames === undefined ? {} : { otherNames: facts.otherNames }),
    ...viewsOf(database),
    lockDirectory,
    holders: holders.map(({ holder }) => holder),
    unownedLocks: unowned,
    unownedSearched: unowned.length > 0 ? snapshot.searched : null,
    changesHands: database.changing.flatMap(({ role, lock, pids, withinMs }) =>
      decode(role, lock).map(({ waiting: _, ...each }) => ({ ...each, pids, withinMs })),
    ),
    blockers: withWaits(blockers, waits),
    waits,
    progress: null,
  };
}

function lostLocks({ locks, lost }: HolderParts): Lock[] {
  return locks.filter((lock) => lost.has(keyOf(lock)));
}

/** By pid, those of its descriptors and those of /proc/locks; and those whose owner cannot be told. */
function locksByOwner(database: DatabaseSnapshot): { owned: Map<number, Lock[]>; unowned: Lock[] } {
  const owned = new Map<number, Lock[]>();
  const unowned: Lock[] = [];
  for (const [pid, handles] of database.handles) owned.set(pid, handles.flatMap(locksOfHandle));
  for (const { role, lock } of database.systemLocks) {
    const owner = ownerOf(lock);
    const locks = owner === null ? unowned : (owned.get(owner) ?? []);
    for (const each of decode(role, lock)) locks.push(each);
    if (owner !== null) owned.set(owner, locks);
  }
  for (const [pid, locks] of owned) owned.set(pid, distinct(locks));
  return { owned, unowned: distinct(unowned) };
}

/**
 * A file without SQLite's header has its mode by what shows: the -wal is the facts', a lock on the -shm is of WAL mode,
 * and without these two files a -journal, or a lock, is of rollback mode.
 */
function modeOf({ facts, target }: DatabaseSnapshot, locks: readonly Lock[]): JournalMode {
  const hasHeader = facts.header !== "likely-encrypted" && facts.header !== "other";
  if (hasHeader || facts.journalMode !== "unknown") return facts.journalMode;
  const ofSqlite = locks.filter(({ name }) => name !== "FOREIGN");
  if (ofSqlite.some(({ role }) => role === "shm")) return "wal";
  const hasWalFile = target.files.some(({ role }) => role === "wal" || role === "shm");
  return !hasWalFile && (facts.journal !== null || ofSqlite.length > 0) ? "rollback" : "unknown";
}

/** Where the header cannot be read, a lock of SQLite's on the -shm says that the mode is WAL. */
function protocolState({ journalMode, journal, wal }: FileFacts, locks: readonly Lock[]): ProtocolState {
  const walByLocks = locks.some((lock) => lock.role === "shm" && lock.name !== "FOREIGN");
  return {
    journalMode: journalMode === "unknown" && walByLocks ? "wal" : journalMode,
    journalValid: journal?.header === "valid",
    wal:
      wal?.live === true ? { mxFrame: wal.frames, nBackfill: wal.checkpointedFrames, readMarks: wal.readMarks } : null,
  };
}

function walOf({ wal }: FileFacts): DatabaseReport["wal"] {
  return wal === null
    ? null
    : {
        frames: wal.frames,
        uncommittedFrames: wal.uncommittedFrames,
        checkpointedFrames: wal.checkpointedFrames,
        checkpointedKnown: wal.live || (wal.frames === 0 && wal.complete),
        readMarks: wal.readMarks,
        unreadBytes: wal.unreadBytes,
        complete: wal.complete,
      };
}

function viewsOf({ target: { views = [], unreachedViews = [] } }: DatabaseSnapshot): Pick<DatabaseReport, "views"> {
  const all = [
    ...views.map(({ kind, path, reachedAt, mountPoint }) => ({ kind, path, reachedAt, mountPoint })),
    ...unreachedViews.map((mountPoint) => ({ kind: "merged", path: null, reachedAt: null, mountPoint }) as const),
  ];
  return all.length === 0 ? {} : { views: all };
}

function sizeOf({ target }: DatabaseSnapshot): number | null {
  const file = target.files.find((each) => each.role === "database");
  return file === undefined ? null : Number(file.sizeBytes);
}

/** The holder that keeps the most others from working comes first. */
function blockersFirst(a: Holder, b: Holder): number {
  return strongest(a) - strongest(b) || rankOf(a) - rankOf(b) || a.pid - b.pid;
}

function rankOf({ activity }: Holder): number {
  return activity === "unknown" ? ACTIVITIES.length : ACTIVITIES.indexOf(activity);
}

function strongest(holder: Holder): number {
  const at = holder.blocks.map((block) => BLOCKS.indexOf(block));
  return at.length > 0 ? Math.min(...at) : BLOCKS.length;
}
