/** The commands of processes, read before they are gone. */
import type { Holder } from "../../model/report.ts";
import { readCommandLine } from "../../proc/cmdline.ts";
import { valueOr } from "../../proc/read.ts";
import { readStat } from "../../proc/stat.ts";
import { commandOf } from "../../text/holder.ts";

export class ProcessNames {
  readonly #names = new Map<number, string>();

  /** From a look. */
  add(holder: Holder): void {
    if (holder.startTicks !== null) this.#names.set(holder.pid, commandOf(holder));
  }

  /** Its pid may be another process's from now on. */
  delete(pid: number): void {
    this.#names.delete(pid);
  }

  /** Read at once where it is not known: the process may be gone at the next look. Null where it is gone already. */
  get(pid: number): string | null {
    const known = this.#names.get(pid);
    if (known !== undefined) return known;
    const directory = `/proc/${pid}`;
    const stat = valueOr(readStat(directory), null);
    if (stat === null) return null;
    const name = commandOf({ name: stat.name, commandLine: valueOr(readCommandLine(directory), []) });
    this.#names.set(pid, name);
    return name;
  }
}

/** Whether that very process still runs. */
export function isAlive({ pid, startTicks }: Holder): boolean {
  const stat = valueOr(readStat(`/proc/${pid}`), null);
  return stat !== null && stat.startTicks === startTicks && stat.state !== "zombie";
}
