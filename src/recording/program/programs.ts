/**
 * The programs of a recording that have a tracer in them: their messages in; connections, misuses and, of transactions
 * and refusals, what no lock shows, out. Pure; its memory is bounded.
 */
import type { CallSite, RecordingLine } from "../lines.ts";
import { kindOf } from "../sql/kind.ts";
import { isBusy } from "../summary/ended.ts";
import { aloneCounts, aloneRefusal, aloneStatement, aloneTransaction, perhapsWait } from "./alone.ts";
import type { OpenTransaction, ProgramCall, ProgramConnection } from "./connection.ts";
import { Dropped, streamOf } from "./dropped.ts";
import { Gathered } from "./gathered.ts";
import type { ConnectionLine, MisuseLine } from "./lines.ts";
import type { ProgramMessage } from "./message.ts";
import { type Misused, ProgramProcess } from "./process.ts";
import { Repeated } from "./repeated.ts";
import type { Shown } from "./tables.ts";

const MOST_PROCESSES = 5_000;

export interface ProgramsOptions {
  /** From CLOCK_MONOTONIC in microseconds to ms of the recording. */
  readonly toMs: (us: number) => number;
  readonly shown: Shown;
  /** A program opens this database: whether it is of the recording. Not asked for those in memory. */
  readonly isRecorded: (path: string) => boolean;
  readonly emit: (line: RecordingLine) => void;
  /** What locks or calls that are seen from outside would tell as well, and exactly. */
  readonly emitAlone: (line: RecordingLine) => void;
}

export class Programs {
  readonly #options: ProgramsOptions;
  readonly #processes = new Map<number, ProgramProcess>();
  readonly #dropped = new Dropped();
  readonly #repeated: Repeated;
  readonly #gathered = new Gathered((call) => this.#tellRun(call));
  #ids = 0;

  constructor(options: ProgramsOptions) {
    this.#options = options;
    this.#repeated = new Repeated(options.emit);
  }

  /** A process that said hello, and is what it says. */
  begin(pid: number, startTicks: string): void {
    const known = this.#processes.get(pid);
    if (known?.startTicks === startTicks) return; // another thread of it
    if (known !== undefined) {
      known.finish("process-ended");
      this.#processes.delete(pid);
    }
    if (this.#processes.size >= MOST_PROCESSES) return;
    const process: ProgramProcess = new ProgramProcess({
      ...{ pid, startTicks, shown: this.#options.shown, toMs: this.#options.toMs },
      nextId: () => ++this.#ids,
      listener: {
        opened: (connection, error) => {
          if (error !== null && this.#isShown(connection)) this.#tell(process, connection, "not-opened", null, null);
        },
        closed: (connection, how, atMs, site) => {
          if (this.#isShown(connection)) this.#tell(process, connection, how, atMs, site);
        },
        called: (call) => this.#called(process, call),
        ended: (transaction, how) => this.#ended(process, transaction, how),
        misused: (misused) => this.#misused(process, misused),
      },
    });
    this.#processes.set(pid, process);
  }

  /** Of a process that has begun. */
  next(message: ProgramMessage): void {
    const process = this.#processes.get(message.pid);
    if (process === undefined) return;
    this.#dropped.add(message);
    process.next(message);
    if (message.type === "bye") this.#says(process, streamOf(message.number));
  }

  /** Goodbye: a thread of Node.js ends with its own connections, the main thread with all. */
  #says(process: ProgramProcess, stream: number): void {
    if (stream === 0) this.ended(process.pid);
    else process.finish("process-ended", (number) => streamOf(number) === stream);
  }

  has(pid: number): boolean {
    return this.#processes.has(pid);
  }

  get size(): number {
    return this.#processes.size;
  }

  /** Null also where the number is that of another process by now. */
  matching(pid: number, startTicks: string | null): ProgramProcess | null {
    const found = this.#processes.get(pid) ?? null;
    return found === null || startTicks === null || found.startTicks === startTicks ? found : null;
  }

  all(): Iterable<ProgramProcess> {
    return this.#processes.values();
  }

  /** To be called several times a second. */
  tick(nowMs: number): void {
    this.#gathered.tick(nowMs);
  }

  /** Messages that were not written, since sqlock did not read fast enough. */
  get dropped(): { readonly messages: number; readonly pids: readonly number[] } {
    return this.#dropped.summary;
  }

  /** The process is gone; its calls are still looked for by lines that come late. */
  ended(pid: number): void {
    this.#processes.get(pid)?.finish("process-ended");
  }

  /** The recording ends. `isAlive`: whether this process goes on. */
  end(isAlive: (pid: number, startTicks: string) => boolean): void {
    for (const process of this.#processes.values()) {
      process.finish(isAlive(process.pid, process.startTicks) ? "open" : "process-ended");
    }
    this.#gathered.end();
    this.#repeated.end();
  }

  #isShown({ path }: ProgramConnection): boolean {
    return path === null || this.#options.isRecorded(path);
  }

  #tell(
    { pid, startTicks }: ProgramProcess,
    connection: ProgramConnection,
    closed: ConnectionLine["closed"],
    closedMs: number | null,
    closedAt: CallSite | null,
  ): void {
    const { id, tid, path, memory, driver, timeoutMs, openedMs, openedAt, inherited, library } = connection;
    this.#repeated.add({
      type: "connection",
      ...{ pid, startTicks, tid, id, path, memory, driver, timeoutMs, openedMs, closedMs, closed, openedAt, closedAt },
      ...(inherited ? { inherited: true } : {}),
      ...(library === null ? {} : { library }),
    });
  }

  #called(process: ProgramProcess, call: ProgramCall): void {
    const { connection, flags, result, sql } = call;
    if (sql.sql !== null && kindOf(sql.sql) === "attach") this.#attaches(connection);
    if (connection.hasAttached) return;
    if (connection.path === null || !this.#options.isRecorded(connection.path)) return;
    if (result !== null && isBusyOrLocked(result)) {
      this.#options.emitAlone(aloneRefusal(process, call, connection.path));
      if (call.times > 1) this.#options.emitAlone(aloneCounts(process, call, connection.path));
    } else if (flags.includes("a") && result === null && call.times > 0) {
      if (isListed(call)) {
        this.#gathered.passed(call);
        this.#options.emitAlone(aloneStatement(process, call, connection.path));
      } else this.#gathered.add(call);
    }
    const wait = result === null ? perhapsWait(process, call, connection.path) : null;
    if (wait !== null) this.#options.emitAlone(wait);
  }

  #attaches(connection: ProgramConnection): void {
    if (connection.hasAttached) return;
    connection.hasAttached = true;
    this.#options.emitAlone({
      type: "unknown",
      atMs: connection.openedMs,
      what: "transaction",
      why: "attached",
      pids: [connection.pid],
      untilMs: null,
    });
  }

  #tellRun(call: ProgramCall): void {
    const { pid, path } = call.connection;
    const process = this.#processes.get(pid);
    if (process !== undefined && path !== null) this.#options.emitAlone(aloneCounts(process, call, path));
  }

  #ended(process: ProgramProcess, transaction: OpenTransaction, how: "process-ended" | "open" | null): void {
    const { path } = transaction.begun.connection;
    if (path === null || !this.#options.isRecorded(path) || transaction.begun.connection.hasAttached) return;
    const line = aloneTransaction(process, transaction, path, how);
    if (line !== null) this.#options.emitAlone(line);
  }

  #misused({ pid, startTicks }: ProgramProcess, misused: Misused): void {
    const { kind, connection, tid, atMs, site, ended } = misused;
    if (connection !== null && !this.#isShown(connection)) return;
    const line: MisuseLine = {
      ...{ type: "misuse", pid, startTicks, tid, kind, atMs, callSite: site },
      ...{ connectionId: connection?.id ?? null, path: connection?.path ?? null },
      ...{ openedAt: connection?.openedAt ?? null, closedAt: connection?.closedAt ?? null },
      ...(ended === null ? {} : { ended }),
    };
    this.#repeated.add(line);
  }
}

/** As --min-wait: shorter ones are only counted. */
const LISTED_MS = 10;

/** Also a read that went on while its rows were fetched, one by one. */
function isListed({ times, fromMs, toMs }: ProgramCall): boolean {
  return times === 1 && toMs - fromMs >= LISTED_MS;
}

function isBusyOrLocked(result: string): boolean {
  return isBusy(result) || result.startsWith("SQLITE_LOCKED");
}
