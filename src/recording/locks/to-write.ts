/** Whether a lock keeps others from writing, as the writer of a database has it. Pure. */
import type { LockName, LockType } from "../../sqlite/locks.ts";

const NAMES: ReadonlySet<LockName> = new Set<LockName>(["WRITE", "RESERVED", "PENDING", "EXCLUSIVE"]);

export function isToWrite({ name, type }: { readonly name: LockName; readonly type: LockType }): boolean {
  return type === "write" && NAMES.has(name);
}
