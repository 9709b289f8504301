/**
 * Who a process is comes before what it did: it may be met, by a reading of /proc, after its first events and before
 * they are delivered. Pure.
 */
import type { ProcessEvent } from "../../recording/source-event.ts";

export class Introductions {
  /** Not delivered yet. */
  readonly #untold = new Map<number, ProcessEvent>();

  met(event: ProcessEvent): void {
    this.#untold.set(event.process.pid, event);
  }

  /** What is to be said before an event of that process; null: it is known. */
  before(pid: number, atMs: number): ProcessEvent | null {
    const event = this.#untold.get(pid);
    if (event === undefined) return null;
    this.#untold.delete(pid);
    return event.atMs <= atMs ? event : { ...event, atMs };
  }

  /** Whether it is still to be said, at its own time. */
  isDue({ process: { pid } }: ProcessEvent): boolean {
    return this.#untold.delete(pid);
  }
}
