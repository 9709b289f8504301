/** The indexes of one database, compared by the worker that checks it and by a second one. */
import type { Message, Part, Turn } from "./protocol.ts";
import { Turns } from "./turns.ts";

type Answer = (turn: Turn) => void;

type Next = Extract<Message, { kind: "next" }>;

/** A second worker, from outside. */
export interface Second {
  /** It asks as the first one does. Settles when it has ended, for whatever reason. */
  readonly run: (onNext: (next: Next, answer: Answer) => void) => Promise<void>;
  readonly stop: () => void;
}

type Worker = "first" | "second";

/** The second worker alone is at work: it gets so many times the longest time of the first one, at least so many ms. */
const PATIENCE = 4;
const LEAST_PATIENCE_MS = 10_000;

export class Sharing {
  readonly #turns: Turns<Worker>;
  readonly #second: Second | null;
  readonly #told: (done: number) => void;
  /** Of the first worker, while the second one compares the last index. */
  #waiting: Answer | null = null;
  #givenAt = 0;
  #longestMs = 0;
  #patience: NodeJS.Timeout | null = null;

  /** `second`: null where there is none. `told`: how many indexes are done. */
  constructor({ indexes }: Part, second: Second | null, told: (done: number) => void) {
    this.#turns = new Turns(indexes);
    this.#second = second;
    this.#told = told;
    const ended = () => {
      this.#turns.lose("second");
      this.#answerFirst();
    };
    second?.run((next, answer) => this.#nextOfSecond(next, answer)).then(ended, ended);
  }

  /** Of the first worker. */
  next({ done }: Next, answer: Answer): void {
    if (done !== null) this.#longestMs = Math.max(this.#longestMs, performance.now() - this.#givenAt);
    this.#tell("first", done);
    this.#waiting = answer;
    this.#answerFirst();
  }

  /** The first worker has ended. */
  stop(): void {
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#second?.stop();
  }

  #nextOfSecond({ done }: Next, answer: Answer): void {
    this.#tell("second", done);
    const index = this.#turns.take("second");
    answer(index === null ? { kind: "all", comparisons: [], workers: 2 } : { kind: "index", index });
    this.#answerFirst();
  }

  #tell(worker: Worker, done: Next["done"]): void {
    if (done === null) return;
    this.#turns.tell(worker, done.index, done.comparison);
    this.#told(this.#turns.done);
  }

  #answerFirst(): void {
    const answer = this.#waiting;
    if (answer === null) return;
    const { all, workers } = this.#turns;
    const index = all === null ? this.#turns.take("first") : null;
    if (all === null && index === null) {
      // The second one is not done. One that is stopped would keep the read lock until the time is up.
      const ms = Math.max(LEAST_PATIENCE_MS, PATIENCE * this.#longestMs);
      this.#patience ??= setTimeout(() => this.#second?.stop(), ms);
      return;
    }
    this.#givenAt = performance.now();
    this.#waiting = null;
    answer(all === null ? { kind: "index", index: index as number } : { kind: "all", comparisons: all, workers });
  }
}
