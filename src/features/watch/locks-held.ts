/** Which locks are held now, and since when they were seen to be, from the events of watch. Pure. */
import type { LockName } from "../../sqlite/locks.ts";
import type { WatchEvent } from "./event.ts";
import { lockOfEvent } from "./held-lock.ts";

export class LocksHeld {
  /** In ms since the epoch. */
  readonly #since = new Map<string, number>();

  add(event: WatchEvent): void {
    const lock = event.event === "alert" ? null : lockOfEvent(event);
    if (lock === null || event.pid === null) return;
    const key = keyOf(event.path, event.pid, lock.name);
    if (event.event === "released") this.#since.delete(key);
    else if (!this.#since.has(key)) this.#since.set(key, event.at.getTime());
  }

  /** For how long, at least, in ms; null where it is not held. */
  heldMs(path: string, pid: number, lock: LockName, nowMs: number): number | null {
    const since = this.#since.get(keyOf(path, pid, lock));
    return since === undefined ? null : Math.max(0, nowMs - since);
  }
}

function keyOf(path: string, pid: number, lock: LockName): string {
  return `${pid} ${lock} ${path}`;
}
