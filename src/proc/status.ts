/** `/proc/PID/status`: whose process it is. Source: proc_pid_status(5). */
import { ParseError } from "../errors.ts";
import { type Reading, readText } from "./read.ts";

/** The effective user id. @throws ParseError */
export function parseUid(text: string, file = "/proc/PID/status"): number {
  const match = /^Uid:\t\d+\t(\d+)\t/m.exec(text);
  if (match?.[1] === undefined) throw new ParseError(file, text);
  return Number(match[1]);
}

export function readUid(directory: string): Reading<number> {
  const reading = readText(`${directory}/status`);
  return reading.kind === "ok" ? { kind: "ok", value: parseUid(reading.value, `${directory}/status`) } : reading;
}
