/** What is known of the statements of each process: its libraries are found and probed, and their texts judged. */
import { readStat } from "../../proc/stat.ts";
import type {
  CallEvent,
  LibraryEvent,
  ResetEvent,
  ReturnEvent,
  SqlText,
  StatementsKnown,
} from "../../recording/source-event.ts";
import { isCut, StatementTexts } from "../../recording/sql/fingerprint.ts";
import { uptimeMs } from "../../time.ts";
import { callOf, type Probe } from "../../trace/probe-definition.ts";
import type { Tracer } from "../../trace/tracer.ts";
import { Libraries } from "./libraries/libraries.ts";
import type { Library, ProcessLibraries } from "./libraries/library.ts";
import { Rarely } from "./open-files.ts";
import { LongTexts } from "./texts/long-texts.ts";
import { readStatement, withMemory } from "./texts/statement-memory.ts";
import { VerifiedSql } from "./verified-sql.ts";

/** How often a process is looked at again that locks, and of whose calls none is seen. */
const AGAIN_EVERY_MS = 1_000;

export interface StatementsOptions {
  /** Whether calls of SQLite are probed. */
  readonly statements: boolean;
  /** Statements are shown with their strings and numbers. */
  readonly literals: boolean;
  readonly tracer: Pick<Tracer, "nowMs" | "hasUprobes" | "addProbes" | "removeProbes" | "lookAhead">;
  /** It was met and has not ended. */
  readonly isKnown: (pid: number) => boolean;
  /** It was not met yet, but has a database of the recording open. */
  readonly hasOpen: (pid: number) => boolean;
  /** Of a process that was met. */
  readonly startTicksOf: (pid: number) => bigint | null;
  readonly add: (event: LibraryEvent) => void;
}

export class Statements {
  readonly #options: StatementsOptions;
  readonly #libraries = new Libraries();
  readonly #sql = new VerifiedSql();
  readonly #texts: StatementTexts;
  readonly #long: LongTexts;
  /** Processes whose libraries are not known yet, and of whose calls none was seen. */
  readonly #looking = new Set<number>();
  /**
   * Processes of whose calls none was seen since they were looked at, and whether a SQLite was found then: a program
   * that was starting just then (after fork and exec) has loaded another one since.
   */
  readonly #silent = new Map<number, boolean>();
  readonly #again = new Rarely(AGAIN_EVERY_MS, 1, uptimeMs);
  /** Libraries that were probed, or tried. */
  readonly #probed = new Map<number, boolean>();
  #isOver = false;

  constructor(options: StatementsOptions) {
    this.#options = options;
    this.#texts = new StatementTexts(options.literals);
    this.#long = new LongTexts({
      nowMs: () => options.tracer.nowMs,
      sqlOffsetOf: (library) => this.#sqlOffsetOf(library),
      isOurs: (pid) => options.isKnown(pid) || options.hasOpen(pid),
      readText: (pid, place, start) =>
        withMemory(pid, (read, startTicks) => {
          const text = readStatement(read, place, start);
          return text === null ? null : { startTicks, text };
        }),
    });
    if (options.statements) options.tracer.lookAhead(this.#long);
  }

  /** What the statements of a process that was just met are read from: known some time later. */
  met(pid: number): void {
    const { statements, tracer } = this.#options;
    if (!statements) this.#tell(pid, { known: false, why: "not-asked" });
    else if (!tracer.hasUprobes) this.#tell(pid, { known: false, why: "no-uprobes" });
    else {
      this.#looking.add(pid);
      this.#look(pid);
    }
  }

  /** It has tried to lock a database: there is a SQLite in it. */
  locks(pid: number, atMs: number): void {
    if (this.#silent.size === 0 || !this.#silent.has(pid)) return; // nearly always
    this.#again.look(pid, atMs, () => this.#look(pid));
  }

  /** Files with a SQLite that a process will likely load. */
  async probeEarly(paths: readonly string[]): Promise<void> {
    if (!this.#options.statements || !this.#options.tracer.hasUprobes) return;
    for (const path of paths) {
      const library = await this.#libraries.ofFile(path).catch(() => null);
      if (library !== null && !this.#isOver) this.#probe(library);
    }
  }

  /** The call as it may be shown: nothing behind this has what users typed, unless it is asked for. */
  shown(event: CallEvent): CallEvent {
    if (event.pid !== null) {
      this.#looking.delete(event.pid);
      if (this.#silent.size > 0) this.#heard(event.pid, event.library);
    }
    const startTicks = event.sql?.cut === true && event.pid !== null ? this.#options.startTicksOf(event.pid) : null;
    const whole = this.#long.enter(event, startTicks);
    const checked = this.#sql.check(event);
    if (checked.sql === null) return checked;
    return { ...checked, sql: this.#shown(whole ?? checked.sql) };
  }

  #shown(sql: SqlText): SqlText {
    const text = this.#texts.of(sql);
    if (!isCut(text)) return { text, cut: false };
    return { text, cut: false, length: sql.length ?? { bytes: Buffer.byteLength(sql.text), atLeast: false } };
  }

  returned(event: ReturnEvent): void {
    this.#long.leave(event);
  }

  ends(event: ResetEvent): void {
    this.#long.ends(event);
  }

  /** All events until then were shown. */
  delivered(untilMs: number): void {
    this.#long.delivered(untilMs);
  }

  /** A process has ended. Null: there is nothing to be said of its statements. */
  ended(pid: number, atMs: number): LibraryEvent | null {
    this.#silent.delete(pid);
    this.#long.ended(pid);
    if (!this.#looking.delete(pid)) return null;
    return { kind: "library", atMs, pid, statements: { known: false, why: "ended" } };
  }

  /** Nothing is probed any more. */
  end(): void {
    this.#isOver = true;
  }

  /** Of processes whose steps had texts that nothing has proved. */
  unverified(atMs: number): LibraryEvent[] {
    return [...this.#sql.unverified].flatMap(([library, pids]) =>
      Array.from(pids, (pid): LibraryEvent => {
        return { kind: "library", atMs, pid, statements: { known: true, library, besides: "not-verified" } };
      }),
    );
  }

  /** Probes that were added stay: they are the tracer's. */
  close(): void {
    this.#libraries.close();
  }

  #heard(pid: number, library: number): void {
    if (this.#silent.get(pid) === false) this.#tell(pid, { known: true, library });
    this.#silent.delete(pid);
  }

  #look(pid: number): void {
    void this.#libraries.of(pid).then((found) => this.#found(pid, found));
  }

  /** `found` null: the process has ended, as its event will say. */
  #found(pid: number, found: ProcessLibraries | null): void {
    if (found === null || this.#isOver || !this.#options.isKnown(pid)) return;
    if (!found.known && hasEnded(pid)) return; // its files could not be found any more
    this.#looking.delete(pid);
    const isAsBefore = this.#silent.get(pid) === true && !this.#isNews(found);
    if (found.known || found.why === "no-library") this.#silent.set(pid, found.known);
    if (isAsBefore) return;
    const probed = found.known ? found.libraries.filter((library) => this.#probe(library)) : [];
    const why = found.known ? found.besides : found.why;
    const reason = why ?? (probed.some(({ layout }) => layout.sqlOffset === null) ? "not-verified" : null);
    for (const [place, { index }] of probed.entries()) {
      const besides = place === 0 && reason !== null ? { besides: reason } : {};
      this.#tell(pid, { known: true, library: index, ...besides });
    }
    if (probed.length === 0) this.#tell(pid, { known: false, why: why ?? "not-readable" });
  }

  #isNews(found: ProcessLibraries): boolean {
    return !found.known || found.libraries.some(({ index }) => !this.#probed.has(index));
  }

  #tell(pid: number, statements: StatementsKnown): void {
    this.#options.add({ kind: "library", atMs: this.#options.tracer.nowMs, pid, statements });
  }

  #sqlOffsetOf(library: number): number | null {
    const found = this.#libraries.all[library];
    const endsAreTold = found?.probes.some(({ functionName }) => functionName === "sqlite3_finalize") ?? false;
    return endsAreTold ? (found?.layout.sqlOffset ?? null) : null;
  }

  /** Once for each library. False: it has no probes. */
  #probe(library: Library): boolean {
    const known = this.#probed.get(library.index);
    if (known !== undefined) return known;
    if (!this.#libraries.isUnchanged(library)) return false;
    const { tracer } = this.#options;
    const { failed } = tracer.addProbes(probesOf(library));
    // without one of its calls the stack of calls would be wrong: all or none
    if (failed.length > 0) tracer.removeProbes(library.index);
    this.#probed.set(library.index, failed.length === 0);
    this.#long.probed(library.index);
    return failed.length === 0;
  }
}

function probesOf({ index, probes, probePath, layout }: Library): Probe[] {
  const wanted = probes.filter(({ functionName }) => {
    const call = callOf(functionName);
    if (call === "open") return false; // it takes no lock and does not tell the connection: it would only cost
    return call !== "reset" || layout.stateOffset === null;
  });
  return wanted.map(({ functionName, offset }) => {
    return { library: index, file: probePath, function: functionName, offset, ...layout };
  });
}

function hasEnded(pid: number): boolean {
  const stat = readStat(`/proc/${pid}`);
  return stat.kind === "gone" || (stat.kind === "ok" && (stat.value.exiting || stat.value.state === "zombie"));
}
