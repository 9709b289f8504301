/**
 * Which locks of a process go without saying beside its others. Rollback mode: EXCLUSIVE comes after PENDING, that
 * after RESERVED, that after SHARED. WAL mode: a connection takes SHARED and DMS when it opens the database, before any
 * other. Source: https://www.sqlite.org/lockingv3.html, https://www.sqlite.org/walformat.html (2.3).
 */
import {
  compareLocks,
  isHeldWhileOpen,
  isWriteLock,
  type LockApi,
  type LockName,
  type LockType,
  lockRow,
} from "./locks.ts";

interface TakenLock {
  readonly name: LockName;
  readonly type: LockType;
  readonly api: LockApi;
  readonly waiting: boolean;
}

/** In the same order. A lock that is taken in another way than its others is never left out. */
export function withoutImplied<Lock extends TakenLock>(locks: readonly Lock[]): Lock[] {
  return locks.filter((lock) => !locks.some((other) => implies(other, lock)));
}

function implies(stronger: TakenLock, lock: TakenLock): boolean {
  if (stronger.waiting || lock.waiting || stronger.api !== lock.api || stronger.name === "FOREIGN") return false;
  if (isHeldWhileOpen(lock)) return !isHeldWhileOpen(stronger);
  return isStepToExclusive(lock) && isStepToExclusive(stronger) && compareLocks(stronger, lock) < 0;
}

/** RESERVED, PENDING, EXCLUSIVE. */
function isStepToExclusive(lock: TakenLock): boolean {
  return isWriteLock(lock) && lockRow(lock.name)?.file === "database";
}
