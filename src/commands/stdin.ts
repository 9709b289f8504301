/** The text on standard input, line by line, whatever its length. */
import { fstatSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { Line, Lines } from "../features/explain/lines.ts";
import { writeErr } from "../terminal.ts";

/** Node.js reads a folder as an empty file. */
function refuseFolder(): void {
  if (fstatSync(0).isDirectory()) throw new UserError("cannot-read", "standard input is a folder", HINT);
}

const HINT = "pipe the text in: ... 2>&1 | sqlock explain";

/** After this time without input, a line says that sqlock waits for it: the user may not know. */
const SILENCE_MS = 3000;

/** @throws UserError when it cannot be read. */
export async function readStdin(lines: Lines, onLine: (line: Line) => void): Promise<void> {
  refuseFolder();
  const silence = setTimeout(
    () => writeErr("sqlock: waiting for text on standard input (Ctrl-D ends it)\n"),
    SILENCE_MS,
  );
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      clearTimeout(silence);
      for (const line of lines.push(chunk)) onLine(line);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError("cannot-read", `standard input cannot be read (${code})`, HINT);
  } finally {
    clearTimeout(silence);
  }
  for (const line of lines.end()) onLine(line);
}
