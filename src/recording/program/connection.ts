/** A connection of a program, and its transaction, as the tracer inside of the program tells them. Pure. */
import type { CallSite, ProgramTransaction, SqlFacts, StatementFact } from "../lines.ts";
import { kindOf } from "../sql/kind.ts";

/** Statements of a transaction that are listed; more are counted. */
const LISTED = 20;

/** A call of the program, in ms of the recording. */
export interface ProgramCall {
  readonly connection: ProgramConnection;
  /** 0: not known. */
  readonly tid: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly sql: SqlFacts;
  readonly site: CallSite | null;
  /** See the protocol in docs/architecture.md. */
  readonly flags: string;
  readonly times: number;
  readonly insideMs: number;
  readonly result: string | null;
}

export interface ProgramEnd {
  readonly tid: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly sql: SqlFacts;
  readonly site: CallSite | null;
  readonly outcome: "commit" | "rollback" | "closed" | "collected" | "unknown";
  readonly statements: number;
  readonly insideMs: number;
  readonly pause: ProgramTransaction["pause"] | null;
}

export class ProgramConnection {
  readonly id: number;
  readonly pid: number;
  readonly path: string | null;
  readonly memory: string | null;
  readonly driver: string;
  readonly timeoutMs: number | null;
  readonly tid: number;
  readonly openedMs: number;
  readonly openedAt: CallSite | null;
  readonly inherited: boolean;
  readonly library: string | null;
  closedAt: CallSite | null = null;
  transaction: OpenTransaction | null = null;
  /** It has attached another database: which one a statement is for, its text alone does not tell. */
  hasAttached = false;

  constructor(facts: {
    readonly id: number;
    readonly pid: number;
    readonly path: string | null;
    readonly memory: string | null;
    readonly driver: string;
    readonly timeoutMs: number | null;
    readonly tid: number;
    readonly openedMs: number;
    readonly openedAt: CallSite | null;
    readonly inherited: boolean;
    readonly library: string | null;
  }) {
    this.id = facts.id;
    this.pid = facts.pid;
    this.path = facts.path;
    this.memory = facts.memory;
    this.driver = facts.driver;
    this.timeoutMs = facts.timeoutMs;
    this.tid = facts.tid;
    this.openedMs = facts.openedMs;
    this.openedAt = facts.openedAt;
    this.inherited = facts.inherited;
    this.library = facts.library;
  }
}

export class OpenTransaction {
  readonly begun: ProgramCall;
  /** Its first read and its first write, or what took these locks before. */
  read: ProgramCall | null = null;
  wrote: ProgramCall | null = null;
  leftOpenBy: NonNullable<ProgramTransaction["leftOpenBy"]> | null = null;
  end: ProgramEnd | null = null;
  readonly #statements: StatementFact[] = [];

  constructor(begun: ProgramCall) {
    this.begun = begun;
    this.add(begun);
  }

  add(call: ProgramCall): void {
    const { flags, sql, fromMs, toMs, result } = call;
    if (flags.includes("r")) this.read ??= call;
    if (flags.includes("w") || locksAtOnce(call)) this.wrote ??= call;
    if (sql.sql === null || this.#statements.length >= LISTED) return;
    this.#statements.push({ ...sql, atMs: fromMs, ms: toMs - fromMs, result: result ?? "SQLITE_DONE" });
  }

  get statements(): readonly StatementFact[] {
    return this.#statements;
  }

  /** The first lock; null: it has taken none. */
  get first(): ProgramCall | null {
    const { read, wrote } = this;
    if (read === null || wrote === null) return read ?? wrote;
    return read.fromMs <= wrote.fromMs ? read : wrote;
  }

  /** The line that others need to know. */
  get site(): CallSite | null {
    const { begun, first } = this;
    // a framework begins it outside of the user's code, as Django's ATOMIC_REQUESTS
    return begun.site !== null && begun.site.inLibrary !== true ? begun.site : (first?.site ?? begun.site);
  }

  facts(): ProgramTransaction {
    const { begun, read, wrote, end, leftOpenBy } = this;
    // no line closes what is collected, or goes with its process
    const isClosed = end?.outcome === "closed" && end.site !== null;
    const isDropped = end?.outcome === "collected" || (end?.outcome === "closed" && !isClosed);
    const endedBy = isClosed ? "close" : isDropped ? "collected" : null;
    return {
      connectionId: begun.connection.id,
      ...(read?.site == null ? {} : { readAt: read.site }),
      ...(wrote?.site == null ? {} : { wroteAt: wrote.site }),
      ...(end?.site == null ? {} : { endedAt: end.site }),
      ...(endedBy === null ? {} : { endedBy }),
      ...(end?.pause == null ? {} : { pause: end.pause }),
      ...(leftOpenBy === null ? {} : { leftOpenBy }),
    };
  }
}

/** BEGIN IMMEDIATE takes the lock to write with which it begins. */
function locksAtOnce({ flags, sql }: ProgramCall): boolean {
  if (!flags.includes("b") || sql.sql === null) return false;
  const kind = kindOf(sql.sql);
  return kind === "begin-immediate" || kind === "begin-exclusive";
}
