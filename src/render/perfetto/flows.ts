/**
 * Arrows from waits to the locks that were in the way. A lock's line may come before that of the wait, after it, or
 * not at all. Pure.
 */
import type { BlockerFact } from "../../recording/lines.ts";
import type { Flow } from "./event.ts";
import { usOf } from "./event.ts";

/** A slice that is in the trace. */
export interface Place {
  readonly pid: number;
  readonly tid: number;
  readonly fromNs: number;
  readonly toNs: number;
}

export interface Behind {
  readonly wait: Place;
  readonly blocker: BlockerFact;
  readonly path: string;
  readonly sure: boolean;
}

/** Slices of locks that are remembered: waits that name them end soon after them. */
const MOST_PLACES = 50_000;
/** Waits whose locks are not known yet. */
const MOST_PENDING = 200_000;

/** Of what both slices have in common: less has no room for an arrow. */
const SHORTEST_NS = 4;
/** From its beginning to its end. */
const ARROW_NS = 1_000;

export class Flows {
  readonly #emit: (event: Flow) => void;
  /** By lock: the last ones. */
  readonly #places = new Map<string, Place>();
  readonly #pending = new Map<string, Behind[]>();
  #pendingSize = 0;
  #next = 1;

  constructor(emit: (event: Flow) => void) {
    this.#emit = emit;
  }

  /** `key`: see {@link keyOfLock}. */
  lock(key: string, place: Place): void {
    this.#places.set(key, place);
    const [oldest] = this.#places.keys();
    if (this.#places.size > MOST_PLACES && oldest !== undefined) this.#places.delete(oldest);
    for (const behind of this.#pending.get(key) ?? []) {
      this.#pendingSize--;
      this.#arrow(behind, place);
    }
    this.#pending.delete(key);
  }

  wait(key: string, behind: Behind): void {
    const place = this.#places.get(key);
    if (place !== undefined) this.#arrow(behind, place);
    else if (this.#pendingSize < MOST_PENDING) {
      this.#pendingSize++;
      const list = this.#pending.get(key);
      if (list === undefined) this.#pending.set(key, [behind]);
      else list.push(behind);
    }
  }

  /** What has no line, by lock: once, after the last line. `lock` is to be called for each. */
  *unknown(): Iterable<readonly [string, readonly Behind[]]> {
    yield* [...this.#pending];
  }

  /** Within both slices. Of two moments that are the same, a reader may take the second one for the first. */
  #arrow({ wait, blocker, sure }: Behind, lock: Place): void {
    const from = Math.max(wait.fromNs, lock.fromNs);
    const to = Math.min(wait.toNs, lock.toNs);
    if (to - from < SHORTEST_NS) return;
    const ns = Math.floor((from + to) / 2);
    const later = ns + Math.min(ARROW_NS, Math.floor((to - ns) / 2));
    const flow = {
      cat: "blocked",
      name: sure ? `behind ${blocker.lock}` : `likely behind ${blocker.lock}`,
    } as const;
    const id = String(this.#next++);
    this.#emit({ ph: "s", ...flow, id, ts: usOf(ns), pid: wait.pid, tid: wait.tid });
    this.#emit({ ph: "f", bp: "e", ...flow, id, ts: usOf(later), pid: lock.pid, tid: lock.tid });
  }
}

/** `pid`: of the trace. */
export function keyOfLock(pid: number, path: string, { lock, fromMs }: Pick<BlockerFact, "lock" | "fromMs">): string {
  return `${pid} ${lock} ${fromMs} ${path}`;
}
