/** Lines that would be told again and again of one place in the code: the first ones are, the rest is counted. Pure. */
import type { CallSite } from "../lines.ts";
import type { ConnectionLine, MisuseLine } from "./lines.ts";

export type Line = ConnectionLine | MisuseLine;

/** Of one place. */
const TOLD = 20;
const MOST_PLACES = 5_000;

interface Place {
  told: number;
  /** The last one that was not told. */
  last: Line | null;
  more: number;
}

export class Repeated {
  readonly #places = new Map<string, Place>();
  readonly #emit: (line: Line) => void;

  constructor(emit: (line: Line) => void) {
    this.#emit = emit;
  }

  add(line: Line): void {
    const key = keyOf(line);
    let place = this.#places.get(key);
    if (place === undefined) {
      if (this.#places.size >= MOST_PLACES) this.end();
      place = { told: 0, last: null, more: 0 };
      this.#places.set(key, place);
    }
    if (place.told < TOLD) {
      place.told += 1;
      this.#emit(line);
      return;
    }
    place.more += 1;
    place.last = line;
  }

  /** The rest, in one line for each place. */
  end(): void {
    for (const { last, more } of this.#places.values()) {
      if (last !== null) this.#emit(more === 1 ? last : { ...last, times: more });
    }
    this.#places.clear();
  }
}

/** Two lines with the same key tell of the same place. */
export function keyOf(line: Line): string {
  const what =
    line.type === "connection"
      ? [line.closed, line.timeoutMs, line.memory, siteKey(line.openedAt), siteKey(line.closedAt)]
      : [line.kind, line.ended, siteKey(line.callSite), siteKey(line.closedAt)];
  return [line.type, line.pid, line.startTicks, line.path, ...what].join("\n");
}

/** Without the thread and the task: each request has another one. */
export function siteKey(site: CallSite | null): string {
  return site === null ? "" : `${site.file}:${site.line}`;
}
