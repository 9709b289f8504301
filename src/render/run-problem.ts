/** What became of the command of --run, in one line. Pure. */
import type { CommandProblem } from "../features/alert/commands.ts";
import { escapeText } from "../text/escape.ts";

/** `subject`: what it was run for; escaped. */
export function runProblemText(subject: string, problem: CommandProblem): string {
  const command = `--run for ${subject}`;
  switch (problem.kind) {
    case "exit":
      return `${command} failed with exit code ${problem.code}${exitHint(problem.code)}`;
    case "signal":
      return `${command} was ended by ${problem.signal}`;
    case "not-started":
      return `${command} could not be started: ${escapeText(problem.message)}`;
    case "not-run":
      return `${command} was skipped: ${NOT_RUN[problem.because]}`;
    case "left-running":
      return `${command} is still running, as process ${problem.pid}; it was not ended`;
  }
}

const NOT_RUN = {
  released: "the lock was released while the previous command was running",
  ended: "the previous command was still running at the end",
  "too-many": "too many commands of this database are waiting for the previous one",
} as const;

/** Source: POSIX, sh, "Exit Status". */
function exitHint(code: number): string {
  if (code === 127) return " (command not found)";
  return code === 126 ? " (not executable)" : "";
}
