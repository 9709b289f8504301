/** Runs lsof: the open files of all processes that it can see. */
import { execa } from "execa";
import { UserError } from "../errors.ts";
import { FIELDS, type LsofProcess, parseLsof } from "./fields.ts";

/** With 1,000 processes of 100 files lsof takes some seconds. */
const TIMEOUT_MS = 30_000;

/**
 * The shortest time limit that lsof accepts for a system call on one file. It then gives the file up, but still waits
 * for the child that makes the call, and the child may wait for a dead mount.
 */
const FILE_TIMEOUT_S = 2;

/** After the time limit, how long until its output is closed: a child of lsof may keep the pipes open. */
const CLOSE_OUTPUT_AFTER_MS = 500;

const MAX_OUTPUT_BYTES = 1 << 30;

/**
 * No names of hosts, ports and services (-n -P); warnings (+w), without which lsof leaves out processes that it may not
 * read; the whole command (+c 0); the number of links (+L). The databases are not named: lsof would leave out deleted
 * ones, and those opened under other names.
 */
const ARGUMENTS = ["-n", "-P", "+w", "-S", String(FILE_TIMEOUT_S), "+c", "0", "+L", "-F", `${FIELDS}0`];

/** Folders of lsof that the PATH of a service or of cron may lack. */
const FOLDERS = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/usr/pkg/sbin"];

/**
 * Without the process of lsof itself. `skippedMounts`: mount points on whose files lsof makes no system calls, since
 * they may never return (Linux).
 * @throws UserError where lsof is not installed, does not finish or lists nothing.
 */
export async function listOpenFiles(
  skippedMounts: readonly string[] = [],
  timeoutMs = TIMEOUT_MS,
): Promise<LsofProcess[]> {
  const run = execa("lsof", [...ARGUMENTS, ...skippedMounts.flatMap((point) => ["-e", point])], {
    reject: false,
    stdin: "ignore",
    encoding: "latin1",
    stripFinalNewline: false,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT_BYTES,
    env: { LC_ALL: "C", PATH: [process.env["PATH"] ?? "", ...FOLDERS].filter((each) => each !== "").join(":") },
  });
  const limit = setTimeout(() => {
    for (const pipe of [run.stdout, run.stderr]) pipe.destroy();
  }, timeoutMs + CLOSE_OUTPUT_AFTER_MS);
  const result = await run; // its exit code is 1 as soon as something could not be read
  clearTimeout(limit);
  if (result.code === "ENOENT")
    throw new UserError(
      "no-lsof",
      "lsof is not installed: without it, who has the files open cannot be seen",
      process.platform === "linux"
        ? "install it (apt install lsof), or leave --source out"
        : "install it (pkg install lsof, or your system's way), and try again",
    );
  if (result.timedOut)
    throw new UserError(
      "not-responding",
      `lsof has not finished in ${timeoutMs / 1000} s`,
      "see whether a network mount is dead (lsof waits for it), then try again",
    );
  const { processes, problems } = parseLsof(result.stdout);
  if (processes.length === 0) {
    const detail =
      problems[0]?.message ?? (result.stderr.trim().split("\n")[0] || result.shortMessage || "it printed nothing");
    throw new UserError(
      "lsof-failed",
      `lsof did not list any process: ${detail}`,
      "run lsof -n -P yourself to see what is wrong",
    );
  }
  return processes.filter(({ pid, parentPid }) => pid !== run.pid && parentPid !== run.pid);
}
