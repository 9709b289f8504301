/**
 * One work after the other. Whoever has had the least time is next: a user whose files take seconds each, a thousand
 * times, does not keep those of others waiting. Pure but for the clock.
 */

interface Work {
  readonly of: number;
  readonly run: () => Promise<void>;
}

/** Of users whose work is done; more are forgotten. */
const MOST_REMEMBERED = 10_000;

export class Turns {
  readonly #clockMs: () => number;
  #waiting: Work[] = [];
  readonly #usedMs = new Map<number, number>();
  #isRunning = false;

  constructor(clockMs: () => number) {
    this.#clockMs = clockMs;
  }

  /** `of`: whose work it is. @returns what `work` does */
  next<T>(of: number, work: () => Promise<T>): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ of, run: () => work().then(resolve, reject) });
    });
    void this.#runAll();
    return done;
  }

  async #runAll(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let work = this.#take(); work !== null; work = this.#take()) {
      const beganMs = this.#clockMs();
      await work.run();
      if (this.#usedMs.size >= MOST_REMEMBERED) this.#usedMs.clear();
      this.#usedMs.set(work.of, this.#used(work.of) + this.#clockMs() - beganMs);
    }
    this.#isRunning = false;
  }

  /** Of those who have had the least, the first. */
  #take(): Work | null {
    let index = 0;
    for (const [i, { of }] of this.#waiting.entries()) {
      if (this.#used(of) < this.#used(this.#waiting[index]?.of ?? of)) index = i;
    }
    const [work] = this.#waiting.splice(index, 1);
    return work ?? null;
  }

  #used(of: number): number {
    return this.#usedMs.get(of) ?? 0;
  }
}
