/** The commands of processes, read before these end. */
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

  /** From now on its pid may be that of another process. */
  delete(pid: number): void {
    this.#names.delete(pid);
  }

  /** Read at once if it is not known: the process may have ended by the next look. Null if it has ended already. */
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
