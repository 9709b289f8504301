/** The error boundary: the one place where an error becomes a line on stderr and an exit code. */
import { runCli } from "./cli/cli.ts";
import { hasNoDescriptor, UserError } from "./errors.ts";
import { writeErr, writeOut } from "./terminal.ts";
import { escapeLines, escapeText } from "./text/escape.ts";

/** Sets `process.exitCode`; never throws. `argv` is without node and script. */
export async function run(argv: readonly string[]): Promise<void> {
  // What was begun is tidied up by listeners of "exit". Not so for SIGHUP, which nohup(1) means to be ignored.
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  try {
    process.exitCode = await runCli(argv, writeOut);
  } catch (error) {
    process.exitCode = error instanceof UserError ? error.exitCode : 2;
    if ((error as NodeJS.ErrnoException).syscall === "uv_cwd")
      writeErr("sqlock: the current folder has been deleted; go to one that is there\n");
    else if (hasNoDescriptor(error))
      writeErr("sqlock: too many open files: no further one is allowed; raise the limit (ulimit -n 1024)\n");
    else if (error instanceof UserError) writeErr(`sqlock: ${escapeText(error.message)}; ${escapeText(error.hint)}\n`);
    else {
      const stack = error instanceof Error ? error.stack : undefined;
      writeErr(`sqlock: this is a bug in sqlock, please report it\n${escapeLines(stack ?? String(error))}\n`);
    }
  }
}
