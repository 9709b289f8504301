/** Messages that programs could not write, since the pipe was full: numbers that are missing. Pure. */

/** A thread of Node.js has numbers of its own: from this times its id. */
const STREAM = 2 ** 32;

/** 0: the main thread. */
export function streamOf(number: number): number {
  return Math.floor(number / STREAM);
}

const MOST_STREAMS = 10_000;

interface Stream {
  first: number;
  last: number;
  received: number;
}

export class Dropped {
  readonly #streams = new Map<string, Stream>();

  add({ pid, number }: { readonly pid: number; readonly number: number }): void {
    const key = `${pid} ${streamOf(number)}`;
    const stream = this.#streams.get(key);
    if (stream === undefined) {
      if (this.#streams.size < MOST_STREAMS) this.#streams.set(key, { first: number, last: number, received: 1 });
      return;
    }
    stream.received += 1;
    stream.first = Math.min(stream.first, number);
    stream.last = Math.max(stream.last, number);
  }

  get summary(): { readonly messages: number; readonly pids: readonly number[] } {
    const pids = new Set<number>();
    let messages = 0;
    for (const [key, { first, last, received }] of this.#streams) {
      const missing = Math.max(0, last - first + 1 - received);
      if (missing === 0) continue;
      messages += missing;
      pids.add(Number.parseInt(key, 10));
    }
    return { messages, pids: [...pids] };
  }
}
