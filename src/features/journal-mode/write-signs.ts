/** What shows that a process wrote during a switch that SQLite's locks do not keep out. Pure. */
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { useWithoutLocks } from "../../model/use-without-locks.ts";

export type WriteSign =
  /** `<database>.lock` stood there. */
  | { readonly kind: "lock-directory"; readonly path: string }
  /** They have a companion file open, or hold a lock, by another locking than SQLite's default. */
  | { readonly kind: "users"; readonly holders: readonly Holder[] }
  /** There is a -journal beside it, though it is in WAL mode now. */
  | { readonly kind: "journal"; readonly path: string }
  /** The file has more pages than its header says: a commit of another program was written over. */
  | { readonly kind: "longer"; readonly pageCount: number; readonly pageSize: number };

/** No process that follows SQLite's locks has a -journal beside a database in WAL mode: each reads the header first. */
function journalBesideWal({ files, journalMode }: DatabaseReport): string | null {
  return journalMode === "wal" ? (files.find(({ role }) => role === "journal")?.path ?? null) : null;
}

/** `lockDirectorySeen`: it was made in between, and may be gone by now. Null: no sign, which is no proof. */
export function signOfWrite(
  before: DatabaseReport,
  later: DatabaseReport,
  lockDirectorySeen: boolean,
): WriteSign | null {
  if (lockDirectorySeen || later.lockDirectory !== null)
    return { kind: "lock-directory", path: later.lockDirectory?.path ?? `${later.path}.lock` };
  const { writers, foreign } = useWithoutLocks(later);
  const holders = [...new Set([...writers, ...foreign])];
  if (holders.length > 0) return { kind: "users", holders };
  const journal = journalBesideWal(later);
  if (journal !== null) return { kind: "journal", path: journal };
  const { pageCount, pageSize } = later;
  return pageCount !== null && pageSize !== null && isLonger(later) && !isLonger(before) && !isInUse(later)
    ? { kind: "longer", pageCount, pageSize }
    : null;
}

/** Than its header says. */
function isLonger({ pageCount, pageSize, sizeBytes }: DatabaseReport): boolean {
  return pageCount !== null && pageSize !== null && sizeBytes !== null && sizeBytes > pageCount * pageSize;
}

/** Somebody writes, or checkpoints, by SQLite's locks: the file and its header need not fit at this moment. */
function isInUse({ wal, holders, unownedLocks }: DatabaseReport): boolean {
  return (
    (wal !== null && (wal.frames > 0 || !wal.complete)) ||
    unownedLocks.length > 0 ||
    holders.some(({ activity }) => activity !== "idle" && activity !== "reading")
  );
}
