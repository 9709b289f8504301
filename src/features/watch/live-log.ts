/** The list of events on the screen: a lock that was taken and released is one row. Pure. */
import type { WatchEvent } from "./event.ts";
import { isNotable, type LockView } from "./held-lock.ts";
import { LONG_HOLD_MS } from "./holder-view.ts";

export interface LogRow {
  readonly event: WatchEvent;
  /** Of a lock: for how long it was held; null while it is. */
  readonly heldMs: number | null;
  /** `heldMs` is a lower bound; left out where it is not. */
  readonly atLeast?: boolean;
}

export interface MutableLogRow extends LogRow {
  heldMs: number | null;
  atLeast?: boolean;
}

const MAX_ROWS = 200;

/** Events of these are no row: the screen shows them elsewhere. */
const NO_ROW: readonly WatchEvent["event"][] = ["watching", "open", "wal-growth"];

export class LiveLog {
  #rows: MutableLogRow[] = [];

  /** The newest is the last. A copy: what is shown does not change. */
  get rows(): readonly LogRow[] {
    return this.#rows.map((row) => ({ ...row }));
  }

  /** An event that is not of a lock. */
  add(event: WatchEvent): void {
    if (!NO_ROW.includes(event.event)) this.#push({ event, heldMs: null });
  }

  /** `others`: what the process holds already. @returns the row, null where it is not worth one */
  take(event: WatchEvent, lock: LockView, others: readonly LockView[]): MutableLogRow | null {
    return isNotable(lock, others) ? this.#push({ event, heldMs: null }) : null;
  }

  /** `row`: that of its taking. `isOfOpenDatabase`: every connection has this lock as long as it is open. */
  release(event: WatchEvent, heldMs: number, row: MutableLogRow | null, isOfOpenDatabase: boolean): void {
    const atLeast = event.atLeast === true ? { atLeast: true } : {};
    if (row !== null) Object.assign(row, { heldMs, ...atLeast });
    else if (heldMs >= LONG_HOLD_MS && !isOfOpenDatabase) this.#push({ event, heldMs, ...atLeast });
  }

  #push(row: MutableLogRow): MutableLogRow {
    this.#rows.push(row);
    if (this.#rows.length > MAX_ROWS) this.#rows.shift();
    return row;
  }
}
