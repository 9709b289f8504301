/**
 * Turso (formerly Limbo), a rewrite of SQLite in Rust: by its locks. Pure. Source: turso_core, io/unix.rs (lock_file);
 * seen with @tursodatabase/database 0.7.
 */
import type { Holder, Lock } from "./report.ts";

/**
 * It locks the whole database and the whole -wal to write (POSIX), from opening to closing and whatever it does; it has
 * no -shm. No other program is known to lock a -wal so: likely, no proof. A connection that only reads takes no lock.
 */
export function isLikelyTurso({ locks }: Pick<Holder, "locks">): boolean {
  return (["database", "wal"] as const).every((role) =>
    locks.some((lock) => lock.role === role && isOnWholeFile(lock)),
  );
}

function isOnWholeFile({ type, api, start, end, waiting }: Lock): boolean {
  return type === "write" && api === "posix" && start === 0n && end === null && !waiting;
}
