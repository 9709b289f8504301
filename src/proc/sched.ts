/**
 * `/proc/PID/task/TID/sched`: when a thread last ran. Source: `kernel/sched/debug.c`; the file may be missing
 * (CONFIG_SCHED_DEBUG).
 */
import { ParseError } from "../errors.ts";
import { type Reading, readText } from "./read.ts";

/**
 * `se.exec_start` in milliseconds, on the clock of the CPU on which the thread last ran (each CPU has its own); 0 for a
 * thread that was moved to another CPU and has not run there yet. @throws ParseError
 */
export function parseExecStart(text: string, file = "/proc/PID/sched"): number {
  const match = /^se\.exec_start\s*:\s*(\d+\.\d+)\s*$/m.exec(text);
  if (match?.[1] === undefined) throw new ParseError(file, text);
  return Number(match[1]);
}

export function readExecStart(directory: string): Reading<number> {
  const reading = readText(`${directory}/sched`);
  return reading.kind === "ok" ? { kind: "ok", value: parseExecStart(reading.value, `${directory}/sched`) } : reading;
}
