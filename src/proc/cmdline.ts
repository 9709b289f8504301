/** `/proc/PID/cmdline`: the arguments of a process, which it may have rewritten. Source: proc_pid_cmdline(5). */
import { type Reading, readTextStart } from "./read.ts";

/**
 * Each argument ends with NUL, empty ones too. A program that has rewritten its title leaves it padded with NULs: two
 * or more empty arguments at the end are dropped for that reason. [] for a kernel thread or a zombie.
 */
export function parseCommandLine(text: string): string[] {
  if (text === "") return [];
  const args = (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
  const last = args.findLastIndex((arg) => arg !== "");
  return args.length - 1 - last >= 2 ? args.slice(0, last + 1) : args;
}

/** A command line may have megabytes, in each of thousands of processes: what comes after so many bytes is left out. */
const MAX_BYTES = 1 << 15;

export function readCommandLine(directory: string): Reading<string[]> {
  const reading = readTextStart(`${directory}/cmdline`, MAX_BYTES);
  return reading.kind === "ok" ? { kind: "ok", value: parseCommandLine(reading.value) } : reading;
}
