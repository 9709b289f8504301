/**
 * --pid and --unit: of which processes the end of a recording says what it does not know. These are those that are
 * shown and those that were in their way, or could have been. Pure.
 */
import type { MetaLine, RecordingLine } from "../lines.ts";
import { isOfUnits } from "../units.ts";

const MOST = 10_000;

export class Concerned {
  #only: MetaLine["only"];
  /** Null: of all processes. */
  #pids: Set<number> | null = null;
  /** Of a wait it is not known who was in the way. */
  #isAnyBlocker = false;

  /** Every line that is shown, in their order. */
  add(line: RecordingLine): void {
    if (line.type === "meta" && line.only !== undefined) {
      this.#only = line.only;
      this.#pids = new Set(line.only.pids);
    }
    if (this.#pids === null || !("pid" in line)) return;
    const { units = [], unitUids = [] } = this.#only ?? {};
    if (line.type === "process" && !isOfUnits(line, units, unitUids)) return; // any process may be introduced
    this.#add(line.pid);
    if (line.type !== "wait") return;
    for (const { pid } of line.blockers) this.#add(pid);
    if (line.blockers.length === 0) this.#isAnyBlocker = true;
  }

  /** Of these processes. `what`: see UnknownLine. */
  of(pids: readonly number[], what: string): readonly number[] {
    const shown = this.#pids;
    if (shown === null || (what === "blocker" && this.#isAnyBlocker)) return pids;
    return pids.filter((pid) => shown.has(pid));
  }

  #add(pid: number): void {
    if (this.#pids !== null && this.#pids.size < MOST) this.#pids.add(pid);
  }
}
