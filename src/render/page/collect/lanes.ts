/** The processes of a page, and their lanes: one for each connection and database. Pure. */
import type { ProcessLine } from "../../../recording/lines.ts";
import type { ProcessSummary } from "../../../recording/summary-line.ts";
import { commandText } from "../../record/words.ts";
import type { LaneData, ProcessData } from "../data.ts";

type Named = ProcessLine | ProcessSummary;

interface Numbered {
  readonly pid: number;
  readonly startTicks: string | null;
}

interface InLane extends Numbered {
  readonly path: string;
  readonly connection: number | null;
}

/** A recording of days may have very many: the further ones of a process share a lane, those of all a process. */
const MOST_PROCESSES = 5_000;
const MOST_LANES = 20_000;

export class Lanes {
  readonly #processes = new Map<string, number>();
  readonly #list: Numbered[] = [];
  readonly #named = new Map<string, Named>();
  readonly #lanes = new Map<string, number>();
  readonly #laneList: { process: number; connection: number | null; path: string }[] = [];
  readonly #inWal = new Set<string>();

  name(line: Named): void {
    this.#named.set(keyOf(line), line);
  }

  /** @returns -1: there is no room for it */
  process(who: Numbered): number {
    const key = keyOf(who);
    const known = this.#processes.get(key);
    if (known !== undefined) return known;
    if (this.#list.length >= MOST_PROCESSES) return -1;
    this.#processes.set(key, this.#list.push({ pid: who.pid, startTicks: who.startTicks }) - 1);
    return this.#list.length - 1;
  }

  /** @returns -1: there is no room for it */
  lane(who: InLane): number {
    const process = this.process(who);
    if (process === -1) return -1;
    const key = `${process} ${who.connection} ${who.path}`;
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    if (this.#laneList.length >= MOST_LANES)
      return who.connection === null ? -1 : this.lane({ ...who, connection: null });
    this.#lanes.set(key, this.#laneList.push({ process, connection: who.connection, path: who.path }) - 1);
    return this.#laneList.length - 1;
  }

  /** Only in WAL mode there is such a lock. */
  sawLock(lock: string, path: string): void {
    if (lock === "WRITE" || (lock.startsWith("READ") && lock !== "READ")) this.#inWal.add(path);
  }

  isWal(path: string): boolean {
    return this.#inWal.has(path);
  }

  processes(): ProcessData[] {
    return this.#list.map((who) => {
      const named = this.#named.get(keyOf(who)) ?? null;
      const { user = null, unit = null, container = null } = named ?? {};
      return { ...who, command: commandText(named) ?? "?", user, unit, container };
    });
  }

  lanes(textOf: (path: string) => number): LaneData[] {
    return this.#laneList.map(({ process, connection, path }) => ({
      ...{ process, connection, path: textOf(path), isWal: this.#inWal.has(path) },
    }));
  }
}

function keyOf({ pid, startTicks }: Numbered): string {
  return `${pid} ${startTicks}`;
}
