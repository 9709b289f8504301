/** Brings what is written to a file to the disk from time to time, without waiting: events would be lost meanwhile. */
import { fdatasync } from "node:fs";

/** What is not on the disk after this time may be lost with the machine's power, in ms. */
const SYNC_EVERY_MS = 5000;

export class FileSync {
  #syncedAtMs = 0;
  /** Nothing was written since the last fdatasync began. */
  #isSynced = true;
  #isSyncing = false;

  /** The descriptor must stay open. */
  get isSyncing(): boolean {
    return this.#isSyncing;
  }

  /** Something was written. */
  note(): void {
    this.#isSynced = false;
  }

  /** If it is time. */
  sync(fd: number, nowMs: number): void {
    if (this.#isSynced || this.#isSyncing || nowMs - this.#syncedAtMs < SYNC_EVERY_MS) return;
    this.#syncedAtMs = nowMs;
    this.#isSynced = true;
    this.#isSyncing = true;
    fdatasync(fd, () => {
      this.#isSyncing = false; // what it could not do, fsync at the end reports
    });
  }
}
