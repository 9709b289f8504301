/** The events of all CPUs in the order of time. Pure. */
import { type DecodedEvent, placeOf } from "./events.ts";

export class Order {
  /** What is newer than the last `take`, in order. */
  #waiting: DecodedEvent[] = [];
  #runs: DecodedEvent[][] = [];

  /** Events of one CPU, which are in order. */
  add(run: DecodedEvent[]): void {
    if (run.length > 0) this.#runs.push(run);
  }

  /** Everything that is not newer than `untilMs`, in order. What is newer waits: other CPUs may have older ones. */
  take(untilMs: number): DecodedEvent[] {
    const all = merged([this.#waiting, ...this.#runs]);
    this.#runs = [];
    let count = all.length;
    for (let last = all[count - 1]; last !== undefined && placeOf(last) > untilMs; last = all[count - 1]) count -= 1;
    this.#waiting = all.splice(count);
    return all;
  }
}

/** Pairs of neighbours are merged until one is left. Of equal times the earlier run's event is first. */
function merged(runs: readonly DecodedEvent[][]): DecodedEvent[] {
  let left = runs.filter((run) => run.length > 0);
  while (left.length > 1) {
    const next: DecodedEvent[][] = [];
    for (let i = 0; i < left.length; i += 2) next.push(mergedPair(left[i] ?? [], left[i + 1] ?? []));
    left = next;
  }
  return left[0] ?? [];
}

function mergedPair(a: DecodedEvent[], b: DecodedEvent[]): DecodedEvent[] {
  if (b.length === 0) return a;
  const result: DecodedEvent[] = [];
  let j = 0;
  let other = b[0];
  for (const event of a) {
    const place = placeOf(event);
    while (other !== undefined && placeOf(other) < place) {
      result.push(other);
      j += 1;
      other = b[j];
    }
    result.push(event);
  }
  for (; other !== undefined; other = b[j]) {
    result.push(other);
    j += 1;
  }
  return result;
}
