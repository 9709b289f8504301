/** What a process that waits for a lock wants to do. Pure. */
import type { LockName, LockType } from "../../sqlite/locks.ts";
import { changesData } from "../sql/kind.ts";
import type { StatementKinds } from "../sql/kinds.ts";
import { isWaitingCheckpoint } from "../sql/waiting-checkpoint.ts";

export type Wanted = "write" | "read" | "checkpoint";

interface Lock {
  readonly lock: LockName;
  readonly lockType: LockType;
}

const READ_MARKS: ReadonlySet<LockName> = new Set(["READ0", "READ1", "READ2", "READ3", "READ4"]);

/** Write locks on READ*k* are those of a checkpoint; RECOVER and DMS stand before the first read. */
export function wantedWith({ lock, lockType }: Lock): Wanted {
  if (lockType === "read" || lock === "RECOVER" || lock === "DMS") return "read";
  return lock === "CKPT" || isReadMark(lock) ? "checkpoint" : "write";
}

/**
 * The statement tells it: a writer needs the locks of a reader first. Where the statement is not known, a lock for
 * reading may be that of a writer: null.
 */
export function wantedBy(sql: string | null, lock: Lock | null, kinds: StatementKinds): Wanted | null {
  const byLock = lock === null ? null : wantedWith(lock);
  if (sql === null) return byLock === "read" ? null : byLock;
  const kind = kinds.of(sql);
  if (isWaitingCheckpoint(sql)) return "checkpoint";
  if (changesData(kind) || kind === "begin-immediate" || kind === "begin-exclusive" || kind === "vacuum")
    return "write";
  if (kind === "select") return byLock ?? "read";
  return byLock;
}

/** One of these per write transaction: PENDING and EXCLUSIVE come after RESERVED. */
export function isWriteHold({ lock, lockType }: Lock): boolean {
  return lockType === "write" && (lock === "WRITE" || lock === "RESERVED");
}

export function isReadMark(lock: LockName): boolean {
  return READ_MARKS.has(lock);
}
