/** A process with its handles and locks becomes a holder: what it does, what it blocks, since when. Pure. */
import { markOfReadLock, meaningOfLocks, type ProtocolState } from "../sqlite/activity.ts";
import { readMarkPinned } from "../sqlite/locks.ts";
import { likelyAgeOf, likelyForgottenMs, sharesTable, type TransactionOnFile } from "./likely-age.ts";
import { keyOf } from "./lock.ts";
import { flockOf } from "./not-sqlite.ts";
import type { Handle, Holder, Lock, Stale } from "./report.ts";
import type { HandleSeen, ProcessSeen } from "./snapshot.ts";

export interface HolderParts {
  readonly process: ProcessSeen;
  readonly handles: readonly HandleSeen[];
  /** Each once, the strongest first. */
  readonly locks: readonly Lock[];
  /** Those of them, by key, on files that are no longer the database's: they block no program that opens it. */
  readonly lost: ReadonlySet<string>;
}

/**
 * `staleAfterMs`: from when on a transaction whose process does not run counts as forgotten. `transaction`: the one on
 * file.
 */
export function toHolder(
  parts: HolderParts,
  state: ProtocolState,
  staleAfterMs: number,
  transaction: TransactionOnFile | null = null,
): Holder {
  const { process, locks } = parts;
  const { activity } = meaningOfLocks(locks, state);
  const { blocks } = meaningOfLocks(effectiveLocks(parts), state);
  const handles = parts.handles.map(toHandle);
  const stale: Stale[] = [];
  if (activity !== "idle" && process.idleMs !== null && process.idleMs >= staleAfterMs)
    stale.push("idle-in-transaction");
  else if (activity !== "idle" && Number(likelyForgottenMs(process, locks, transaction)) >= staleAfterMs)
    stale.push("likely-idle-in-transaction");
  if (process.state === "stopped" || process.state === "traced" || process.frozen !== null) stale.push("stopped");
  if (process.orphaned) stale.push("orphaned");
  if (handles.some((handle) => handle.deleted)) stale.push("deleted-file");
  const heldAtLeastMs = idleProvesAge(parts) ? process.idleMs : null;
  const likely = likelyAgeOf(parts, ownLocks(parts), transaction, heldAtLeastMs);
  return {
    pid: process.pid,
    parentPid: process.parentPid,
    user: process.user,
    uid: process.uid,
    ...realUidOf(process),
    name: process.name,
    commandLine: process.commandLine,
    state: process.state,
    frozen: process.frozen,
    uninterruptible: process.uninterruptible,
    startedAt: process.startedAt,
    startTicks: process.state === null ? null : process.startTicks,
    terminal: process.terminal,
    unit: process.unit,
    unitManager: process.unitManager,
    unitUid: process.unitUid,
    container: process.container,
    containerUid: process.containerUid,
    openFiles: process.openFiles,
    openFilesLimit: process.openFilesLimit,
    handles,
    locks,
    activity,
    blocks,
    readMark: readMarkOf(locks, state),
    idleMs: process.idleMs,
    heldAtLeastMs,
    heldLikelyMs: likely?.ms ?? null,
    heldLikelyBasis: likely?.basis ?? null,
    stale,
    complete: process.complete,
  };
}

function realUidOf({ uid, credentials }: ProcessSeen): Pick<Holder, "realUid"> {
  return credentials === null || credentials.realUid === uid ? {} : { realUid: credentials.realUid };
}

/** What a source that knows nothing of locks can say of it: "idle" would be a wrong answer. */
export function maskUnknownActivity(holder: Holder): Holder {
  return { ...holder, activity: "unknown" };
}

/** The locks that block other processes on this database. */
export function effectiveLocks({ locks, lost }: HolderParts): Lock[] {
  return locks.filter((lock) => !lost.has(keyOf(lock)));
}

/** Its locks are at least as old as its idleness: none was taken by another process, or by a thread that has ended. */
function idleProvesAge({ process, handles, locks }: HolderParts): boolean {
  const held = ownLocks({ handles, locks });
  return (
    process.idleProvesLocks &&
    !sharesTable(process.pid, handles) &&
    held.length > 0 &&
    held.every((lock) => lock.api === "posix")
  );
}

/**
 * The locks that it has, without the flock of a script: the command that the script started has it beside SQLite's
 * locks, and it keeps no program of SQLite's out.
 */
function ownLocks({ handles, locks }: Pick<HolderParts, "handles" | "locks">): Lock[] {
  const flock = flockOf({ handles: handles.map(toHandle), locks });
  const ofScript = flock === "script" || flock === "likely-script";
  return locks.filter((lock) => !lock.waiting && !(ofScript && lock.api === "flock"));
}

function toHandle({ fd, role, path, info, deleted, moved, lockLetter, thread, view }: HandleSeen): Handle {
  const flock = info?.locks.find(({ api, waiting }) => api === "flock" && !waiting);
  const handle = {
    fd,
    role,
    path,
    access: info?.access ?? null,
    deleted,
    moved,
    ...(info === null || info.closeOnExec === null ? {} : { closeOnExec: info.closeOnExec }),
    ...(flock === undefined ? {} : { flock: flock.type }),
    ...(thread === undefined ? {} : { thread }),
    ...(view === undefined ? {} : { view: view.path }),
  };
  return lockLetter === undefined ? handle : { ...handle, lock: lockLetter };
}

/** The frame that its oldest snapshot is pinned at; null without one. */
export function readMarkOf(locks: readonly Lock[], state: ProtocolState): number | null {
  if (state.journalMode !== "wal") return null;
  const marks = locks.flatMap((lock) => {
    const k = lock.waiting ? null : readMarkPinned(lock);
    return k === null ? [] : (markOfReadLock(k, state) ?? []);
  });
  return marks.length > 0 ? Math.min(...marks) : null;
}
