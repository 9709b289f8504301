/**
 * Processes that were met as they gave something up: a child of a fork closes what it has inherited, and still has the
 * name of its parent until it executes another program. Who it is shows once it takes a lock itself. Pure.
 */
import type { LockEvent, ProcessIdentity } from "../../recording/source-event.ts";

const MOST = 10_000;

export class BeforeExec {
  readonly #met = new Map<number, ProcessIdentity>();

  met(identity: ProcessIdentity, { operation }: Pick<LockEvent, "operation">): void {
    if (operation === "unlock" && this.#met.size < MOST) this.#met.set(identity.pid, identity);
  }

  /** What it was called before, if it is to be asked anew, once; else null. */
  before({ pid, operation }: Pick<LockEvent, "pid" | "operation">): ProcessIdentity | null {
    if (this.#met.size === 0 || operation === "unlock") return null; // nearly always
    const before = this.#met.get(pid) ?? null;
    this.#met.delete(pid);
    return before;
  }

  ended(pid: number): void {
    this.#met.delete(pid);
  }
}

/** The same process, which executes another program now. */
export function isAnotherProgram(before: ProcessIdentity, now: ProcessIdentity): boolean {
  if (now.startTicks === null || now.startTicks !== before.startTicks) return false;
  return now.name !== before.name || String(now.commandLine) !== String(before.commandLine);
}
