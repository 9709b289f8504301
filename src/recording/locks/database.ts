/** A database of the recording, and the files that its path leads to now. */
import type { LockedFile } from "./file.ts";

export class Database {
  readonly index: number;
  readonly path: string;
  file: LockedFile | null = null;
  shm: LockedFile | null = null;
  /** Its -shm is known to be there: it is in WAL mode. */
  wal = false;
  /** Until then /proc has shown that `shm` is the -shm. */
  shmUntilMs = Number.NEGATIVE_INFINITY;

  constructor(index: number, path: string) {
    this.index = index;
    this.path = path;
  }
}
