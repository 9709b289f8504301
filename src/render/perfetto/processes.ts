/** Processes of the trace: those of the recording, one for each database, and one for the recording itself. Pure. */
import { basename } from "node:path";
import { type Numbered, processKey } from "../../features/record/known-processes.ts";
import type { ProcessLine } from "../../recording/lines.ts";
import { commandOf } from "../../text/holder.ts";
import type { Metadata } from "./event.ts";

/** No process of Linux has such a number (2^22 at most). */
const RECORDING = 2_000_000_000;
const DATABASES = 2_000_000_001;
/** A number that a second process has: what is added to it, once for each. */
const AGAIN = 10_000_000;
/** Numbers of the trace have 31 bits: of so many processes of one number, the first and the last share a line. */
const MOST_AGAIN = 190;

/** The name of a program is longer than that in no list. */
const MOST_CHARACTERS = 100;

interface Known {
  readonly pid: number;
  line: ProcessLine | null;
}

export class TraceProcesses {
  readonly #byKey = new Map<string, Known>();
  /** How many processes had a number. */
  readonly #times = new Map<number, number>();
  /** The last one of a number. */
  readonly #last = new Map<number, string>();
  readonly #databases = new Map<string, number>();

  readonly recording = RECORDING;

  /** Its number in the trace: its own, unless another process has that. */
  of(who: Numbered): number {
    return this.#known(who).pid;
  }

  /** A process that executes another program has another line: the last one is valid. */
  add(line: ProcessLine): void {
    this.#known(line).line = line;
  }

  ofDatabase(path: string): number {
    const found = this.#databases.get(path) ?? DATABASES + this.#databases.size;
    this.#databases.set(path, found);
    return found;
  }

  *names(): Iterable<Metadata> {
    yield* described(RECORDING, "recording", -2, null);
    for (const [path, pid] of this.#databases) yield* described(pid, basename(path), -1, path);
    for (const { pid, line } of this.#byKey.values()) {
      const command = line === null ? null : commandOf({ name: line.name ?? "", commandLine: line.commandLine ?? [] });
      const own = pid >= AGAIN ? ` (${pid % AGAIN})` : "";
      const labels = [line?.user, line?.unit, line?.container].filter((each) => each != null);
      yield* described(
        pid,
        `${(command ?? "not known").slice(0, MOST_CHARACTERS)}${own}`,
        pid % AGAIN,
        labels.join(", "),
      );
    }
  }

  #known(who: Numbered): Known {
    const key = who.startTicks === null ? (this.#last.get(who.pid) ?? processKey(who)) : processKey(who);
    const found = this.#byKey.get(key);
    if (found !== undefined) return found;
    const times = this.#times.get(who.pid) ?? 0;
    this.#times.set(who.pid, times + 1);
    this.#last.set(who.pid, key);
    const added: Known = { pid: who.pid + (times % MOST_AGAIN) * AGAIN, line: null };
    this.#byKey.set(key, added);
    return added;
  }
}

function* described(pid: number, name: string, order: number, labels: string | null): Iterable<Metadata> {
  const of = { ph: "M", pid } as const;
  yield { ...of, name: "process_name", args: { name } };
  yield { ...of, name: "process_sort_index", args: { sort_index: order } };
  if (labels !== null && labels !== "") yield { ...of, name: "process_labels", args: { labels } };
}
