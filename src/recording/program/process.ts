/** One program with a tracer in it: messages in, connections and transactions out. Pure; its memory is bounded. */
import type { CallSite } from "../lines.ts";
import { CallIndex } from "./call-index.ts";
import { OpenTransaction, type ProgramCall, ProgramConnection } from "./connection.ts";
import type { CallMessage, CloseMessage, EndMessage, MisuseMessage, OpenMessage, ProgramMessage } from "./message.ts";
import { ProgramTables, type Shown } from "./tables.ts";

/** What happens in a program. Times in ms of the recording. */
export interface ProgramListener {
  readonly opened: (connection: ProgramConnection, error: string | null) => void;
  /** `atMs` null: not seen. */
  readonly closed: (
    connection: ProgramConnection,
    how: "closed" | "collected" | "process-ended" | "open",
    atMs: number | null,
    site: CallSite | null,
  ) => void;
  readonly called: (call: ProgramCall) => void;
  /** `how` null: by its COMMIT, ROLLBACK or close. */
  readonly ended: (transaction: OpenTransaction, how: "process-ended" | "open" | null) => void;
  readonly misused: (misuse: Misused) => void;
}

export interface Misused {
  readonly kind: MisuseMessage["kind"];
  readonly connection: ProgramConnection | null;
  readonly tid: number;
  readonly atMs: number;
  readonly site: CallSite | null;
  readonly ended: MisuseMessage["detail"];
}

const MOST_CONNECTIONS = 20_000;
/** That are remembered after they were closed. */
const MOST_CLOSED = 1_000;
const MOST_PATHS = 1_000;

export class ProgramProcess {
  readonly pid: number;
  readonly startTicks: string;
  readonly calls = new CallIndex();
  readonly #connections = new Map<number, ProgramConnection>();
  /** Used after close: it was closed just now, mostly. */
  readonly #closed = new Map<number, ProgramConnection>();
  readonly #tables: ProgramTables;
  readonly #paths = new Set<string>();
  readonly #toMs: (us: number) => number;
  readonly #nextId: () => number;
  readonly #listener: ProgramListener;

  constructor(facts: {
    readonly pid: number;
    readonly startTicks: string;
    readonly shown: Shown;
    readonly toMs: (us: number) => number;
    /** For a connection of the recording. */
    readonly nextId: () => number;
    readonly listener: ProgramListener;
  }) {
    this.pid = facts.pid;
    this.startTicks = facts.startTicks;
    this.#tables = new ProgramTables(facts.shown);
    this.#toMs = facts.toMs;
    this.#nextId = facts.nextId;
    this.#listener = facts.listener;
  }

  next(message: ProgramMessage): void {
    if (this.#tables.define(message)) return;
    switch (message.type) {
      case "open":
        this.#open(message);
        return;
      case "close":
        this.#close(message);
        return;
      case "call":
        this.#call(message);
        return;
      case "end":
        this.#end(message);
        return;
      case "misuse":
        this.#misuse(message);
        return;
      default:
    }
  }

  /** The process has ended, or a thread with its own connections, or the recording. `isOf`: by its number. */
  finish(how: "process-ended" | "open", isOf: (number: number) => boolean = () => true): void {
    for (const [number, connection] of this.#connections) {
      if (!isOf(number)) continue;
      this.#connections.delete(number);
      if (connection.transaction !== null) this.#listener.ended(connection.transaction, how);
      this.#listener.closed(connection, how, null, null);
    }
  }

  /** It has opened this database. */
  uses(path: string): boolean {
    return this.#paths.has(path);
  }

  #open({ connection: number, who, site, fromUs, driver, path, options }: OpenMessage): void {
    if (this.#connections.size >= MOST_CONNECTIONS) return;
    const connection = new ProgramConnection({
      id: this.#nextId(),
      ...{ pid: this.pid, path, memory: options.memory, driver, timeoutMs: options.timeoutMs },
      tid: this.#tables.who(who)?.tid ?? 0,
      openedMs: this.#toMs(fromUs),
      openedAt: this.#tables.callSite(site, who),
      inherited: options.inherited,
      library: options.library,
    });
    if (options.error === null) this.#connections.set(number, connection);
    if (path !== null && this.#paths.size < MOST_PATHS) this.#paths.add(path);
    this.#listener.opened(connection, options.error);
  }

  #close({ connection: number, who, site, atUs, how }: CloseMessage): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    this.#connections.delete(number);
    connection.closedAt = this.#tables.callSite(site, who);
    this.#closed.set(number, connection);
    const [first] = this.#closed.keys();
    if (this.#closed.size > MOST_CLOSED && first !== undefined) this.#closed.delete(first);
    this.#listener.closed(connection, how, this.#toMs(atUs), connection.closedAt);
  }

  #call(message: CallMessage): void {
    const connection = this.#connections.get(message.connection);
    if (connection === undefined) return; // its message was dropped
    const { who, site, sql, flags, times, insideUs, result } = message;
    const call: ProgramCall = {
      connection,
      tid: this.#tables.who(who)?.tid ?? 0,
      ...this.#span(message),
      sql: this.#tables.sql(sql),
      site: this.#tables.callSite(site, who),
      ...{ flags, times, insideMs: insideUs / 1000, result },
    };
    this.calls.add(call);
    if (flags.includes("b") && result === null) {
      connection.transaction = new OpenTransaction(call);
      this.calls.begins(connection.transaction);
    } else if (!flags.includes("a")) connection.transaction?.add(call);
    this.#listener.called(call);
  }

  #end(message: EndMessage): void {
    const connection = this.#find(message.connection);
    const transaction = connection?.transaction ?? null;
    if (connection === null || transaction === null) return;
    const { who, site, sql, outcome, statements, insideUs, pauseUs, pauseAfter, pauseBefore } = message;
    const [after, before] = [pauseAfter, pauseBefore].map((id) => this.#tables.callSite(id, who));
    transaction.end = {
      tid: this.#tables.who(who)?.tid ?? 0,
      ...this.#span(message),
      sql: this.#tables.sql(sql),
      site: this.#tables.callSite(site, who),
      ...{ outcome, statements, insideMs: insideUs / 1000 },
      pause: pauseUs === 0 ? null : { ms: pauseUs / 1000, after: after ?? null, before: before ?? null },
    };
    connection.transaction = null;
    this.#listener.ended(transaction, null);
  }

  #misuse({ kind, connection: number, who, site, atUs, detail }: MisuseMessage): void {
    const connection = this.#find(number);
    const transaction = connection?.transaction ?? null;
    if (kind === "left-open" && transaction !== null && detail !== null) transaction.leftOpenBy = detail;
    this.#listener.misused({
      ...{ kind, connection, atMs: this.#toMs(atUs), ended: detail },
      tid: this.#tables.who(who)?.tid ?? 0,
      site: this.#tables.callSite(site, who),
    });
  }

  #find(number: number): ProgramConnection | null {
    return this.#connections.get(number) ?? this.#closed.get(number) ?? null;
  }

  #span({ fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): { fromMs: number; toMs: number } {
    const fromMs = this.#toMs(fromUs);
    return { fromMs, toMs: Math.max(fromMs, this.#toMs(toUs)) };
  }
}
