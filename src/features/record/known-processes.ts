/** Who the processes of a recording are: of one that goes on for days, the last ones. Pure. */
import type { ProcessLine } from "../../recording/lines.ts";

/** `startTicks` null: the last process of that number. */
export interface Numbered {
  readonly pid: number;
  readonly startTicks: string | null;
}

const MOST = 10_000;

export class KnownProcesses<Known extends Numbered = ProcessLine> {
  readonly #byStart = new Map<string, Known>();
  readonly #byPid = new Map<number, Known>();

  add(process: Known): void {
    this.#byStart.set(processKey(process), process);
    this.#byPid.set(process.pid, process);
    forgetFirst(this.#byStart);
    forgetFirst(this.#byPid);
  }

  get(who: Numbered): Known | null {
    const found = who.startTicks === null ? this.#byPid.get(who.pid) : this.#byStart.get(processKey(who));
    return found ?? null;
  }
}

/** Of a process, also after another one has got its number. */
export function processKey({ pid, startTicks }: Numbered): string {
  return `${pid} ${startTicks}`;
}

function forgetFirst<Key>(map: Map<Key, unknown>): void {
  const [first] = map.keys();
  if (map.size > MOST && first !== undefined) map.delete(first);
}
