/**
 * Ends workers when this process ends, whatever ends it (SIGKILL, no memory left): a worker itself does not notice that
 * while SQLite is busy, and would keep its locks. A shell that waits for the end of a pipe needs a tenth of the memory
 * of a thread.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { User } from "../user/user.ts";
import { commandToRemove } from "./remove/command.ts";

/** At the end of its input it kills the process, and becomes the command that follows. */
const SENTINEL = `
read -r word && exit
kill -KILL "$1"
shift
[ $# -eq 0 ] || exec "$@"`;

/**
 * `folder`: removed as well. `user`: who does that, as whom the worker runs; null: the caller. The shell is the
 * caller's own: that user can neither trace nor end it. @returns a function to be called when the worker has ended.
 */
export function watchOver(pid: number, folder: string | null, user: User | null): () => void {
  const shell = startShell(SENTINEL, [String(pid), ...(folder === null ? [] : commandToRemove(folder, user))]);
  return () => {
    shell.stdin?.end("done\n");
  };
}

/** The processes of a guard, in `pids`: cases of what it reads. */
export const PIDS = `
    +) pids="$pids$what " ;;
    -) pids="\${pids%% $what *} \${pids#* $what }" ;;`;

/** Kills them, and waits until they are gone: two seconds at most. */
export const KILL = `
for pid in $pids; do kill -KILL "$pid"; done
tries=0
for pid in $pids; do
  while kill -0 "$pid" && [ "$tries" -lt 40 ]; do sleep 0.05; tries=$((tries + 1)); done
done`;

/**
 * `+ PID` and `- PID` on standard input add and remove a process; any other line dismisses the guard. At the end of the
 * input it kills the processes, waits until they are gone (two seconds at most), runs the command, and removes the
 * folder (five seconds at most).
 */
const GUARD = `
pids=" "
while read -r sign what; do
  case $sign in${PIDS}
    *) exit ;;
  esac
done${KILL}
folder=$1
shift
[ $# -eq 0 ] || "$@"
tries=0
while [ -n "$folder" ] && [ -e "$folder" ] && [ "$tries" -lt 50 ]; do
  rm -rf -- "$folder" || sleep 0.1
  tries=$((tries + 1))
done`;

/** One shell for many processes that start and end. */
export interface Guard {
  readonly add: (pid: number) => void;
  /** The process has ended: its number may soon be reused. */
  readonly remove: (pid: number) => void;
  /** Nothing is left to do. */
  readonly dismiss: () => void;
}

/** If this process is killed: `command` is run, and `folder` removed. */
export function guardOver(folder: string | null, command: readonly string[]): Guard {
  const shell = startShell(GUARD, [folder ?? "", ...command]);
  return {
    add: (pid) => void shell.stdin?.write(`+ ${pid}\n`),
    remove: (pid) => void shell.stdin?.write(`- ${pid}\n`),
    dismiss: () => void shell.stdin?.end("done\n"),
  };
}

/** For this file and guard.ts. */
export function startShell(script: string, args: readonly string[]): ChildProcess {
  const shell = spawn("sh", ["-c", script, "sqlock", ...args], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
  });
  shell.on("error", () => undefined); // without a shell or a free process there is no guard
  shell.stdin?.on("error", () => undefined); // without a free descriptor there is no pipe
  shell.unref();
  return shell;
}
