/** What a process that waits for a lock wants to do. Pure. */
import type { LockName, LockType } from "../../sqlite/locks.ts";

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

/** One of these per write transaction: PENDING and EXCLUSIVE come after RESERVED. */
export function isWriteHold({ lock, lockType }: Lock): boolean {
  return lockType === "write" && (lock === "WRITE" || lock === "RESERVED");
}

export function isReadMark(lock: LockName): boolean {
  return READ_MARKS.has(lock);
}
