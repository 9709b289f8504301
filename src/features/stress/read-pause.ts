/**
 * After a read from the workers, this process sleeps for a moment: if it woke up for each commit, it would take CPU
 * time from the load. The pipes have room for the records of that time.
 */
const PAUSE_MS = 4;

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

export class ReadPause {
  #scheduled: NodeJS.Immediate | null = null;
  #stopped = false;

  /** Once all reads of this turn of the event loop are done. */
  schedule(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = null;
      if (!this.#stopped) Atomics.wait(PAUSE, 0, 0, PAUSE_MS);
    });
  }

  stop(): void {
    this.#stopped = true;
  }
}
