/** `sqlock record`, started for a test: it knows the programs' statements when it is said to be ready. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MetaLine, RecordingLine } from "../../src/recording/lines.ts";
import { BIN, NODE } from "../support/bin.ts";
import { type Program, startProgram } from "../support/program.ts";
import { tracefsFolder } from "../support/tracefs.ts";
import { until } from "../support/until.ts";

export class Recording {
  readonly file: string;
  readonly #program: Program;

  constructor(program: Program, file: string) {
    this.#program = program;
    this.file = file;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** Whether it has told of a statement of this process, with its text. */
  knows(pid: number): boolean {
    return linesOfFile(this.file).some((line) => line.type === "lock" && line.pid === pid && line.sql !== null);
  }

  /** Its folders in tracefs. */
  instances(): string[] {
    const folder = join(tracefsFolder(), "instances");
    return readdirSync(folder)
      .filter((name) => name.startsWith(`sqlock_${this.pid}_`))
      .map((name) => join(folder, name));
  }

  /** Ctrl-C; what it has written then. */
  async stops(): Promise<readonly RecordingLine[]> {
    process.kill(this.pid, "SIGINT");
    await this.#program.ends();
    if (this.#program.exitCode !== 130) throw new Error(`record ended with ${this.#program.exitCode}: ${this.output}`);
    return linesOfFile(this.file);
  }

  get output(): string {
    return this.#program.output;
  }
}

/** Since now all locks are recorded. */
export async function startRecording(
  databases: readonly string[],
  folder: string,
  options: readonly string[] = [],
): Promise<Recording> {
  const file = join(folder, `recording-${process.hrtime.bigint()}.jsonl`);
  const asked = ["--literals", "--min-wait", "0ms", "--source", "kernel", ...options];
  const program = startProgram([NODE, BIN, "record", ...databases, ...asked, "-o", file], { env: { NO_COLOR: "1" } });
  const recording = new Recording(program, file);
  await until("the recording has begun", () => {
    if (program.exitCode !== null) throw new Error(`record ended with ${program.exitCode}: ${program.output}`);
    return existsSync(file) && readFileSync(file, "utf8").includes("\n");
  });
  return recording;
}

export function linesOfFile(file: string): RecordingLine[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RecordingLine);
}

export function metaOf(lines: readonly RecordingLine[]): MetaLine {
  const meta = lines[0];
  if (meta?.type !== "meta") throw new Error("a recording begins with its meta line");
  return meta;
}
