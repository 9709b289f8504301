/** Work that may take long, because a file or a folder is as large as its owner made it. */
import { uptimeMs } from "../time.ts";

/** A signal waits for at most about so long, in ms. */
const TURN_MS = 25;

/** Gives way to the event loop, so that SIGINT and SIGTERM are heard. */
export class Turns {
  #since = uptimeMs();

  /** To be awaited between two pieces of the work. */
  async giveWay(): Promise<void> {
    if (uptimeMs() - this.#since < TURN_MS) return;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    this.#since = uptimeMs();
  }
}

/** How long one look, with those that confirm it, may read the frames of -wal files, in ms. */
const READING_MS = 2000;

/** What is left of the time for reading. */
export class ReadingTime {
  #leftMs: number;

  constructor(limitMs = READING_MS) {
    this.#leftMs = limitMs;
  }

  get isOver(): boolean {
    return this.#leftMs <= 0;
  }

  /** Does all steps that there is time for, and gives way between them; the result is that of the last one. */
  async run<Step>(steps: Iterable<Step>): Promise<{ readonly last: Step | undefined; readonly complete: boolean }> {
    const turns = new Turns();
    let last: Step | undefined;
    let started = uptimeMs();
    const iterator = steps[Symbol.iterator]();
    for (;;) {
      if (this.isOver) return { last, complete: false };
      const step = iterator.next();
      const now = uptimeMs();
      this.#leftMs -= now - started;
      if (step.done === true) return { last, complete: true };
      last = step.value;
      await turns.giveWay();
      started = uptimeMs();
    }
  }
}
