/** The processes of a recording: two of one number are two. Of too many, those that mattered least are forgotten. */
import { ProcessTally } from "./process-tally.ts";

interface Identity {
  readonly pid: number;
  readonly startTicks: string | null;
}

const MOST = 2_000;

export class ProcessTallies {
  /** Nearly always one per number. */
  #byPid = new Map<number, ProcessTally[]>();
  #kept = 0;
  #forgotten = 0;

  of({ pid, startTicks }: Identity): ProcessTally {
    let list = this.#byPid.get(pid);
    if (list === undefined) {
      list = [];
      this.#byPid.set(pid, list);
    }
    const known = list.find((each) => each.startTicks === startTicks) ?? unidentified(list, startTicks);
    if (known !== null) return known;
    const process = new ProcessTally(pid, startTicks);
    list.push(process);
    if (++this.#kept > MOST) this.#prune(process);
    return process;
  }

  get all(): ProcessTally[] {
    return [...this.#byPid.values()].flat();
  }

  /** Those that were forgotten too. */
  get count(): number {
    return this.#kept + this.#forgotten;
  }

  /** The weightiest, and all that are named elsewhere. */
  listed(most: number, named: readonly Identity[], pids: ReadonlySet<number>): ProcessTally[] {
    const wanted = new Map<number, Set<string | null>>();
    for (const { pid, startTicks } of named) {
      const ticks = wanted.get(pid) ?? new Set();
      wanted.set(pid, ticks.add(startTicks));
    }
    return this.all
      .sort((a, b) => b.weight - a.weight || a.pid - b.pid)
      .filter(({ pid, startTicks }, index) => index < most || pids.has(pid) || isIn(wanted.get(pid), startTicks));
  }

  #prune(newest: ProcessTally): void {
    const all = this.all.filter((process) => process !== newest).sort((a, b) => b.weight - a.weight);
    const kept = [newest, ...all.slice(0, MOST / 2)];
    this.#forgotten += this.#kept - kept.length;
    this.#kept = kept.length;
    this.#byPid = new Map();
    for (const process of kept) {
      const list = this.#byPid.get(process.pid);
      if (list === undefined) this.#byPid.set(process.pid, [process]);
      else list.push(process);
    }
  }
}

/** The start of a process is read a moment after its first lock: until then it is null. */
function unidentified(list: readonly ProcessTally[], startTicks: string | null): ProcessTally | null {
  const last = list.at(-1);
  if (last === undefined) return null;
  if (startTicks === null) return last;
  if (last.startTicks !== null) return null;
  last.startTicks = startTicks;
  return last;
}

function isIn(known: ReadonlySet<string | null> | undefined, startTicks: string | null): boolean {
  return known !== undefined && (known.has(startTicks) || known.has(null));
}
