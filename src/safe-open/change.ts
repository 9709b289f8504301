/**
 * What happened to a database while SQLite's read lock was held on it. In rollback mode that lock keeps out everybody
 * who writes with SQLite's default locking (`pager.c`, pager_wait_on_lock before the first page is written): a change
 * of the file is one by somebody without these locks. A -journal may come, grow and go meanwhile. In WAL mode
 * checkpoints write to the file, and only its files' identity has to stay. Pure.
 */

export interface FileState {
  /** The inodes of the database and its companion files, by suffix; null: there is none. */
  readonly inodes: Readonly<Record<string, bigint | null>>;
  readonly sizeBytes: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** The first 100 bytes, hexadecimal: they hold the change counter. */
  readonly header: string;
}

export type Change =
  | "none"
  /** The content. */
  | "written"
  /** A name leads to another file, or to none. */
  | "replaced"
  /** Its metadata alone (chmod, a hard link), or a copy that has set the time back. */
  | "touched";

export function changeOf(before: FileState | null, after: FileState | null, mode: "rollback" | "wal"): Change {
  if (before === null || after === null) return before === after ? "none" : "replaced";
  const isOther = (suffix: string) => before.inodes[suffix] !== after.inodes[suffix];
  if (isOther("")) return "replaced";
  if (mode === "wal") return Object.keys(before.inodes).some(isOther) ? "replaced" : "none";
  if (before.sizeBytes !== after.sizeBytes || before.mtimeNs !== after.mtimeNs || before.header !== after.header)
    return "written";
  return before.ctimeNs === after.ctimeNs ? "none" : "touched";
}
