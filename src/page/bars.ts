/** Bars in the order of their beginning: those of a part of the time are found without a look at all others. */

const BLOCK = 64;

export class Bars {
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** What each is, among all of its sort. */
  readonly ids: Int32Array;
  /** The latest end in each block. */
  readonly #ends: Float64Array;

  /** `ids`: in the order of their beginning. `fromOf`, `lengthOf`: of each id. */
  constructor(ids: readonly number[], fromOf: readonly number[], lengthOf: readonly number[]) {
    this.ids = Int32Array.from(ids);
    this.from = new Float64Array(ids.length);
    this.to = new Float64Array(ids.length);
    this.#ends = new Float64Array(Math.ceil(ids.length / BLOCK)).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      const from = fromOf[id] as number;
      const to = from + Math.max(0, lengthOf[id] as number);
      this.from[i] = from;
      this.to[i] = to;
      const block = Math.floor(i / BLOCK);
      if (to > (this.#ends[block] as number)) this.#ends[block] = to;
    }
  }

  get length(): number {
    return this.ids.length;
  }

  /** Calls `take` for each bar that is at some time between the two, in their order. */
  each(fromUs: number, toUs: number, take: (from: number, to: number, id: number) => void): void {
    const { from, to, ids } = this;
    for (let block = 0; block < this.#ends.length; block++) {
      const first = block * BLOCK;
      if ((from[first] as number) > toUs) return;
      if ((this.#ends[block] as number) < fromUs) continue;
      const last = Math.min(first + BLOCK, ids.length);
      for (let i = first; i < last; i++) {
        if ((from[i] as number) > toUs) return;
        if ((to[i] as number) >= fromUs) take(from[i] as number, to[i] as number, ids[i] as number);
      }
    }
  }

  /** The longest of those at a time, within so much; -1: none. */
  nearest(us: number, within: number): { readonly id: number; readonly distance: number } | null {
    let best: { id: number; distance: number; length: number } | null = null;
    this.each(us - within, us + within, (from, to, id) => {
      const distance = us < from ? from - us : us > to ? us - to : 0;
      const length = to - from;
      // Of several at the same place, the shorter one lies above the longer one.
      if (best === null || distance < best.distance || (distance === best.distance && length < best.length))
        best = { id, distance, length };
    });
    return best;
  }
}
