/** How far the commits of a database have got: two marks tell how many there were in between. Pure. */

/**
 * `wal`: the change counter of a live wal-index, which each commit increments. `rollback`: that of the database header,
 * and which file the -journal was.
 */
export type CommitMark =
  | { readonly kind: "wal"; readonly changeCounter: number }
  | {
      readonly kind: "rollback";
      readonly changeCounter: number;
      /** Its inode and birth; null where there was none. Each transaction in delete mode makes another one. */
      readonly journal: string | null;
    };

/** More than this between two looks is no progress, but another counter: after a recovery, of another file. */
const MOST_COMMITS = 1_000_000;

/**
 * Whether one process may have had EXCLUSIVE all the time. `by-mode`: PRAGMA locking_mode=EXCLUSIVE, which leaves the
 * counter of the database header as it is from its second commit on. `by-vfs`: unix-excl, which does not: it has
 * EXCLUSIVE without RESERVED and PENDING.
 *
 * Source: `pager.c` (pagerUnlockDb resets changeCountDone), `os_unix.c` (unixFileLock).
 */
export type KeptExclusive = "no" | "by-mode" | "by-vfs";

/**
 * How many transactions, at least, were over between two marks, the lock of each released; null where the marks are not
 * of one counter. By locking_mode=EXCLUSIVE the -journal is kept.
 *
 * Source: `wal.c` (sqlite3WalFrames), `pager.c` (pager_incr_changecounter: the counter of the file is written before
 * the transaction is over, so that the last increment may be of one that is still open).
 */
export function commitsBetween(first: CommitMark, second: CommitMark, kept: KeptExclusive): number | null {
  if (first.kind !== second.kind) return null;
  const counted = increments(first, second);
  if (counted > MOST_COMMITS) return null;
  if (first.kind === "wal" || second.kind === "wal") return kept === "no" ? counted : 0;
  if (kept === "by-vfs") return 0;
  const journalEnded = first.journal !== null && first.journal !== second.journal;
  if (journalEnded) return counted;
  return Math.max(0, counted - 1);
}

/** Whether the counter differs, whatever that proves. */
export function hasMoved(first: CommitMark, second: CommitMark): boolean {
  return increments(first, second) > 0;
}

function increments(first: CommitMark, second: CommitMark): number {
  return (second.changeCounter - first.changeCounter) >>> 0;
}
