/** The first bytes of a program, found as execvp(3) finds it. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { delimiter, join } from "node:path";

const BYTES = 4096;

export function fileStart(program: string, path: string): Buffer | null {
  if (program.includes("/")) return startOf(program);
  for (const folder of path.split(delimiter)) {
    const start = startOf(join(folder === "" ? "." : folder, program));
    if (start !== null) return start;
  }
  return null;
}

/** Null also for what is no file: reading a pipe would wait. */
function startOf(path: string): Buffer | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (!fstatSync(fd).isFile()) return null;
    const buffer = Buffer.alloc(BYTES);
    return buffer.subarray(0, readSync(fd, buffer, 0, BYTES, 0));
  } catch {
    return null;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
