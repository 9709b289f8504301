/** Who the processes of a recording are: of one that goes on for days, the last ones. Pure. */
import type { ProcessLine } from "../../recording/lines.ts";

/** `startTicks` null: the last process of that number. */
export interface Numbered {
  readonly pid: number;
  readonly startTicks: string | null;
}

interface WithCommand extends Numbered {
  readonly commandLine: readonly string[] | null;
}

const MOST = 10_000;
/** Of their command lines: one has up to 32,768. */
const MOST_CHARACTERS = 4_000_000;

export class KnownProcesses<Known extends WithCommand = ProcessLine> {
  /** The oldest first. */
  readonly #byStart = new Map<string, Known>();
  readonly #byPid = new Map<number, Known>();
  #characters = 0;

  add(process: Known): void {
    this.#forget(processKey(process));
    this.#byStart.set(processKey(process), process);
    this.#byPid.set(process.pid, process);
    this.#characters += charactersOf(process);
    while (this.#byStart.size > MOST || this.#characters > MOST_CHARACTERS) {
      const [first] = this.#byStart.keys();
      if (first === undefined) return;
      this.#forget(first);
    }
  }

  get(who: Numbered): Known | null {
    const found = who.startTicks === null ? this.#byPid.get(who.pid) : this.#byStart.get(processKey(who));
    return found ?? null;
  }

  #forget(key: string): void {
    const process = this.#byStart.get(key);
    if (process === undefined) return;
    this.#byStart.delete(key);
    this.#characters -= charactersOf(process);
    if (this.#byPid.get(process.pid) === process) this.#byPid.delete(process.pid);
  }
}

/** Of a process, also after another one has got its number. */
export function processKey({ pid, startTicks }: Numbered): string {
  return `${pid} ${startTicks}`;
}

function charactersOf({ commandLine }: WithCommand): number {
  return (commandLine ?? []).reduce((sum, argument) => sum + argument.length, 0);
}
