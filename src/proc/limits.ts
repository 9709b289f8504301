/** `/proc/PID/limits`: how many files a process may have open. Source: proc_pid_limits(5). */
import { ParseError } from "../errors.ts";
import { type Reading, readText } from "./read.ts";

/** The soft limit; null for unlimited. @throws ParseError */
export function parseOpenFilesLimit(text: string, file = "/proc/PID/limits"): number | null {
  const match = /^Max open files\s+(\d+|unlimited)/m.exec(text);
  if (match?.[1] === undefined) throw new ParseError(file, text);
  return match[1] === "unlimited" ? null : Number(match[1]);
}

export function readOpenFilesLimit(directory: string): Reading<number | null> {
  const reading = readText(`${directory}/limits`);
  return reading.kind === "ok"
    ? { kind: "ok", value: parseOpenFilesLimit(reading.value, `${directory}/limits`) }
    : reading;
}
