/**
 * For how long a transaction is likely open, where nothing proves it: a thread that may have taken the lock has ended,
 * or the process has threads that wake by themselves. docs/decisions.md says what each estimate stands on, and how
 * it can be wrong. Pure.
 */
import type { FileFacts } from "./file-facts.ts";
import type { Lock } from "./report.ts";
import type { DatabaseSnapshot, HandleSeen, ProcessSeen, Snapshot } from "./snapshot.ts";

/**
 * `living-threads`: no thread that is left has run since. `journal-born`, `journal-written`, `wal-written`: the birth
 * of the -journal, or the last write to it or to the -wal, which belongs to the transaction that is open.
 */
export type LikelyBasis = "living-threads" | "journal-born" | "journal-written" | "wal-written";

export interface LikelyAge {
  readonly ms: number;
  readonly basis: LikelyBasis;
}

/** What the files show of the write transaction that is open. */
export interface TransactionOnFile extends LikelyAge {
  /** Since its last write to them, in ms. */
  readonly unwrittenMs: number;
}

/**
 * Null where the files tell nothing: no transaction is open in them, or it has written nothing yet, or a server keeps
 * their times by its own clock.
 */
export function transactionOnFile(
  { target, facts }: Pick<DatabaseSnapshot, "target" | "facts">,
  { takenAt }: Pick<Snapshot, "takenAt">,
): TransactionOnFile | null {
  if (target.fileSystem?.network === true) return null;
  const since = (ms: number) => Math.floor(takenAt.getTime() - ms);
  if (facts.journalMode === "wal") {
    const wal = target.files.find(({ role }) => role === "wal");
    if (wal === undefined || facts.wal?.live !== true || (facts.wal.uncommittedFrames ?? 0) === 0) return null;
    const ms = since(wal.writtenMs);
    return ms < 0 ? null : { ms, basis: "wal-written", unwrittenMs: ms };
  }
  if (facts.journalMode !== "rollback" || !hasBegun(facts.journal)) return null;
  const journal = target.files.find(({ role }) => role === "journal");
  const database = target.files.find(({ role }) => role === "database");
  if (journal === undefined || database === undefined) return null;
  const journalUnwrittenMs = since(journal.writtenMs);
  // One whose cache has spilled writes to the database as well, and to that alone where it only adds pages.
  const unwrittenMs = Math.min(journalUnwrittenMs, since(database.writtenMs));
  if (unwrittenMs < 0) return null; // a clock was set
  // Where the database was changed since the birth, another transaction has used the file (truncate, persist).
  return journal.bornMs !== null && journal.bornMs <= journal.writtenMs && database.changedMs < journal.bornMs
    ? { ms: since(journal.bornMs), basis: "journal-born", unwrittenMs }
    : { ms: journalUnwrittenMs, basis: "journal-written", unwrittenMs };
}

/** The transaction of this journal goes on: it is not finished, in persist or truncate mode. */
function hasBegun(journal: FileFacts["journal"]): boolean {
  return journal !== null && (journal.begun === true || journal.header === "valid");
}

/** How much longer than a proved age a likely one must be, so that it says more. */
const TIMES_PROVED = 2;
const MS_MORE = 1000;

interface Parts {
  readonly process: Pick<ProcessSeen, "pid" | "livingIdleMs">;
  readonly handles: readonly Pick<HandleSeen, "info">[];
}

/**
 * Of these locks of a process: for how long they are likely held. `provedMs`: what is proved of them. Null where that
 * says as much, and where nothing is known.
 */
export function likelyAgeOf(
  { process, handles }: Parts,
  locks: readonly Lock[],
  transaction: TransactionOnFile | null,
  provedMs: number | null,
): LikelyAge | null {
  const held = locks.filter(({ waiting }) => !waiting);
  const age = writes(held) && transaction !== null ? transaction : ageByThreads({ process, handles }, held);
  if (age === null || (provedMs !== null && age.ms < provedMs * TIMES_PROVED + MS_MORE)) return null;
  return { ms: age.ms, basis: age.basis };
}

/** OFD and flock locks may be another process's; POSIX locks of a table that is shared with another one as well. */
function ageByThreads({ process, handles }: Parts, held: readonly Lock[]): LikelyAge | null {
  const own = held.length > 0 && held.every(({ api }) => api === "posix") && !sharesTable(process.pid, handles);
  return own && process.livingIdleMs !== null ? { ms: process.livingIdleMs, basis: "living-threads" } : null;
}

/** Its descriptors show a POSIX lock that another process took: both have one table of descriptors (CLONE_FILES). */
export function sharesTable(pid: number, handles: readonly Pick<HandleSeen, "info">[]): boolean {
  return handles.some(({ info }) => info?.locks.some((lock) => lock.api === "posix" && lock.pid !== pid));
}

/** A hot journal, whose transaction is another's, is rolled back without RESERVED. */
function writes(held: readonly Lock[]): boolean {
  return held.some(({ name, waiting }) => !waiting && (name === "RESERVED" || name === "WRITE"));
}

/**
 * A thread that has run within this time, in ms, may be working on the transaction: pages that are in the cache, and in
 * the journal, already are changed without a write to any file.
 */
const REST_MS = 10;

/**
 * Nobody has worked on its transaction, as far as can be told, for so long, in ms; null where a thread runs or has just
 * run, and where nothing is known. Where the transaction is on file its last write counts: threads may wake for
 * something else.
 */
export function likelyForgottenMs(
  { state, livingIdleMs }: Pick<ProcessSeen, "state" | "livingIdleMs">,
  locks: readonly Lock[],
  transaction: TransactionOnFile | null,
): number | null {
  if (state === null || state === "running" || (livingIdleMs !== null && livingIdleMs < REST_MS)) return null;
  return (writes(locks) ? transaction?.unwrittenMs : null) ?? livingIdleMs;
}
