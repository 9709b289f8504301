/** Random choices that a seed repeats. Pure. */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export class Random {
  readonly #source: ReturnType<typeof xoroshiro128plus>;

  /** Each worker (`number`, from 0) has a sequence of its own, whatever the others do. */
  constructor(seed: number, number: number) {
    this.#source = xoroshiro128plus(Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  }

  /** From `from` to `to`, both included. */
  int(from: number, to: number): number {
    return uniformInt(this.#source, from, to);
  }
}
