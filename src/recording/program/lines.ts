/** Lines of a recording that a program itself tells, by the tracer inside of it. */
import type { CallSite, Who } from "../lines.ts";
import type { ENDS, MisuseKind } from "./message.ts";

/** Of a connection, or of further ones that were opened and closed at the same lines: then with `times`. */
export interface ConnectionLine extends Who {
  readonly type: "connection";
  /** Its number in this recording, by which other lines name it (`connectionId`). */
  readonly id: number;
  /** Real path of the database; null: it is in memory, or temporary. */
  readonly path: string | null;
  /** Name of a database in memory that several connections may share; null: none. */
  readonly memory: string | null;
  /** The library, e.g. `sqlite3`, `better-sqlite3`. */
  readonly driver: string;
  /** The package that opened it for the program, e.g. `django`; left out where the program did. */
  readonly library?: string;
  /** Busy timeout as it was opened; null: not known. */
  readonly timeoutMs: number | null;
  readonly openedMs: number;
  /** Null: not closed, or not seen. */
  readonly closedMs: number | null;
  /**
   * `collected`: the program dropped it without closing it. `open`: at the end of the recording. `process-ended`: its
   * process ended with it. `not-opened`: SQLite refused to open it.
   */
  readonly closed: "closed" | "collected" | "open" | "process-ended" | "not-opened";
  readonly openedAt: CallSite | null;
  readonly closedAt: CallSite | null;
  /** It was opened before its process was forked: SQLite forbids to use it there. Left out where not. */
  readonly inherited?: true;
  /** So many more that were opened and closed at the same lines, which have no line of their own; left out for one. */
  readonly times?: number;
}

/** A connection was used in a way that SQLite or its library forbids, or was left behind. */
export interface MisuseLine extends Who {
  readonly type: "misuse";
  readonly kind: MisuseKind;
  readonly connectionId: number | null;
  readonly path: string | null;
  readonly atMs: number;
  /** The line that did it; of `left-open` the line that began the transaction. */
  readonly callSite: CallSite | null;
  /** The earlier lines that explain it. */
  readonly openedAt: CallSite | null;
  readonly closedAt: CallSite | null;
  /** Of `left-open`: what ended while the transaction was open. */
  readonly ended?: (typeof ENDS)[number];
  /** So many in all, from the first to the last; left out for one. */
  readonly times?: number;
}
