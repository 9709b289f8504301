/** The processes that have targets' files open, and their handles, as far as they have been read. */
import type { DatabaseSnapshot, HandleSeen, Target } from "../../../model/snapshot.ts";
import type { TargetIndex } from "../../target-index.ts";
import type { MatchedProcess } from "./descriptor-scan.ts";
import { type HandlesOfProcess, readHandles } from "./handles.ts";

export class HandleTable {
  readonly #index: TargetIndex;
  readonly #byPid = new Map<number, { readonly match: MatchedProcess; readonly read: HandlesOfProcess }>();

  constructor(index: TargetIndex) {
    this.#index = index;
  }

  /** A process that has no handle any more is removed. */
  read(matches: readonly MatchedProcess[]): void {
    for (const match of matches) {
      const read = readHandles(match, this.#index);
      if (read !== null && read.handles.size > 0) this.#byPid.set(match.pid, { match, read });
      else this.#byPid.delete(match.pid);
    }
  }

  readAgain(pids: readonly number[]): void {
    this.read(pids.flatMap((pid) => this.#byPid.get(pid)?.match ?? []));
  }

  has(pid: number): boolean {
    return this.#byPid.has(pid);
  }

  pids(): number[] {
    return [...this.#byPid.keys()];
  }

  /** How many files a process has open; null for one that is not in the table. */
  openFiles(pid: number): number | null {
    return this.#byPid.get(pid)?.read.openFiles ?? null;
  }

  /** Those on any target, by pid. */
  handles(): Map<number, readonly HandleSeen[]> {
    return new Map([...this.#byPid].map(([pid, { read }]) => [pid, [...read.handles.values()].flat()]));
  }

  /** Those on one target, by pid. */
  handlesOn(target: Target): DatabaseSnapshot["handles"] {
    return new Map(
      [...this.#byPid].flatMap(([pid, { read }]) => {
        const handles = read.handles.get(target);
        return handles === undefined ? [] : [[pid, handles] as const];
      }),
    );
  }
}
