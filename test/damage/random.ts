/** Random choices that a seed repeats. */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export class Random {
  readonly #source: ReturnType<typeof xoroshiro128plus>;

  /** Each number of a run has a sequence of its own: one database can be made again without those before it. */
  constructor(seed: number, number = 0) {
    this.#source = xoroshiro128plus(Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  }

  /** From `from` to `to`, both included. */
  int(from: number, to: number): number {
    return uniformInt(this.#source, from, to);
  }

  /** True in one of `times` cases. */
  oneIn(times: number): boolean {
    return this.int(1, times) === 1;
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.int(0, choices.length - 1)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(0, 255)));
  }
}
