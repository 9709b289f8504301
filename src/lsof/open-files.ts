/** Runs lsof: all open files of all processes that it can see. */
import { execa } from "execa";
import { UserError } from "../errors.ts";
import { FIELDS, type LsofProcess, parseLsof } from "./fields.ts";

/** How long lsof may take, in ms. With 1,000 processes of 100 files it takes some seconds. */
const MOST_MS = 30_000;

/**
 * For one question about a file, in s: the least that lsof accepts. It gives up then, but waits for its child that
 * asks, and that one may wait for a dead mount.
 */
const FOR_ONE_FILE_S = 2;

/** From then on until the end of its output, in ms. */
const LET_GO_MS = 500;

const MOST_OUTPUT_BYTES = 1 << 30;

/**
 * No names of hosts, ports and services (-n -P); warnings (+w), without which lsof leaves out the processes that are
 * closed to it; the whole command (+c 0); the number of links (+L). Not the names of the databases: lsof would leave
 * out the deleted ones, and those that go by other names.
 */
const ARGUMENTS = ["-n", "-P", "+w", "-S", String(FOR_ONE_FILE_S), "+c", "0", "+L", "-F", `${FIELDS}0`];

/** Where lsof may be that the PATH of a service or of cron leaves out. */
const PLACES = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/usr/pkg/sbin"];

/**
 * Without lsof itself. `exempt`: mount points whose files it does not ask, for it might wait for ever (Linux);
 * `mostMs`: how long it may take.
 * @throws UserError where it is not installed, does not finish or says nothing.
 */
export async function listOpenFiles(exempt: readonly string[] = [], mostMs = MOST_MS): Promise<LsofProcess[]> {
  const run = execa("lsof", [...ARGUMENTS, ...exempt.flatMap((point) => ["-e", point])], {
    reject: false,
    stdin: "ignore",
    encoding: "latin1",
    stripFinalNewline: false,
    timeout: mostMs,
    killSignal: "SIGKILL",
    maxBuffer: MOST_OUTPUT_BYTES,
    env: { LC_ALL: "C", PATH: [process.env["PATH"] ?? "", ...PLACES].filter((each) => each !== "").join(":") },
  });
  const limit = setTimeout(() => {
    for (const pipe of [run.stdout, run.stderr]) pipe.destroy(); // a child of lsof's may keep them
  }, mostMs + LET_GO_MS);
  const result = await run; // lsof's exit code is 1 as soon as it could not look at something
  clearTimeout(limit);
  if (result.code === "ENOENT")
    throw new UserError(
      "no-lsof",
      "lsof is not installed, and it is what says who has the files open",
      process.platform === "linux"
        ? "install it (apt install lsof), or leave --source out"
        : "install it (pkg install lsof, or your system's way), and try again",
    );
  if (result.timedOut)
    throw new UserError(
      "not-responding",
      `lsof has not finished in ${mostMs / 1000} s`,
      "see whether a network mount is dead (lsof waits for it), then try again",
    );
  const { processes, problems } = parseLsof(result.stdout);
  if (processes.length === 0) {
    const said =
      problems[0]?.message ?? (result.stderr.trim().split("\n")[0] || result.shortMessage || "it printed nothing");
    throw new UserError(
      "lsof-failed",
      `lsof did not list any process: ${said}`,
      "try lsof -n -P by hand to see what it lacks",
    );
  }
  return processes.filter(({ pid, parentPid }) => pid !== run.pid && parentPid !== run.pid);
}
