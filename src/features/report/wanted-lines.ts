/** --process and --min-wait: which lines concern whom is asked for, and which of them are listed. Pure. */
import type { ProcessLine, RecordingLine, WaitLine } from "../../recording/lines.ts";
import { commandOf } from "../../text/holder.ts";
import { type Numbered, processKey } from "../record/known-processes.ts";

export interface Wanted {
  /** Pids, parts of command lines, units; empty: all. */
  readonly processes: readonly string[];
  readonly minWaitMs: number;
}

/** Of the processes that are asked for. */
const MOST = 100_000;

export class WantedLines {
  readonly #wanted: Wanted;
  readonly #keys = new Set<string>();
  readonly #pids: ReadonlySet<number>;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
    this.#pids = new Set(wanted.processes.filter((each) => /^\d+$/.test(each)).map(Number));
  }

  /** A process is asked for, and one such was seen. */
  get sawAny(): boolean {
    return this.#wanted.processes.length === 0 || this.#keys.size > 0;
  }

  /** To be asked about every line, in their order: a `process` line says who it is. */
  has(line: RecordingLine): boolean {
    if (line.type === "process") {
      if (this.#isWanted(line) && this.#keys.size < MOST) this.#keys.add(processKey(line));
      return true;
    }
    if (this.#wanted.processes.length === 0 || !("pid" in line)) return true;
    const blockers = line.type === "wait" || line.type === "refusal" ? (line.blockers ?? []) : [];
    return this.#hasWho(line) || blockers.some((blocker) => this.#hasWho(blocker));
  }

  /** A wait that is too short to be listed counts all the same. */
  lists(line: RecordingLine): boolean {
    return line.type !== "wait" || isListed(line, this.#wanted);
  }

  #hasWho(who: Numbered): boolean {
    return this.#pids.has(who.pid) || this.#keys.has(processKey(who));
  }

  #isWanted({ pid, name, commandLine, unit }: ProcessLine): boolean {
    const words = (commandLine ?? []).join(" ");
    const command = commandOf({ name: name ?? "", commandLine: commandLine ?? [] });
    return this.#wanted.processes.some((each) =>
      /^\d+$/.test(each)
        ? String(pid) === each
        : unit === each || unit === `${each}.service` || words.includes(each) || command.includes(each),
    );
  }
}

export function isListed({ waitedMs }: WaitLine, { minWaitMs }: Wanted): boolean {
  return waitedMs >= minWaitMs;
}
