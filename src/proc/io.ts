/** `/proc/PID/io` and `/proc/PID/task/TID/io`: how much was read and written so far. Source: proc_pid_io(5). */
import { ParseError } from "../errors.ts";
import { type Reading, readText } from "./read.ts";

/** The sum of the characters and the system calls: it grows with every read(2) and write(2). @throws ParseError */
export function parseIo(text: string, file = "/proc/PID/io"): bigint {
  let sum = 0n;
  let fields = 0;
  for (const match of text.matchAll(/^(?:rchar|wchar|syscr|syscw): (\d+)$/gm)) {
    sum += BigInt(match[1] ?? 0);
    fields++;
  }
  if (fields !== 4) throw new ParseError(file, text);
  return sum;
}

export function readIo(directory: string): Reading<bigint> {
  const reading = readText(`${directory}/io`);
  return reading.kind === "ok" ? { kind: "ok", value: parseIo(reading.value, `${directory}/io`) } : reading;
}
