/** What went wrong beside the recording, in one line each. Pure. */
import type { CommandProblem } from "../../features/alert/commands.ts";
import type { WriteProblem } from "../../features/record/output-file.ts";
import { escapeText } from "../../text/escape.ts";
import { NOT_RUN } from "../watch/alert.ts";

const CAUSES: Readonly<Record<string, string | undefined>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EFBIG: "the file may not become larger",
  EIO: "the disk reports an error",
  EROFS: "the file system is read-only now",
  ESTALE: "the file system has lost it",
};

export function writeProblemText({ path, code, bytes }: WriteProblem): string {
  const what = bytes === 0 ? "nothing is in it" : "it is complete up to here";
  return `${escapeText(path)} is no longer written: ${CAUSES[code] ?? code}; ${what}, and the recording goes on`;
}

/** At the end. */
export function incompleteText({ path, code, bytes }: WriteProblem): string {
  const what = bytes === 0 ? "has nothing of it" : "has its beginning";
  return `${escapeText(path)} ${what} (${CAUSES[code] ?? code})`;
}

export function hookProblemText(pid: number, problem: CommandProblem): string {
  const command = `--run for the wait of process ${pid}`;
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

/** Source: POSIX, sh, "Exit Status". */
function exitHint(code: number): string {
  if (code === 127) return " (command not found)";
  return code === 126 ? " (not executable)" : "";
}
