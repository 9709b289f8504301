/** What the tracer inside of a program writes: a program is run with it, and its messages are read from the pipe. */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "./temp.ts";

const PACKAGE = join(import.meta.dirname, "../..");
export const PYTHON_TRACER = join(PACKAGE, "dist/in-program/python");
export const NODE_TRACER = join(PACKAGE, "dist/in-program/node.cjs");

export type Message = readonly [type: string, pid: number, seq: number, ...rest: unknown[]];

export interface TracedRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
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
  const folder = tempFolder();
  const events = join(folder, "events");
  execFileSync("mkfifo", ["-m", "600", events]);
  const fd = openSync(events, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const [program, ...args] = command;
    const { cwd, env = process.env, input = "", isSlow = false } = options;
    const child = spawn(program, args, { cwd, env: tracedEnvironment(env, folder), stdio: "pipe" });
    const [out, err, pipe]: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => err.push(data));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const timer = isSlow ? undefined : setInterval(() => drain(fd, pipe), 5);
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit, by) => resolve([exit, by]));
    });
    clearInterval(timer);
    drain(fd, pipe);
    const lines = Buffer.concat(pipe).toString().split("\n").slice(0, -1);
    return {
      ...{ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), code, signal },
      messages: lines.map((line) => JSON.parse(line) as Message),
    };
  } finally {
    closeSync(fd);
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

function drain(fd: number, into: Buffer[]): void {
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
