/** `/proc/PID/cmdline`: the arguments of a process, which it may have rewritten. Source: proc_pid_cmdline(5). */
import { type Reading, readText } from "./read.ts";

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

export function readCommandLine(directory: string): Reading<string[]> {
  const reading = readText(`${directory}/cmdline`);
  return reading.kind === "ok" ? { kind: "ok", value: parseCommandLine(reading.value) } : reading;
}
