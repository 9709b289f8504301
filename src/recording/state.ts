/** What the interpreter knows now: files, processes, threads, connections. */

import { Connection } from "./calls/connection.ts";
import { Process, Thread } from "./calls/thread.ts";
import type { CallSite, RecordingLine, Who } from "./lines.ts";
import type { Database } from "./locks/database.ts";
import { Files } from "./locks/files.ts";
import type { HeldListener } from "./locks/held.ts";
import { DMS, SHARED } from "./locks/slots.ts";

export const NO_CALL_SITE: CallSite | null = null;

/**
 * Of a process: each lock that is released is compared with them. A program that has more has lost their pointers, or
 * their end was not seen; one that is forgotten and used again has a new number.
 */
const MOST_CONNECTIONS = 2_000;

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
  private connections = 0;
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
      found.pid = pid;
      this.process(pid).threads.add(found);
    }
    return found;
  }

  connection(pid: number, pointer: number): Connection {
    const { connections } = this.process(pid);
    let found = connections.get(pointer);
    if (found === undefined) {
      found = new Connection(pid, pointer);
      if (connections.size >= MOST_CONNECTIONS) forgetOldest(connections);
      connections.set(pointer, found);
    }
    return found;
  }

  /** A connection is seen to take a lock of a database of the recording. */
  prove(connection: Connection, database: Database): void {
    if (connection.databases.includes(database)) return;
    connection.number ??= ++this.connections;
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

function forgetOldest(connections: Map<number, Connection>): void {
  for (const [pointer, { transaction }] of connections) {
    if (transaction !== null) continue;
    connections.delete(pointer);
    return;
  }
}
