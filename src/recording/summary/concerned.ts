/**
 * Of which processes the end of a recording says what it does not know. With --pid and --unit, these are those that are
 * shown and those that were in their way, or could have been. A program without SQLite only if it locked something:
 * another sqlock has the database open too. Pure.
 */
import type { MetaLine, RecordingLine } from "../lines.ts";
import { isOfUnits } from "../units.ts";

const MOST = 10_000;

export class Concerned {
  #only: MetaLine["only"];
  #isOff = true;
  readonly #pids = new Set<number>();
  /** Those of which there are lines. */
  readonly #active = new Set<number>();
  /** Of a wait it is not known who was in the way. */
  #isAnyBlocker = false;

  /** Every line that is shown, in their order. */
  add(line: RecordingLine): void {
    if (line.type === "meta" && line.only !== undefined) {
      this.#only = line.only;
      this.#isOff = false;
      for (const pid of line.only.pids ?? []) this.#pids.add(pid);
    }
    if (!("pid" in line)) return;
    if (line.type !== "process") addTo(this.#active, line.pid);
    const { units = [], unitUids = [] } = this.#only ?? {};
    if (line.type === "process" && !isOfUnits(line, units, unitUids)) return; // any process may be introduced
    addTo(this.#pids, line.pid);
    if (line.type !== "wait" && line.type !== "refusal") return;
    for (const { pid } of line.blockers ?? []) for (const pids of [this.#active, this.#pids]) addTo(pids, pid);
    if (line.type === "wait" && line.blockers.length === 0) this.#isAnyBlocker = true;
  }

  /** Of these processes. `what`, `why`: see UnknownLine. */
  of(pids: readonly number[], what: string, why: string): readonly number[] {
    if (what === "blocker" && this.#isAnyBlocker) return pids;
    const shown = this.#isOff || this.#pids.size >= MOST ? null : this.#pids;
    const active = why !== "no-library" || this.#active.size >= MOST ? null : this.#active;
    return pids.filter((pid) => shown?.has(pid) !== false && active?.has(pid) !== false);
  }
}

function addTo(pids: Set<number>, pid: number): void {
  if (pids.size < MOST) pids.add(pid);
}
