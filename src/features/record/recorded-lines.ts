/**
 * From the events of the source, and from what the command's programs tell, to the lines of the recording: what is seen
 * from outside gets the lines of code that are known from inside.
 */
import type { Hold } from "../../recording/document/named-holds.ts";
import { Interpreter } from "../../recording/interpreter.ts";
import type { BlockerFact, ProcessLine, RecordingLine, UnknownLine } from "../../recording/lines.ts";
import type { Live } from "../../recording/live.ts";
import type { Held } from "../../recording/locks/held.ts";
import { Joiner } from "../../recording/program/joiner.ts";
import type { RecordingSource } from "../../recording/source.ts";
import type { SourceEvent } from "../../recording/source-event.ts";
import { sqlFacts } from "../../recording/sql-facts.ts";
import type { OpenLine } from "../../recording/state-lines.ts";
import { Identities } from "../kernel-source/identity.ts";
import { Descendants } from "../program-source/descendants.ts";
import { processExists } from "../program-source/genuine.ts";
import { ProgramSource } from "../program-source/program-source.ts";
import type { TraceFolder } from "../program-source/trace-folder.ts";
import type { Untraceable } from "../program-source/untraceable.ts";
import { DatabaseChanges } from "./database-changes.ts";
import { WalLines } from "./wal-lines.ts";

/** A refused attempt leaves nothing that a reading could find. */
const WAITS_UNKNOWN: UnknownLine = {
  type: "unknown",
  atMs: 0,
  what: "wait",
  why: "sampled",
  pids: [],
  untilMs: null,
};

/** Databases that are found by what the command opens; more are not recorded. */
const MOST_FOUND = 100;
const MOST_TOLD = 1_000;

const MOST_UNSEEN = 20_000;

export interface RecordedLinesOptions {
  readonly source: RecordingSource;
  readonly databases: readonly { readonly path: string; readonly exists: boolean }[];
  /** Of the command's programs; null: there is no tracer in them. */
  readonly trace: TracedCommand | null;
  readonly emit: (line: RecordingLine) => void;
  readonly inTheWay: (hold: Hold) => void;
}

export interface TracedCommand {
  readonly folder: TraceFolder;
  /** As whom it runs; null: any user. */
  readonly uid: number | null;
  readonly literals: boolean;
  /** The databases are those that its programs open. */
  readonly findsDatabases: boolean;
  /** Its words tell that no tracer gets into it; null: they do not. */
  readonly untraceable: Untraceable | null;
}

export class RecordedLines {
  readonly #source: RecordingSource;
  readonly #interpreter: Interpreter;
  readonly #changes: DatabaseChanges;
  readonly #paths: string[];
  readonly #trace: TracedCommand | null;
  readonly #program: ProgramSource | null;
  readonly #joiner: Joiner | null;
  readonly #wal: WalLines;
  readonly #emit: (line: RecordingLine) => void;
  /** Processes whose statements cannot be seen from outside. */
  readonly #unseen = new Set<number>();
  /** Of the command, and seen to use a database. */
  readonly #users = new Set<number>();
  readonly #descendants = new Descendants();
  readonly #identities = new Identities();
  /** Their command lines, by number and start. */
  readonly #told = new Map<string, string>();
  #isTold: boolean;

  constructor({ source, databases, trace, emit, inTheWay }: RecordedLinesOptions) {
    const isKernel = source.kind === "kernel";
    this.#source = source;
    this.#paths = databases.map(({ path }) => path);
    this.#changes = new DatabaseChanges(databases);
    this.#trace = trace;
    this.#isTold = isKernel;
    this.#emit = emit;
    this.#program = trace === null ? null : this.#programSource(trace);
    this.#joiner =
      this.#program === null
        ? null
        : new Joiner(
            {
              programs: this.#program.programs,
              exact: isKernel,
              needsProgram: (pid) => !isKernel || this.#unseen.has(pid),
              isWal: (path) => this.#interpreter.isWal(path),
              heldNow: (path) => this.#interpreter.writeLocks(path).map((held) => this.#blocker(held)),
            },
            emit,
          );
    const locks = {
      inTheWay: ({ pid, file, name, fromMs }: Held) => inTheWay({ pid, path: file.database.path, lock: name, fromMs }),
    };
    this.#interpreter = new Interpreter({ databases: this.#paths, learnsFiles: isKernel, locks }, (line) =>
      this.#add(line, false),
    );
    this.#wal = new WalLines({
      use: (path) => this.#interpreter.walUse(path),
      startTicksOf: (pid) => this.#interpreter.startTicksOf(pid),
      now: () => source.nowMs,
      emit: (line) => this.#add(line, false),
    });
  }

  /** The command was started just now. */
  started(pid: number, command: readonly [string, ...string[]]): void {
    this.#identities.started(pid, command);
    this.#descendants.started(pid);
  }

  next(event: SourceEvent): void {
    this.#tellWaits();
    if (event.kind === "file") {
      const change = this.#changes.next(event);
      if (change !== null) this.#add(change, false);
    } else if (event.kind === "library") {
      if (event.statements.known) this.#unseen.delete(event.pid);
      else this.#addUnseen(event.pid);
    } else if (event.kind === "process") {
      if (this.#descendants.has(event.process.pid)) this.#users.add(event.process.pid);
    } else if (event.kind === "ended") {
      this.#descendants.ended(event.pid);
      this.#program?.drain(); // what it wrote before
      this.#program?.programs.ended(event.pid);
    }
    this.#interpreter.next(event);
  }

  /** What is complete by now goes on. */
  tick(nowMs: number, knownMs: number): void {
    this.#interpreter.passed(knownMs);
    this.#program?.poll(); // what the lines that are due belong to
    this.#program?.programs.tick(nowMs);
    this.#joiner?.release(nowMs);
    this.#wal.tick(this.#paths, nowMs);
  }

  end(atMs: number): void {
    this.#tellWaits();
    this.#program?.drain();
    this.#wal.end();
    this.#interpreter.end(atMs);
    this.#program?.programs.end(processExists);
    this.#joiner?.end();
    if (this.#program !== null) this.#tellUnknown(this.#program, atMs);
    this.abandon();
  }

  /** Another file of the recording begins: it is told how things stand. */
  beginFile(): void {
    this.#wal.beginFile();
  }

  abandon(): void {
    this.#program?.end();
  }

  /** Cheap: asked for several times a second. */
  live(nowMs: number): Live {
    return this.#interpreter.live(nowMs);
  }

  /** All that is held, waited for and open now, of what is shown. */
  open(nowMs: number, shows: (line: RecordingLine) => boolean): OpenLine {
    return this.#interpreter.open(nowMs, shows);
  }

  isRunning(pid: number, startTicks: string | null): boolean {
    return this.#interpreter.isRunning(pid, startTicks);
  }

  /** Of the command. */
  environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return this.#program?.environment(env, this.#trace?.untraceable?.why === "node-permission") ?? env;
  }

  #programSource({ folder, uid, literals }: TracedCommand): ProgramSource {
    return new ProgramSource({
      ...{ folder, uid, literals, startNs: this.#source.startNs },
      isRecorded: (path) => this.#isRecorded(path),
      met: (pid) => this.#meet(pid),
      emit: (line) => this.#add(line, false),
      emitAlone: (line) => this.#add(line, true),
    });
  }

  /** Also of those that have ended: what they told of comes a little later. */
  #addUnseen(pid: number): void {
    this.#unseen.add(pid);
    const [first] = this.#unseen;
    if (this.#unseen.size > MOST_UNSEEN && first !== undefined) this.#unseen.delete(first);
  }

  /** By its locks as well as by its tracer. It is told again where it has another program by now. */
  #isToldOf({ pid, startTicks, commandLine }: ProcessLine): boolean {
    const key = `${pid} ${startTicks}`;
    const words = (commandLine ?? []).join("\0");
    const isTold = this.#told.get(key) === words;
    if (this.#told.size >= MOST_TOLD) this.#told.clear();
    this.#told.set(key, words);
    return isTold;
  }

  /** It may never take a lock: who it is would not be told. */
  #meet(pid: number): void {
    const { startTicks, ...process } = this.#identities.of(pid);
    this.#add({ type: "process", ...process, startTicks: startTicks?.toString() ?? null }, false);
  }

  #add(line: RecordingLine, isAlone: boolean): void {
    if (line.type === "process" && this.#isToldOf(line)) return;
    if (this.#joiner === null) this.#emit(line);
    else this.#joiner.add(line, this.#source.nowMs, isAlone);
  }

  #isRecorded(path: string): boolean {
    if (this.#paths.includes(path)) return true;
    if (this.#trace?.findsDatabases !== true || this.#paths.length >= MOST_FOUND) return false;
    this.#source.follow(path);
    this.#interpreter.addDatabase(path);
    this.#changes.follow(path);
    this.#paths.push(path);
    const { nowMs: atMs } = this.#source;
    this.#add({ type: "database", atMs, path, change: "found" }, false);
    const before = { type: "unknown", atMs: 0, what: "lock", why: "before-found", pids: [], path, toMs: atMs } as const;
    if (this.#source.kind === "kernel") this.#add({ ...before, untilMs: null }, false);
    return true;
  }

  #blocker({ pid, tid, name, type, fromMs, atLeast, sql }: Held): BlockerFact {
    const heldMs = Math.max(0, this.#source.nowMs - fromMs);
    return {
      ...{ pid, startTicks: this.#interpreter.startTicksOf(pid), tid, lock: name, lockType: type, fromMs, heldMs },
      ...{ atLeast, ...sqlFacts(sql), callSite: null, blockedMs: heldMs },
    };
  }

  #tellWaits(): void {
    if (!this.#isTold) this.#emit(WAITS_UNKNOWN);
    this.#isTold = true;
  }

  #tellUnknown({ programs, unplaced }: ProgramSource, atMs: number): void {
    const { messages, pids } = programs.dropped;
    const line = { type: "unknown", atMs, what: "call-site", untilMs: null } as const;
    if (messages > 0) this.#emit({ ...line, why: "messages-lost", pids: [...pids] });
    // without their numbers: these are what they say, and may be other processes'
    if (unplaced > 0) this.#emit({ ...line, why: "pid-namespace", pids: [] });
    const untraced = [...this.#users].filter((pid) => !programs.has(pid));
    const nobody = programs.size === 0 ? (this.#trace?.untraceable?.why ?? "not-traced") : null;
    if (nobody !== null) this.#emit({ ...line, why: nobody, pids: untraced });
    else if (untraced.length > 0) this.#emit({ ...line, why: "no-tracer", pids: untraced });
  }
}
