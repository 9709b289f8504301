/** How many stacks are taken that nothing depends on: each costs some microseconds of the program's time. */
const PER_SECOND = 200;

export class Budget {
  #left = PER_SECOND;
  #second = 0;

  allows(now: number): boolean {
    if (now - this.#second >= 1_000_000) {
      this.#second = now;
      this.#left = PER_SECOND;
    }
    this.#left -= 1;
    return this.#left >= 0;
  }
}
