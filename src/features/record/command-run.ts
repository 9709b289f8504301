/** The command after `--`: it has the terminal, stdin and stdout, and gets the signals that are sent to sqlock. */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants as fsConstants, readFileSync, statSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { UserError } from "../../errors.ts";
import { atUsualPriority } from "../../priority.ts";
import { listenInstead } from "../signal-listener.ts";

export type Command = readonly [string, ...string[]];

/** @throws UserError where it cannot be found, or not be executed */
export function checkCommand([program]: Command, path = process.env["PATH"] ?? ""): void {
  if (program.includes("/")) {
    refuse(program, problemOf(program));
    return;
  }
  const problems = path.split(delimiter).map((folder) => problemOf(join(folder === "" ? "." : folder, program)));
  // as execvp(3): one that may not be executed is skipped, but reported if there is no other
  if (!problems.includes(null)) refuse(program, problems.find((problem) => problem !== "not-found") ?? "not-found");
}

type Problem = "not-found" | "folder" | "not-executable";

function problemOf(file: string): Problem | null {
  try {
    if (statSync(file).isDirectory()) return "folder";
    accessSync(file, fsConstants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "not-executable" : "not-found";
  }
}

const PROBLEMS = {
  "not-found": ["cannot be found", "check its name, or give its path"],
  folder: ["is a folder", "give the command that should run"],
  "not-executable": ["cannot be executed", "check its permissions (chmod +x), or start it with its interpreter"],
} as const;

function refuse(program: string, problem: Problem | null): void {
  if (problem === null) return;
  const [what, hint] = PROBLEMS[problem];
  throw new UserError("no-command", `the command ${JSON.stringify(program)} ${what}`, hint);
}

/** Passed on. Ctrl-C and the like reach it from the terminal, see {@link comesFromTerminal}. */
const PASSED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

export interface RunningCommand {
  /** Null: it could not be started. */
  readonly pid: number | null;
  /** The exit code of the command; 128 and the number of the signal that ended it. @throws UserError: not started */
  readonly ended: Promise<number>;
  /** The signals are no longer passed on. */
  readonly dismiss: () => void;
}

/** Starts it now. Replaces every other listener of these signals. */
export function runCommand([program, ...args]: Command, env: NodeJS.ProcessEnv): RunningCommand {
  const child: ChildProcess = atUsualPriority(() => spawn(program, args, { stdio: "inherit", env }));
  const pass = (signal: NodeJS.Signals) => {
    if (!comesFromTerminal(signal)) child.kill(signal);
  };
  for (const signal of PASSED) listenInstead(signal, pass);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => {
      const code = (error as NodeJS.ErrnoException).code ?? error.message;
      reject(
        new UserError(
          "no-command",
          `the command ${JSON.stringify(program)} could not be started (${code})`,
          "check that it runs without sqlock",
        ),
      );
    });
    child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]));
  });
  return {
    pid: child.pid ?? null,
    ended,
    dismiss: () => {
      for (const signal of PASSED)
        process.off(signal, pass).once(signal, (caught) => process.exit(128 + constants.signals[caught]));
    },
  };
}

/**
 * The terminal sends these to every process of its foreground group: the command has got them already. Source:
 * termios(3), ISIG.
 */
function comesFromTerminal(signal: NodeJS.Signals): boolean {
  return (signal === "SIGINT" || signal === "SIGQUIT") && isInForeground();
}

function isInForeground(): boolean {
  try {
    return foregroundOf(readFileSync("/proc/self/stat", "utf8"));
  } catch {
    return false;
  }
}

/** Whether the process group is that of its terminal's foreground: pgrp and tpgid of proc_pid_stat(5). Pure. */
export function foregroundOf(stat: string): boolean {
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return group !== undefined && group === foreground;
}
