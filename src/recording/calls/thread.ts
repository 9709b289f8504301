/** A thread: the calls of SQLite that it is in, and what it locked last. */
import type { Database } from "../locks/database.ts";
import type { Sequence } from "../locks/files.ts";
import type { Held } from "../locks/held.ts";
import type { CallEvent, CallName, SqlText, UnknownStatements } from "../source-event.ts";
import type { Attempt } from "./attempt.ts";
import type { Connection } from "./connection.ts";

export class Frame {
  /** Refused attempts in it, not in calls inside it. */
  attempts: Attempt[] | null = null;
  /** What a call inside it gave up. */
  gaveUp: Attempt | null = null;
  /** A call inside it was of this connection. */
  connection: Connection | null;
  /** WRITE, got and dropped in it. */
  dropped: Held | null = null;
  /** The first WRITE that was got and dropped in it, not in a call inside. */
  firstDropped: Held | null = null;
  /** It has calls inside. */
  isOuter = false;
  /** The text of the last call inside it, or its own. */
  innerSql: SqlText | null;
  /** An event of a recorded file came in it. */
  hasLocks = false;

  readonly id: number;
  readonly call: CallName;
  readonly library: number;
  readonly atMs: number;
  readonly stackPointer: number;
  readonly statement: number | null;
  readonly sql: SqlText | null;
  /** Of a step: it goes on with a run that an earlier one began. False: it does not, or that is not known. */
  readonly goesOn: boolean;
  /** SQLite runs it for itself: to read the schema, or for a virtual table. */
  readonly isInternal: boolean;
  /** The step that runs a statement of the program; not one that SQLite runs inside another one. Null: none. */
  readonly step: Frame | null;

  constructor(id: number, event: CallEvent, connection: Connection | null, parent: Frame | null) {
    this.id = id;
    this.call = event.call;
    this.library = event.library;
    this.atMs = event.atMs;
    this.stackPointer = event.stackPointer;
    this.statement = event.statement;
    this.connection = connection;
    this.sql = event.sql;
    this.innerSql = event.sql;
    this.goesOn = event.isNewRun === false;
    this.isInternal = parent !== null && (parent.isInternal || parent.call === "prepare" || parent.call === "step");
    this.step = parent?.step ?? (event.call === "step" && !this.isInternal ? this : null);
  }
}

export class Thread {
  readonly tid: number;
  pid: number | null;
  readonly frames: Frame[] = [];
  readonly sequence: Sequence = { database: null, atMs: 0, outerCall: 0 };
  /** Its last event of a lock was a refusal of this. */
  lastRefused: Attempt | null = null;
  /** Refusals outside of all calls that are known. */
  readonly runs: Attempt[] = [];
  lastMs = 0;

  constructor(tid: number, pid: number | null) {
    this.tid = tid;
    this.pid = pid;
  }

  top(): Frame | null {
    return this.frames[this.frames.length - 1] ?? null;
  }

  outer(): Frame | null {
    return this.frames[0] ?? null;
  }

  /** The innermost text: SQLite's own statements have none. */
  sql(): SqlText | null {
    for (let i = this.frames.length - 1; i >= 0; i -= 1) {
      const sql = this.frames[i]?.sql;
      if (sql != null) return sql;
    }
    return null;
  }

  connection(): Connection | null {
    for (let i = this.frames.length - 1; i >= 0; i -= 1) {
      const connection = this.frames[i]?.connection;
      if (connection != null) return connection;
    }
    return null;
  }
}

/** A process, and what is known of it. */
export class Process {
  startTicks: string | null = null;
  /** Its files are closed after that. */
  endedMs: number | null = null;
  readonly connections = new Map<number, Connection>();
  readonly threads = new Set<Thread>();
  /** Attempts that no call needed, by database, of this second. */
  readonly optional = new Map<Database, number>();
  /** Its statements are not known, since its first event. */
  statementsKnown: boolean | null = null;
  whyUnknown: UnknownStatements = "not-asked";
  /** It was told that some of its reads have no line. */
  readsUnseen = false;

  readonly pid: number;

  constructor(pid: number) {
    this.pid = pid;
  }
}
