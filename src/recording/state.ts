/** What the interpreter knows now: files, processes, threads, connections. */

import { Connection } from "./calls/connection.ts";
import { Process, Thread } from "./calls/thread.ts";
import type { CallSite, RecordingLine, Who } from "./lines.ts";
import type { Database } from "./locks/database.ts";
import { Files } from "./locks/files.ts";
import type { HeldListener } from "./locks/held.ts";
import { DMS, SHARED } from "./locks/slots.ts";

/**
 * Connections that are remembered, of a process and in all; in all a process has at least some. Whoever calls SQLite's
 * functions names them: each call may be of another one. The oldest of the same process make room.
 */
const MOST_CONNECTIONS = { ofOne: 1_000, all: 50_000, atLeast: 16 } as const;

const MOST_OPEN_LOOKED_AT = 16;

export const NO_CALL_SITE: CallSite | null = null;

export class State {
  readonly files: Files;
  readonly processes = new Map<number, Process>();
  readonly threads = new Map<number, Thread>();
  readonly emit: (line: RecordingLine) => void;
  nowMs = 0;
  /** Locks from before this are unknown until /proc/locks has been read; null: it has. */
  awaitingSinceMs: number | null = 0;
  /** Whose event is being interpreted. */
  thread: Thread | null = null;
  /** Of all processes. */
  private connections = 0;
  private numbered = 0;
  private frames = 0;

  constructor(paths: readonly string[], emit: (line: RecordingLine) => void, locks: HeldListener) {
    this.files = new Files(paths, locks);
    this.emit = emit;
  }

  process(pid: number): Process {
    let found = this.processes.get(pid);
    if (found === undefined) {
      found = new Process(pid);
      this.processes.set(pid, found);
    }
    return found;
  }

  threadOf(tid: number, pid: number | null): Thread {
    let found = this.threads.get(tid);
    if (found === undefined) {
      found = new Thread(tid, pid);
      this.threads.set(tid, found);
      if (pid !== null) this.process(pid).threads.add(found);
    } else if (pid !== null && found.pid !== pid) {
      if (found.pid !== null) this.processes.get(found.pid)?.threads.delete(found);
      if (found.pid !== null) found.frames.length = 0; // its number is used again: those were the calls of another one
      found.pid = pid;
      this.process(pid).threads.add(found);
    }
    return found;
  }

  connection(pid: number, pointer: number): Connection {
    const { connections } = this.process(pid);
    let found = connections.get(pointer);
    if (found === undefined) {
      if (connections.size >= this.mostConnections()) this.forgetFirst(connections);
      found = new Connection(pid, pointer);
      connections.set(pointer, found);
      this.connections += 1;
    }
    return found;
  }

  private mostConnections(): number {
    return this.connections < MOST_CONNECTIONS.all ? MOST_CONNECTIONS.ofOne : MOST_CONNECTIONS.atLeast;
  }

  private forgetFirst(connections: Map<number, Connection>): void {
    const found = firstIdle(connections);
    if (found !== null && connections.delete(found)) this.connections -= 1;
  }

  /** It was closed. */
  forgetConnection({ pid, pointer }: Connection): void {
    if (this.processes.get(pid)?.connections.delete(pointer)) this.connections -= 1;
  }

  forgetConnections({ connections }: Process): void {
    this.connections -= connections.size;
    connections.clear();
  }

  /** A connection is seen to take a lock of a database of the recording. */
  prove(connection: Connection, database: Database): void {
    if (connection.databases.includes(database)) return;
    connection.number ??= ++this.numbered;
    connection.databases.push(database);
    if (database.wal) this.noteShared(connection.pid, database);
  }

  /** In WAL mode all open connections of a process have these together. */
  private noteShared(pid: number, database: Database): void {
    const users = [...this.process(pid).connections.values()].filter((each) => each.isOf(database)).length;
    for (const held of [database.file?.heldBy(pid, SHARED), database.shm?.heldBy(pid, DMS)]) {
      if (held != null && held.type === "read") held.sharedBy = Math.max(held.sharedBy, users);
    }
  }

  nextFrame(): number {
    this.frames += 1;
    return this.frames;
  }

  who(pid: number, tid: number): Who {
    return { pid, startTicks: this.processes.get(pid)?.startTicks ?? null, tid };
  }
}

/** The oldest, but rather one without an open transaction. */
function firstIdle(connections: ReadonlyMap<number, Connection>): number | null {
  let first: number | null = null;
  let looked = 0;
  for (const [pointer, { transaction }] of connections) {
    if (transaction === null) return pointer;
    first ??= pointer;
    if (++looked === MOST_OPEN_LOOKED_AT) break;
  }
  return first;
}
