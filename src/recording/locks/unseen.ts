/** Locks that may have been on a database which was there for so short a time that its file was not seen. Pure. */
import type { RecordingLine } from "../lines.ts";
import type { LockEvent } from "../source-event.ts";
import type { Database } from "./database.ts";

/** Processes that are told, of a database: anybody can have thousands, which lock files of their own. */
const MOST_TOLD = 100;

export class Unseen {
  private readonly emit: (line: RecordingLine) => void;
  private readonly told = new Map<Database, Set<number>>();

  constructor(emit: (line: RecordingLine) => void) {
    this.emit = emit;
  }

  /** Each process is told once. */
  add({ atMs, pid }: LockEvent, database: Database): void {
    let told = this.told.get(database);
    if (told === undefined) {
      told = new Set();
      this.told.set(database, told);
    }
    if (told.has(pid) || told.size >= MOST_TOLD) return;
    told.add(pid);
    const { path } = database;
    this.emit({ type: "unknown", atMs, what: "lock", why: "unseen-file", pids: [pid], path, untilMs: null });
  }
}
