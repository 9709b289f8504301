/** SQLite's names of locks in a sentence. Pure. */
import { LOCK_NAMES, type LockName } from "../sqlite/locks.ts";

/** `RESERVED, SHARED`: each once, the strongest first; "" where there is none. */
export function lockNames(locks: readonly { readonly name: LockName }[]): string {
  const names = new Set(locks.map(({ name }) => name));
  return LOCK_NAMES.filter((name) => names.has(name)).join(", ");
}
