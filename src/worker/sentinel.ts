/**
 * Sees to it that a worker does not outlive this process, whatever ends it (SIGKILL, no memory left): the worker itself cannot see it while
 * SQLite is busy, and would hold its read lock. A shell that waits for the end of a pipe costs a tenth of the memory of a thread.
 */
import { spawn } from "node:child_process";

const SCRIPT = 'read -r word || { kill -KILL "$1"; [ -z "$2" ] || rm -rf -- "$2"; }';

/** `folder`: removed as well. @returns what to call when the worker has ended by itself. */
export function watchOver(pid: number, folder: string | null): () => void {
  const shell = spawn("sh", ["-c", SCRIPT, "sqlock", String(pid), folder ?? ""], { stdio: ["pipe", "ignore", "ignore"], detached: true, cwd: "/" });
  shell.on("error", () => undefined); // no shell, no processes left: then without
  shell.stdin.on("error", () => undefined);
  shell.unref();
  return () => {
    shell.stdin.end("done\n");
  };
}
