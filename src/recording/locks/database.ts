/** A database of the recording, and the files that its path leads to now. */
import type { LockedFile } from "./file.ts";

export class Database {
  readonly index: number;
  readonly path: string;
  file: LockedFile | null = null;
  shm: LockedFile | null = null;
  /** Its -shm is known to be there: it is in WAL mode. */
  wal = false;
  /**
   * What /proc has shown to be the -shm, where a sequence of locks has shown another file since: whoever may read the
   * database can imitate that. Both are followed until /proc is looked at again.
   */
  confirmedShm: LockedFile | null = null;
  /** The database was replaced: /proc will tell whether the -shm has stayed. */
  isShmInDoubt = false;
  /** Until then /proc has shown that `shm` is the -shm. */
  shmUntilMs = Number.NEGATIVE_INFINITY;

  constructor(index: number, path: string) {
    this.index = index;
    this.path = path;
  }
}
