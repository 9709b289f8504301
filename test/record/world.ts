/** One recording of several programs: it ends with what the recording says against what they logged. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { type Actor, startActor } from "./actor.ts";
import { parseCalls } from "./calls.ts";
import { metaOf, type Recording, startRecording } from "./recording.ts";
import { type Command, sql, textOf } from "./script.ts";
import { compare, type Given, type Truth } from "./truth.ts";

/** How a program of test/record/programs/ is started; the file of its log follows. */
export type Argv = readonly string[];

export interface Databases {
  readonly main: string;
  readonly two?: string;
}

/** A program, and one of its connections. */
export type Warm = readonly [Actor, string];

export interface WorldOptions {
  readonly databases: Databases;
  readonly recordOptions?: readonly string[];
  /** Of every actor. */
  readonly env?: Readonly<Record<string, string>>;
  /** Their SQLite has no calls that can be probed: locks only. */
  readonly withoutStatements?: boolean;
}

export class World {
  readonly folder = tempFolder();
  readonly databases: Databases;
  readonly #actors: Actor[] = [];
  readonly #strangers: Actor[] = [];
  readonly #extraLogs: string[] = [];
  readonly #options: Omit<WorldOptions, "databases">;
  #recording: Recording | null = null;
  #sinceNs = 0n;
  #statements = 0;

  constructor({ databases, ...options }: WorldOptions) {
    this.databases = databases;
    this.#options = options;
  }

  actor(argv: Argv): Actor {
    const actor = startActor(argv, this.folder, this.#options.env === undefined ? {} : { env: this.#options.env });
    this.#actors.push(actor);
    return actor;
  }

  /** A program that uses none of the databases: nothing of it may be told. */
  stranger(argv: Argv): Actor {
    const actor = startActor(argv, this.folder, this.#options.env === undefined ? {} : { env: this.#options.env });
    this.#strangers.push(actor);
    return actor;
  }

  /** A script for a forked child, and the file of its log. */
  script(commands: readonly Command[]): { readonly script: string; readonly log: string } {
    const script = join(this.folder, `script-${this.#extraLogs.length}`);
    const log = `${script}.jsonl`;
    writeFileSync(script, textOf(commands));
    writeFileSync(log, "");
    this.#extraLogs.push(log);
    return { script, log };
  }

  get recording(): Recording {
    if (this.#recording === null) throw new Error("no recording was begun");
    return this.#recording;
  }

  /** From now on all is recorded. `warm`: connections of the actors, by name, whose statements are known then. */
  async records(warm: readonly Warm[]): Promise<void> {
    this.#recording = await this.begin();
    await this.warms(this.#recording, warm);
    this.#sinceNs = process.hrtime.bigint();
  }

  /** Statements that were not prepared before, until the recorder has found the library, and where it has the texts. */
  async warms(recording: Recording, warm: readonly Warm[]): Promise<void> {
    if (this.#options.withoutStatements === true) return;
    for (const [actor, connection] of warm) {
      await until(`the statements of ${actor.pid} are known`, async () => {
        this.#statements += 1;
        await actor.does(sql(connection, `select count(*) from t where ${this.#statements} = 1`));
        return recording.knows(actor.loggedPid);
      });
    }
  }

  /** A recorder of the databases. */
  async begin(): Promise<Recording> {
    const { main, two } = this.databases;
    return startRecording(two === undefined ? [main] : [main, two], this.folder, this.#options.recordOptions);
  }

  logOf(file: string): string {
    return readFileSync(file, "utf8");
  }

  /** The programs come to their end, then the recording. */
  async ends(given: Partial<Given> & { readonly gone?: ReadonlySet<Actor> } = {}): Promise<Result> {
    const { gone = new Set<Actor>(), ...more } = given;
    for (const actor of this.#strangers) await actor.ends();
    for (const actor of this.#actors) if (!gone.has(actor)) await actor.ends();
    const endNs = process.hrtime.bigint();
    const lines = await this.recording.stops();
    return this.judge(lines, endNs, { endedPids: new Set([...gone].map(({ pid }) => pid)), ...more });
  }

  judge(lines: readonly RecordingLine[], endNs: bigint, more: Partial<Given>): Result {
    const startNs = BigInt(metaOf(lines).startedMonotonicNs);
    const logs = [...this.#actors.flatMap(({ logs: files }) => files), ...this.#extraLogs];
    const calls = logs
      .flatMap((file) => parseCalls(readFileSync(file, "utf8"), startNs))
      .sort((a, b) => a.fromMs - b.fromMs);
    const { withoutStatements = false } = this.#options;
    const ms = (ns: bigint) => Number(ns - startNs) / 1e6;
    const given: Given = {
      ...{ calls, lines, sinceMs: ms(this.#sinceNs), endMs: ms(endNs) },
      withoutStatements: new Set(withoutStatements ? calls.map(({ pid }) => pid) : []),
      ...more,
    };
    const truth = compare(given);
    const strangers = new Set(this.#strangers.map(({ loggedPid }) => loggedPid));
    const mismatches = [...truth.mismatches, ...lines.filter((line) => isOf(line, strangers)).map(ofStranger)];
    return { ...truth, mismatches, lines, calls };
  }
}

/** It says that one of these has used a database. */
function isOf(line: RecordingLine, pids: ReadonlySet<number>): boolean {
  if (line.type === "process" || line.type === "unknown" || line.type === "summary") return false;
  const blockers = line.type === "wait" ? line.blockers : [];
  return ("pid" in line && pids.has(line.pid)) || blockers.some(({ pid }) => pids.has(pid));
}

const ofStranger = (line: RecordingLine) => `of a stranger: ${JSON.stringify(line)}`;

export interface Result extends Truth {
  readonly lines: readonly RecordingLine[];
  readonly calls: Given["calls"];
}
