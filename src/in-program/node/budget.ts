/** How often something is done that nothing depends on, and that costs some microseconds of the program's time. */
export class Budget {
  readonly #perSecond: number;
  #left = 0;
  #second = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  allows(now: number): boolean {
    if (now - this.#second >= 1_000_000) {
      this.#second = now;
      this.#left = this.#perSecond;
    }
    this.#left -= 1;
    return this.#left >= 0;
  }
}
