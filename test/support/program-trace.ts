/** What the tracer inside of a program writes: a program is run with it, and its messages are read from the pipe. */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "./temp.ts";

const PACKAGE = join(import.meta.dirname, "../..");
export const PYTHON_TRACER = join(PACKAGE, "dist/in-program/python");
export const NODE_TRACER = join(PACKAGE, "dist/in-program/node.cjs");

export type Message = readonly [type: string, pid: number, seq: number, ...rest: unknown[]];

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface TracedRun extends Ended {
  readonly messages: readonly Message[];
}

export interface TracedOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Nobody reads the pipe until the program has ended. */
  readonly isSlow?: boolean;
}

/** Runs a program to its end, with both tracers in its environment. */
export async function runTraced(
  command: readonly [string, ...string[]],
  options: TracedOptions = {},
): Promise<TracedRun> {
  const messages: Message[] = [];
  const ended = await streamTraced(command, (line) => messages.push(JSON.parse(line.toString()) as Message), options);
  return { ...ended, messages };
}

/** The same for a program that writes a lot: each line is given as soon as it is read, with its line feed. */
export async function streamTraced(
  command: readonly [string, ...string[]],
  take: (line: Buffer) => void,
  options: TracedOptions = {},
): Promise<Ended> {
  const folder = tempFolder();
  const events = join(folder, "events");
  execFileSync("mkfifo", ["-m", "600", events]);
  const fd = openSync(events, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const [program, ...args] = command;
    const { cwd, env = process.env, input = "", isSlow = false } = options;
    const child = spawn(program, args, { cwd, env: tracedEnvironment(env, folder), stdio: "pipe" });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => err.push(data));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const lines = new Lines(take);
    const timer = isSlow ? undefined : setInterval(() => drain(fd, lines), 5);
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit, by) => resolve([exit, by]));
    }).finally(() => clearInterval(timer));
    drain(fd, lines);
    lines.end();
    return { stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), code, signal };
  } finally {
    closeSync(fd);
  }
}

/** Cuts what is read into lines. */
class Lines {
  readonly #take: (line: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(take: (line: Buffer) => void) {
    this.#take = take;
  }

  push(data: Buffer): void {
    const all = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    let from = 0;
    for (let at = all.indexOf(10); at !== -1; at = all.indexOf(10, from)) {
      this.#take(all.subarray(from, at + 1));
      from = at + 1;
    }
    this.#rest = all.subarray(from);
  }

  /** @throws Error where the last line is not a whole one. */
  end(): void {
    if (this.#rest.length > 0) throw new Error(`half a line: ${this.#rest}`);
  }
}

function tracedEnvironment(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const { PYTHONPATH: path = "", NODE_OPTIONS: options = "" } = env;
  return {
    ...env,
    SQLOCK_TRACE: folder,
    PYTHONPATH: path === "" ? PYTHON_TRACER : `${PYTHON_TRACER}:${path}`,
    NODE_OPTIONS: `--require ${JSON.stringify(NODE_TRACER)} ${options}`.trim(),
  };
}

function drain(fd: number, into: Lines): void {
  for (;;) {
    const buffer = Buffer.alloc(65_536);
    try {
      const length = readSync(fd, buffer);
      if (length === 0) return;
      into.push(buffer.subarray(0, length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return;
      throw error;
    }
  }
}
