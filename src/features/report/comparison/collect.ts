/** What happened in each block of a recording: by database, and in it by process. Pure; its memory is bounded. */

import { Durations } from "../../../recording/distribution/durations.ts";
import { countedHolds } from "../../../recording/distribution/hold-kinds.ts";
import type { CountsLine, ProcessLine, RecordingLine } from "../../../recording/lines.ts";
import { endingOf, isBusy } from "../../../recording/summary/ended.ts";
import { isWriteHold } from "../../../recording/summary/wanted.ts";
import type { LockName } from "../../../sqlite/locks.ts";
import { EVENTS, type Events } from "./metrics.ts";
import { type Counted, SeriesTally } from "./series.ts";

export type Activity = Readonly<Record<Events, SeriesTally>>;

export interface DatabaseActivity {
  readonly path: string;
  readonly all: Activity;
  /** As exactly as they are known. */
  readonly holds: Durations;
  readonly waits: Durations;
  /** By what they are called: the unit, else the command line. */
  readonly groups: ReadonlyMap<string, Group>;
}

/** Processes of one name. */
export interface Group {
  /** Holds and waits. */
  readonly size: number;
  /** Made when it is asked for: there may be as many groups as processes, and few are shown. */
  readonly activity: () => Activity;
}

interface Database {
  readonly all: Activity;
  readonly holds: Durations;
  readonly waits: Durations;
  /** By process; of each, what it did in which block. */
  readonly processes: Map<string, Event[]>;
}

/** Of a process, in one block. */
interface Event {
  readonly of: Events;
  readonly block: number;
  readonly counted: Counted;
}

const MOST_DATABASES = 100;
/** Of all processes together: further ones count in the sum alone. */
const MOST_EVENTS = 1_000_000;
const MOST_PROCESSES = 50_000;

export class Collector {
  readonly #fromMs: number;
  readonly #blocks: number;
  readonly #lengthMs: number;
  readonly #databases = new Map<string, Database>();
  readonly #names = new Map<string, string>();
  #events = 0;

  constructor(fromMs: number, blocks: number, lengthMs: number) {
    this.#fromMs = fromMs;
    this.#blocks = blocks;
    this.#lengthMs = lengthMs;
  }

  add(line: RecordingLine): void {
    switch (line.type) {
      case "meta":
        for (const { path } of line.databases) this.#of(path);
        return;
      case "process":
        if (this.#names.size < MOST_PROCESSES) this.#names.set(keyOf(line), nameOf(line));
        return;
      case "lock":
        if (line.toMs !== null && !line.atLeast && isWriteHold(line))
          this.#count(line, line.toMs, "holds", one(line.toMs - line.fromMs));
        return;
      case "wait": {
        if (line.perhapsSeveralCalls === true) return;
        const endMs = line.fromMs + line.waitedMs;
        this.#count(line, endMs, "waits", one(0));
        this.#count(line, endMs, "waitLengths", one(line.waitedMs));
        if (endingOf(line) === "busy") this.#count(line, endMs, "gaveUp", one(0));
        return;
      }
      case "refusal":
        if (isBusy(line.result)) this.#count(line, line.atMs, "gaveUp", one(0));
        return;
      case "transaction":
        if (line.toMs !== null && line.writeFromMs !== null && line.outcome === "commit")
          this.#count(line, line.toMs, "commits", one(0));
        return;
      case "counts":
        this.#addCounts(line);
        return;
      default:
    }
  }

  /** At the end. */
  get databases(): DatabaseActivity[] {
    return [...this.#databases].map(([path, { all, holds, waits, processes }]) => {
      const byName = new Map<string, Event[][]>();
      for (const [process, events] of processes) {
        const name = this.#names.get(process);
        if (name === undefined) continue;
        const lists = byName.get(name);
        if (lists === undefined) byName.set(name, [events]);
        else lists.push(events);
      }
      const groups = new Map([...byName].map(([name, lists]) => [name, this.#groupOf(lists)] as const));
      return { path, all, holds, waits, groups };
    });
  }

  #groupOf(lists: readonly (readonly Event[])[]): Group {
    let size = 0;
    for (const events of lists)
      for (const { of, counted } of events) if (of === "holds" || of === "waits") size += counted.times;
    const activity = () => {
      const sums = this.#newActivity();
      for (const events of lists) for (const { of, block, counted } of events) sums[of].addCounted(block, counted);
      return sums;
    };
    return { size, activity };
  }

  /** A line of counts is in the block of its middle. */
  #addCounts(line: CountsLine): void {
    const atMs = (line.fromMs + line.toMs) / 2;
    const times = (count: number | undefined): Counted => ({ times: count ?? 0, totalMs: 0 });
    this.#count(line, atMs, "commits", times(line.commits));
    this.#count(line, atMs, "gaveUp", times((line.gaveUp ?? 0) + (line.refusals ?? 0)));
    if (line.waits !== null) {
      this.#count(line, atMs, "waits", times(line.waits.times));
      this.#count(line, atMs, "waitLengths", line.waits);
    }
    for (const name of Object.keys(line.holds) as LockName[]) {
      const hold = line.holds[name];
      const [kind, counted] = (hold === undefined ? null : countedHolds(name, hold)) ?? [null, null];
      if (kind === "write" && counted !== null) this.#count(line, atMs, "holds", counted);
    }
  }

  #count(line: Of, atMs: number, of: Events, counted: Counted): void {
    const database = this.#of(line.path);
    const block = Math.floor((atMs - this.#fromMs) / this.#lengthMs);
    if (database === null || counted.times === 0 || block < 0 || block >= this.#blocks) return;
    database.all[of].addCounted(block, counted);
    if (of === "holds") database.holds.addCounted(counted);
    else if (of === "waitLengths") database.waits.addCounted(counted);
    if (this.#events >= MOST_EVENTS) return;
    const key = keyOf(line);
    const events = database.processes.get(key);
    if (events === undefined) database.processes.set(key, [{ of, block, counted }]);
    else events.push({ of, block, counted });
    this.#events++;
  }

  #of(path: string): Database | null {
    const known = this.#databases.get(path);
    if (known !== undefined) return known;
    if (this.#databases.size >= MOST_DATABASES) return null;
    const durations = { holds: new Durations(), waits: new Durations() };
    const database = { all: this.#newActivity(), ...durations, processes: new Map() };
    this.#databases.set(path, database);
    return database;
  }

  #newActivity(): Activity {
    const series = EVENTS.map((of) => [of, new SeriesTally(this.#blocks, of === "holds" || of === "waitLengths")]);
    return Object.fromEntries(series) as unknown as Activity;
  }
}

interface Of {
  readonly pid: number;
  readonly startTicks: string | null;
  readonly path: string;
}

function one(ms: number): Counted {
  return { times: 1, totalMs: ms };
}

function keyOf({ pid, startTicks }: Pick<Of, "pid" | "startTicks">): string {
  return `${pid} ${startTicks ?? ""}`;
}

/** What it is called in both recordings: its pid is another one in each. */
function nameOf({ unit, commandLine, name }: ProcessLine): string {
  return unit ?? commandLine?.join(" ") ?? name ?? "?";
}
