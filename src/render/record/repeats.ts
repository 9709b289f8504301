/** Lines that say the same again and again: the first is shown, and then how many followed it. Pure. */

/** From the first on, in ms. */
const TOGETHER_MS = 2000;

/** Different ones at a time. */
const MOST = 1000;

export interface Repeated {
  readonly text: string;
  /** Of those that were not shown. */
  readonly times: number;
  readonly lastMs: number;
}

export class Repeats {
  readonly #rows = new Map<string, { readonly fromMs: number; times: number; lastMs: number }>();

  /** `text`: without its time. @returns whether it is shown now */
  isNew(text: string, atMs: number): boolean {
    const row = this.#rows.get(text);
    if (row === undefined) {
      if (this.#rows.size < MOST) this.#rows.set(text, { fromMs: atMs, times: 0, lastMs: atMs });
      return true;
    }
    row.times += 1;
    row.lastMs = atMs;
    return false;
  }

  /** Those whose first line is old enough. To be called several times a second. */
  take(nowMs: number): Repeated[] {
    const repeated: Repeated[] = [];
    for (const [text, { fromMs, times, lastMs }] of this.#rows) {
      if (nowMs - fromMs < TOGETHER_MS) continue;
      this.#rows.delete(text);
      if (times > 0) repeated.push({ text, times, lastMs });
    }
    return repeated;
  }
}
