/**
 * A process that holds what it is told to, and says when it does: for tests (holder.ts) and for the scripts that show
 * real output.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ROOT } from "./root.ts";

export const HOLD = join(ROOT, "test/support/hold.py");

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A Python process that does what it is told, line by line. */
export class Holder {
  readonly pid: number;
  readonly #child: Child;
  readonly #lines: AsyncIterator<string>;

  constructor(child: Child, lines: Interface) {
    if (child.pid === undefined) throw new Error("the holder did not start");
    this.pid = child.pid;
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Neither gone nor only waiting for its parent to hear of it. */
  get runs(): boolean {
    try {
      return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${this.pid}/status`, "utf8"));
    } catch {
      return false;
    }
  }

  /** Runs Python and waits until it is done; what the text assigns to `answer` comes back. */
  async run(python: string): Promise<unknown> {
    this.begin(python);
    return this.answer();
  }

  /** Runs Python that blocks: `answer()` waits for its end. */
  begin(python: string): void {
    this.#child.stdin.write(`${JSON.stringify(python)}\n`);
  }

  async answer(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("the holder ended");
    const answer = JSON.parse(line.value) as { ok?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.ok;
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Kills it and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

export interface HolderOptions {
  readonly cwd?: string;
  readonly uid?: number;
  /** What to start Python through: `["unshare", "-m"]`. The pid is then that program's unless it calls exec. */
  readonly through?: readonly string[];
  readonly argv0?: string;
  /** Copied or linked to hold.py, under a name of its own: it shows in the command line. */
  readonly script?: string;
  readonly args?: readonly string[];
  /**
   * Started as `python3`, from the PATH, without options: its command line is one that people know. In tests that is
   * the binary itself (environment.ts); others put a link to pythonPath() into the PATH.
   */
  readonly plain?: boolean;
}

/** Starts a Python process. `-S`: nothing of the machine's Python set-up runs in it. Whoever starts it ends it. */
export async function spawnHolder(options: HolderOptions = {}): Promise<Holder> {
  const python = options.uid === undefined ? pythonPath() : pythonOf(options.uid);
  const interpreter = options.plain === true ? ["python3"] : [python, "-S"];
  const [program = "", ...args] = [
    ...(options.through ?? []),
    ...interpreter,
    options.script ?? HOLD,
    ...(options.args ?? []),
  ];
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "inherit"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    ...(options.argv0 === undefined ? {} : { argv0: options.argv0 }),
  });
  const holder = new Holder(child, createInterface({ input: child.stdout }));
  await holder.run("answer = os.getpid()");
  return holder;
}

let python: string | undefined;

/**
 * The Python binary itself. `python3` of a version manager (pyenv, asdf) is a shell script: it looks at its own name,
 * which `argv0` changes, and it waits for children before it becomes Python, which idle times must not depend on.
 */
export function pythonPath(): string {
  python ??= process.env["SQLOCK_TEST_PYTHON"] ?? realPython();
  return python;
}

const pythons = new Map<number, string>();

/** The first Python that this user may run. */
export function pythonOf(uid: number): string {
  const found = pythons.get(uid) ?? firstPythonOf(uid);
  pythons.set(uid, found);
  return found;
}

function firstPythonOf(uid: number): string {
  const { execFileSync } = process.getBuiltinModule("node:child_process");
  const first =
    'for p in "$0" /usr/bin/python3 /usr/local/bin/python3; do ' +
    '"$p" -c "import sqlite3" 2> /dev/null && echo "$p" && break; done';
  return execFileSync("sh", ["-c", first, pythonPath()], { encoding: "utf8", uid, gid: uid }).trim();
}

function realPython(): string {
  const { execFileSync } = process.getBuiltinModule("node:child_process");
  return execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
}
