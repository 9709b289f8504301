/** --on-wait: which wait the command is run for, once each. Pure. */
import type { WaitLine } from "../../recording/lines.ts";

/** A wait that goes on has the outcome `still`. */
export class WaitHook {
  readonly #afterMs: number;
  /** Waits that were told of and go on. */
  readonly #told = new Set<string>();

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** All that go on now. @returns those that have just become long enough */
  open(waits: readonly WaitLine[]): readonly WaitLine[] {
    return waits.filter((wait) => {
      const key = keyOf(wait);
      if (wait.waitedMs < this.#afterMs || this.#told.has(key)) return false;
      this.#told.add(key);
      return true;
    });
  }

  /** One that has ended. @returns it, if it was long enough and ended between two calls of `open`; else null */
  ended(wait: WaitLine): WaitLine | null {
    const wasTold = this.#told.delete(keyOf(wait));
    return wasTold || wait.waitedMs < this.#afterMs ? null : wait;
  }
}

/** A thread waits for one lock at a time. */
function keyOf({ pid, startTicks, tid, path, lock, fromMs }: WaitLine): string {
  return [pid, startTicks, tid, fromMs, lock, path].join(" ");
}
