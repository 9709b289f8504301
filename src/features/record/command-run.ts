/** The command after `--`: it has the terminal, stdin and stdout, and gets the signals that are sent to sqlock. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { UserError } from "../../errors.ts";
import { atUsualPriority } from "../../priority.ts";
import { listenInstead } from "../signal-listener.ts";
import type { Command } from "./command-check.ts";

/** What is executed: the command itself, or a program that becomes it. */
export interface Start {
  readonly command: Command;
  readonly env: NodeJS.ProcessEnv;
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
export function runCommand([program]: Command, { command, env }: Start): RunningCommand {
  const [file, ...args] = command;
  const child: ChildProcess = atUsualPriority(() => spawn(file, args, { stdio: "inherit", env }));
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
