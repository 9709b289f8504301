/**
 * Whether a process has a database open, by its descriptors: for those that take no lock. Any user can have thousands
 * of processes with thousands of descriptors each: the looks at all of them take a share of the time.
 */
import { entriesOf } from "../../observe/folder.ts";
import { failure, linkOf } from "../../proc/read.ts";

/** A process with more has the rest unseen. */
const MOST_DESCRIPTORS = 1_024;
const MOST_PROCESSES = 10_000;

/** `paths`: real paths. A container's other paths are not found; its locks are. */
export function hasOpen(pid: number, paths: readonly string[]): boolean {
  return firstNames(`/proc/${pid}/fd`, MOST_DESCRIPTORS).some((fd) => paths.includes(linkOf(`/proc/${pid}/fd/${fd}`)));
}

/** Of a folder that may have a million: the kernel makes each only when it is asked for. */
function firstNames(folder: string, most: number): string[] {
  const names: string[] = [];
  try {
    for (const { name } of entriesOf(folder, null)) if (names.push(name) === most) break;
  } catch (error) {
    failure(error); // it has ended meanwhile
  }
  return names;
}

/** Looks at processes: at each not more often than that, and at all together not longer than a share of the time. */
export class Rarely {
  readonly #everyMs: number;
  readonly #share: number;
  readonly #clockMs: () => number;
  readonly #lastMs = new Map<number, number>();
  /** By the clock: the next look is not before that. */
  #restUntilMs = Number.NEGATIVE_INFINITY;

  constructor(everyMs: number, share: number, clockMs: () => number) {
    this.#everyMs = everyMs;
    this.#share = share;
    this.#clockMs = clockMs;
  }

  /** `nowMs`: of the event that asks. Null: it is not due. */
  look<T>(pid: number, nowMs: number, look: () => T): T | null {
    const lastMs = this.#lastMs.get(pid);
    if (lastMs !== undefined && nowMs - lastMs < this.#everyMs) return null;
    const beganMs = this.#clockMs();
    if (beganMs < this.#restUntilMs) return null;
    if (this.#lastMs.size >= MOST_PROCESSES) this.#lastMs.clear();
    this.#lastMs.set(pid, nowMs);
    const found = look();
    const endedMs = this.#clockMs();
    this.#restUntilMs = endedMs + (endedMs - beganMs) / this.#share - (endedMs - beganMs);
    return found;
  }
}

/** Who was found to have a database open is not looked at again for so long. */
const KEPT_MS = 1_000;

/** Processes that have a database open, and may not have locked it yet. */
export class EarlyUsers {
  readonly #looks: Rarely;
  readonly #foundMs = new Map<number, number>();

  constructor(looks: Rarely) {
    this.#looks = looks;
  }

  has(pid: number, nowMs: number, look: () => boolean): boolean {
    const foundMs = this.#foundMs.get(pid);
    if (foundMs !== undefined && nowMs - foundMs < KEPT_MS) return true;
    if (this.#looks.look(pid, nowMs, look) !== true) return false;
    if (this.#foundMs.size >= MOST_PROCESSES) this.#foundMs.clear();
    this.#foundMs.set(pid, nowMs);
    return true;
  }
}
