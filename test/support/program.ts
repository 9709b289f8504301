/**
 * Real programs that are no holders of ours: servers, shells at a terminal. What they print is kept, and waited for.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { onTestFinished } from "vitest";
import { until } from "./until.ts";

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A program that runs. */
export class Program {
  /** Of the program itself, also at a terminal. */
  readonly pid: number;
  readonly #child: Child;
  readonly #printed: Printed;

  constructor(pid: number, child: Child, printed: Printed) {
    this.pid = pid;
    this.#child = child;
    this.#printed = printed;
  }

  /** All that it printed so far, on stdout and stderr. */
  get output(): string {
    return this.#printed.text;
  }

  /** Waits until it prints this, after what the last call waited for. */
  async prints(what: RegExp): Promise<RegExpExecArray> {
    return prints(this.#child, this.#printed, what);
  }

  /** As if typed, at a terminal; else a text on stdin. */
  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** The end of its stdin. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /** Null while it runs, and where a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Waits until it has come to its end by itself. */
  async ends(): Promise<void> {
    await until(`the program ends; it printed:\n${this.output}`, () => hasEnded(this.#child));
  }
}

/** Starts a program; it is killed with all that it started when the test ends. */
export function startProgram(command: readonly string[], options: ProgramOptions = {}): Program {
  const { child, printed } = begin(command, options);
  if (child.pid === undefined) throw new Error(`${command[0]} did not start`);
  return new Program(child.pid, child, printed);
}

/** Starts a program at a terminal of its own (by script(1), of Debian's bsdutils). */
export async function startAtTerminal(
  command: readonly string[],
  { env, ...options }: ProgramOptions = {},
): Promise<Program> {
  const { child, printed } = begin(["script", "-q", "-f", "-c", tellingPid(command), "/dev/null"], {
    ...options,
    env: { TERM: "dumb", ...env },
  });
  const [, pid] = await prints(child, printed, TOLD_PID);
  return new Program(Number(pid), child, printed);
}

/** For a shell: the command, which prints the number of its process first. */
export function tellingPid(command: readonly string[]): string {
  return `sh -c 'echo pid=$$; exec "$0" "$@"' ${command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ")}`;
}

export const TOLD_PID = /\bpid=(\d+)\r?\n/;

interface Printed {
  text: string;
  /** Where the part begins that no call has waited for. */
  from: number;
}

function begin(command: readonly string[], { cwd, env }: ProgramOptions): { child: Child; printed: Printed } {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: "pipe",
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const printed: Printed = { text: "", from: 0 };
  const keep = (chunk: Buffer | Error) => {
    printed.text += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  child.stdin.on("error", () => {}); // it may have ended
  child.on("error", keep);
  onTestFinished(async () => {
    if (child.pid === undefined) return;
    const pids = [...descendants(child.pid), child.pid];
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    for (const pid of pids) await until(`${pid} is gone`, () => !isAlive(pid));
  });
  return { child, printed };
}

async function prints(child: Child, printed: Printed, what: RegExp): Promise<RegExpExecArray> {
  try {
    return await until(`the program prints ${what}`, () => {
      const ended = hasEnded(child);
      const found = what.exec(printed.text.slice(printed.from));
      if (found === null && ended) throw new Error(`the program ended without printing ${what}`);
      if (found !== null) printed.from += found.index + found[0].length;
      return found ?? undefined;
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}; it printed:\n${printed.text}`);
  }
}

function hasEnded(child: Child): boolean {
  return (
    (child.exitCode !== null || child.signalCode !== null) && child.stdout.readableEnded && child.stderr.readableEnded
  );
}

/** The children of a process, theirs before themselves. */
export function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  return children.flatMap((child) => [...descendants(child), child]);
}

/** Neither gone nor only waiting for its parent to hear of it. */
function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== "" && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it is gone
  }
}
