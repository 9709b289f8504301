/**
 * Sees to it that a worker does not outlive this process, whatever ends it (SIGKILL, no memory left): the worker itself
 * cannot see it while SQLite is busy, and would hold its read lock. A shell that waits for the end of a pipe costs a
 * tenth of the memory of a thread.
 */
import { spawn } from "node:child_process";

const SCRIPT = 'read -r word || { kill -KILL "$1"; [ -z "$2" ] || rm -rf -- "$2"; }';

/** `folder`: removed as well. @returns what to call when the worker has ended by itself. */
export function watchOver(pid: number, folder: string | null): () => void {
  const shell = spawn("sh", ["-c", SCRIPT, "sqlock", String(pid), folder ?? ""], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
  });
  shell.on("error", () => undefined); // no shell, no processes left: then without
  shell.stdin?.on("error", () => undefined); // there is none where no descriptor was left
  shell.unref();
  return () => {
    shell.stdin?.end("done\n");
  };
}

/**
 * Ends all processes that it was told of, waits until they are gone (two seconds at most), runs a command that is left
 * to do, and removes the folder.
 */
const GUARD = `
pids=" "
while read -r sign pid; do
  case $sign in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
    *) exit ;;
  esac
done
for pid in $pids; do kill -KILL "$pid"; done
tries=0
for pid in $pids; do
  while kill -0 "$pid" && [ "$tries" -lt 40 ]; do sleep 0.05; tries=$((tries + 1)); done
done
folder=$1
shift
[ $# -eq 0 ] || "$@"
tries=0
while [ -n "$folder" ] && [ -e "$folder" ] && [ "$tries" -lt 50 ]; do
  rm -rf -- "$folder" || sleep 0.1
  tries=$((tries + 1))
done`;

/** Over many processes that come and go: one shell for all. */
export interface Guard {
  readonly add: (pid: number) => void;
  /** It has ended: its number may soon be another's. */
  readonly remove: (pid: number) => void;
  /** All has ended well. */
  readonly dismiss: () => void;
}

/** `folder`: removed, and `command` run, should this process be killed. */
export function guardOver(folder: string | null, command: readonly string[]): Guard {
  const shell = spawn("sh", ["-c", GUARD, "sqlock", folder ?? "", ...command], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
  });
  shell.on("error", () => undefined); // no shell, no processes left: then without
  shell.stdin?.on("error", () => undefined); // there is none where no descriptor was left
  shell.unref();
  return {
    add: (pid) => void shell.stdin?.write(`+ ${pid}\n`),
    remove: (pid) => void shell.stdin?.write(`- ${pid}\n`),
    dismiss: () => void shell.stdin?.end("done\n"),
  };
}
