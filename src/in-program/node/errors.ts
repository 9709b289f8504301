/** Errors on their way to the program: the tracer's own frame is taken out of their stacks. */
import type { AnyFunction } from "./replace.ts";

/** Errors that an inner call of the tracer had already: their stacks may have frames of the program further in. */
const seen = new WeakSet<object>();

/**
 * For an error that the library made in this call. Its stack is taken once more, from the caller of `above` on.
 * Thrown with a text on the same line that keeps Node.js from printing that line, and its file, as the error's place.
 */
export function withoutFrame(error: unknown, above: AnyFunction, _mark: string): unknown {
  try {
    if (isFresh(error)) Error.captureStackTrace(error, above);
  } catch {
    // it keeps its stack
  }
  return error;
}

/**
 * For an error that may come from a function of the program which the library called: where the tracer's frame is not
 * the innermost, only that line is taken out.
 */
export function withoutLine(error: unknown, above: AnyFunction, _mark: string): unknown {
  try {
    const isNew = isFresh(error);
    if (!(error instanceof Error) || typeof error.stack !== "string") return error;
    const lines = error.stack.split("\n");
    const first = lines.find((line) => /^\s+at /.test(line));
    if (isNew && first?.includes(__filename) === true) Error.captureStackTrace(error, above);
    else if (error.stack.includes(__filename)) {
      error.stack = lines.filter((line) => !line.includes(__filename)).join("\n");
    }
  } catch {
    // it keeps its stack
  }
  return error;
}

function isFresh(error: unknown): error is Error {
  if (!(error instanceof Error) || seen.has(error)) return false;
  seen.add(error);
  return Object.isExtensible(error);
}
