/** Locks that may have been on a file of a database which was there for so short a time that it was not seen. Pure. */
import type { RecordingLine } from "../lines.ts";
import type { LockEvent } from "../source-event.ts";
import type { Database } from "./database.ts";

/** Lines of a database: anybody can have thousands of processes, which lock files of their own. */
const MOST_TOLD = 100;

interface Told {
  lines: number;
  /** By process: its locks until then are told. */
  readonly untilMs: Map<number, number>;
}

export class Unseen {
  private readonly emit: (line: RecordingLine) => void;
  private readonly told = new Map<Database, Told>();

  constructor(emit: (line: RecordingLine) => void) {
    this.emit = emit;
  }

  /** Each process is told once of a time between two looks. The last line is of all that would follow. */
  add({ atMs, pid }: LockEvent, database: Database): void {
    let told = this.told.get(database);
    if (told === undefined) {
      told = { lines: 0, untilMs: new Map() };
      this.told.set(database, told);
    }
    if (told.lines > MOST_TOLD || (told.untilMs.get(pid) ?? Number.NEGATIVE_INFINITY) >= atMs) return;
    told.lines += 1;
    const { path, unseenUntilMs } = database;
    const unknown = { type: "unknown", atMs, what: "lock", why: "unseen-file", path, untilMs: null } as const;
    if (told.lines > MOST_TOLD) {
      told.untilMs.clear();
      this.emit({ ...unknown, pids: [] });
      return;
    }
    const isBetweenLooks = atMs <= unseenUntilMs;
    told.untilMs.set(pid, isBetweenLooks ? unseenUntilMs : Number.POSITIVE_INFINITY);
    this.emit({ ...unknown, pids: [pid], ...(isBetweenLooks ? { toMs: unseenUntilMs } : {}) });
  }
}
