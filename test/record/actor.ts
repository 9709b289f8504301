/** A program that does what it is told and logs it (test/record/programs/), and its log. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Program, type ProgramOptions, startProgram } from "../support/program.ts";
import { type Command, say, textOf } from "./script.ts";

export class Actor {
  readonly logs: readonly string[];
  readonly #program: Program;
  #said = 0;

  constructor(program: Program, logs: readonly string[]) {
    this.#program = program;
    this.logs = logs;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** Without waiting for it. */
  tell(...commands: readonly Command[]): void {
    this.#program.type(textOf(commands));
  }

  /** Tells it, and waits until all that it was told is done. */
  async does(...commands: readonly Command[]): Promise<void> {
    this.#said += 1;
    const word = `done-${this.#said}`;
    this.tell(...commands, say(word));
    await this.#program.prints(new RegExp(`^${word}$`, "m"));
  }

  /** Of a killed one. */
  async isGone(): Promise<void> {
    await this.#program.ends();
  }

  kill(): void {
    process.kill(this.pid, "SIGKILL");
  }

  /** It does what it was told, and ends by itself. */
  async ends(): Promise<void> {
    this.#program.endInput();
    await this.#program.ends();
    if (this.#program.exitCode !== 0) throw new Error(`${this.pid} ended with an error: ${this.#program.output}`);
  }

  /** Whose calls it logged last: a child's, where it is only the one that types. */
  get loggedPid(): number {
    const lines = this.log.trimEnd().split("\n");
    return (JSON.parse(lines.at(-1) ?? "{}") as { pid: number }).pid;
  }

  get log(): string {
    return this.logs.map((file) => readFileSync(file, "utf8")).join("");
  }
}

let actors = 0;

/** `argv`: the program; the file of its log follows. */
export function startActor(argv: readonly string[], folder: string, options: ProgramOptions = {}): Actor {
  actors += 1;
  const log = join(folder, `log-${actors}.jsonl`);
  return new Actor(startProgram([...argv, log], options), [log]);
}
