/**
 * --pid and --unit: what of a recording is shown and written. Whoever is in the way of such a process is still named:
 * nothing is left out of what is recorded. Pure.
 */
import type { RecordingLine } from "../../recording/lines.ts";
import { isOfUnits } from "../../recording/units.ts";
import { type Numbered, processKey } from "./known-processes.ts";
import type { Only } from "./settings.ts";

const MOST_OF_UNITS = 100_000;

export class LineFilter {
  readonly #isOff: boolean;
  readonly #pids: ReadonlySet<number>;
  readonly #only: Only;
  /** Processes that are shown because of their unit: by number and start. The last ones. */
  readonly #ofUnits = new Set<string>();

  constructor(only: Only) {
    const { pids, units } = only;
    this.#isOff = pids.length === 0 && units.length === 0;
    this.#pids = new Set(pids);
    this.#only = only;
  }

  /** To be asked about every line, in their order: a `process` line says of which unit it is. */
  shows(line: RecordingLine): boolean {
    if (this.#isOff) return true;
    if (!("pid" in line)) return true; // of the recording as a whole
    if (line.type === "process") {
      if (isOfUnits(line, this.#only.units, this.#only.unitUids)) this.#addOfUnit(processKey(line));
      return true; // its name: it may be a blocker
    }
    // one of them waits, or is what another one waits for
    const blockers = line.type === "wait" || line.type === "refusal" ? (line.blockers ?? []) : [];
    return this.#has(line) || blockers.some((blocker) => this.#has(blocker));
  }

  #addOfUnit(key: string): void {
    this.#ofUnits.add(key);
    const [first] = this.#ofUnits;
    if (this.#ofUnits.size > MOST_OF_UNITS && first !== undefined) this.#ofUnits.delete(first);
  }

  #has(who: Numbered): boolean {
    return this.#pids.has(who.pid) || this.#ofUnits.has(processKey(who));
  }
}
