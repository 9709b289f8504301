/** The part of the time that is shown, in microseconds of the data. */

/** Nothing is shorter. */
const SHORTEST_US = 20;
/** Room before the beginning and after the end, as a part of all. */
const ROOM = 0.01;

export class View {
  fromUs: number;
  toUs: number;
  readonly #leastUs: number;
  readonly #mostUs: number;
  readonly #changed: () => void;

  constructor(lengthUs: number, changed: () => void) {
    this.#leastUs = -lengthUs * ROOM;
    this.#mostUs = lengthUs * (1 + ROOM);
    this.fromUs = this.#leastUs;
    this.toUs = this.#mostUs;
    this.#changed = changed;
  }

  get lengthUs(): number {
    return this.toUs - this.fromUs;
  }

  /** How many times what is shown would fit into all. */
  get zoom(): number {
    return (this.#mostUs - this.#leastUs) / this.lengthUs;
  }

  fit(): void {
    this.show(this.#leastUs, this.#mostUs);
  }

  /** `factor` above 1: nearer. `aroundUs` stays where it is. */
  zoomBy(factor: number, aroundUs = (this.fromUs + this.toUs) / 2): void {
    const length = Math.max(SHORTEST_US, this.lengthUs / factor);
    const share = (aroundUs - this.fromUs) / this.lengthUs;
    this.show(aroundUs - share * length, aroundUs + (1 - share) * length);
  }

  panBy(us: number): void {
    this.show(this.fromUs + us, this.toUs + us);
  }

  /** So that it can be seen well, with room on both sides; what is long enough already is only moved to. */
  reveal(fromUs: number, toUs: number): void {
    const length = Math.max(SHORTEST_US, toUs - fromUs);
    if (length < this.lengthUs / 40 || length > this.lengthUs) this.show(fromUs - length, toUs + length);
    else if (fromUs < this.fromUs || toUs > this.toUs) {
      const middle = (fromUs + toUs) / 2;
      this.show(middle - this.lengthUs / 2, middle + this.lengthUs / 2);
    }
  }

  /** As far as there is something. */
  show(fromUs: number, toUs: number): void {
    const length = Math.min(Math.max(SHORTEST_US, toUs - fromUs), this.#mostUs - this.#leastUs);
    this.fromUs = Math.min(Math.max(fromUs, this.#leastUs), this.#mostUs - length);
    this.toUs = this.fromUs + length;
    this.#changed();
  }
}
