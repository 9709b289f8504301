/**
 * Starts a worker with a limit for its memory: the schema of a database can ask for as much as SQLite gives, a gigabyte
 * for each value. better-sqlite3 is built without memory statistics, so that PRAGMA hard_heap_limit does nothing.
 */
import { type ChildProcess, fork, type StdioOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { ownSession } from "../user/as-user.ts";

/** Of its private memory. A check has some 150 MB of it; beyond the limit SQLite says SQLITE_NOMEM. */
export const MAX_MEMORY_BYTES = 2 ** 30;

const SHELL = "/bin/sh";

/** RLIMIT_DATA, getrlimit(2). A limit below it stays. */
const LIMITED = 'ulimit -d "$1" 2>/dev/null; shift; exec "$@"';

/** With a channel for messages, and its stderr. Without a shell (a container with Node.js alone) there is no limit. */
export function startLimited(script: string): ChildProcess {
  const stdio: StdioOptions = ["ignore", "ignore", "pipe", "ipc"];
  const options = { stdio, serialization: "advanced", cwd: "/", ...ownSession() } as const;
  if (!existsSync(SHELL)) return fork(script, { ...options, execArgv: [] });
  const kib = String(MAX_MEMORY_BYTES / 1024);
  return spawn(SHELL, ["-c", LIMITED, "sqlock", kib, process.execPath, script], options);
}
